"""Every field of every form, wrong in turn: the answer names the field, says three things, and nothing is written.

The cases are made from the routes' own Structs, so that a new field is covered by itself.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from identity.roles import Role
from tests.web.conftest import Caller
from tests.web.every_call import POLICIES, some
from tests.web.fakes import House
from web.pages import TEMPLATES
from web.parsing import SECRET_FIELDS
from web.policy import Policy
from web.wrong_field import refusal_of


@dataclass(frozen=True)
class Wrong:
    """One route with one field wrong."""

    policy: Policy
    field: str
    how: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.policy.method} {self.policy.path} {self.field} {self.how}"


def wrongs() -> Iterator[Wrong]:
    """Each field left out where it must be there, of another kind, too long, too small, and one that nobody knows."""
    for policy in POLICIES:
        if not (isinstance(policy.body, type) and issubclass(policy.body, msgspec.Struct)):
            continue
        if policy.path.startswith("/csc/"):  # answers as the CSC API words it: test_csc.py
            continue
        described = inspect.type_info(policy.body)
        assert isinstance(described, inspect.StructType)
        right = {one.encode_name: some(one.type) for one in described.fields if one.required}
        for one in described.fields:
            name = one.encode_name
            if one.required:
                yield Wrong(policy, name, "left out", {key: value for key, value in right.items() if key != name})
            for how, value in spoilt(one.type):
                yield Wrong(policy, name, how, right | {name: value})


def spoilt(kind: inspect.Type) -> Iterator[tuple[str, Any]]:
    """Values that a field of this kind must not take."""
    if isinstance(kind, inspect.StrType):
        return _spoilt_text(kind)
    if isinstance(kind, inspect.IntType):
        return _spoilt_number(kind)
    if isinstance(kind, inspect.DateTimeType):
        return iter([("no time", "昨天")])
    if isinstance(kind, inspect.LiteralType | inspect.EnumType):
        return iter([("no choice", "none of these")])
    if isinstance(kind, inspect.StructType):
        return iter([("of another kind", "text")])
    return iter([] if isinstance(kind, inspect.DictType | inspect.AnyType) else [("of another kind", {"no": "such"})])


def _spoilt_text(kind: inspect.StrType) -> Iterator[tuple[str, Any]]:
    yield "of another kind", [[]]
    if kind.min_length:
        yield "empty", ""
    if kind.max_length is not None:
        yield "too long", "长" * (kind.max_length + 1)
    if kind.pattern:
        yield "misspelt", "\u3000"


def _spoilt_number(kind: inspect.IntType) -> Iterator[tuple[str, Any]]:
    yield "no number", "五"
    if kind.ge is not None:
        yield "too small", kind.ge - 1
    if kind.le is not None:
        yield "too large", kind.le + 1


WRONGS = {wrong.name: wrong for wrong in wrongs()}


def test_the_routes_are_many_and_each_kind_of_field_is_among_them() -> None:
    assert len({(wrong.policy.method, wrong.policy.path) for wrong in WRONGS.values()}) >= 58
    assert {wrong.how for wrong in WRONGS.values()} >= {"left out", "empty", "too long", "no number", "no time"}


async def test_each_field_wrong_in_turn_is_named_and_nothing_is_written(
    everybody: dict[str, Caller], house: House
) -> None:
    unnamed, before = [], written(house)
    for wrong in WRONGS.values():
        answer = await sent(wrong, everybody)
        told = json.loads(await answer.read())
        if not told["code"].startswith("request.field_") or told["field"] != wrong.field:
            unnamed.append(f"{wrong.name}: {answer.status} {told['code']} {told['field']}")
        assert all(told[part] for part in ("what", "safe", "do")), wrong.name
    assert not unnamed, "\n".join(unnamed)
    assert written(house) == before


def written(house: House) -> dict[Any, Any]:
    """Everything that lies on the shelves."""
    return {key: dict(shelf.items()) for key, shelf in house.store.shelves.items() if dict(shelf.items())}


async def sent(wrong: Wrong, everybody: dict[str, Caller]) -> Any:  # noqa: ANN401 - an answer
    path = wrong.policy.path
    for part in ("case", "number"):
        path = path.replace(f"{{{part}}}", "E-1")
    path = "/".join("1" if part.startswith("{") else part for part in path.split("/"))
    who = wrong.policy.who
    role = next(iter(sorted(who.roles)), Role.MEMBER)
    caller = everybody[role]
    headers = caller.headers({"Content-Type": "application/json"})
    if who.bearer and not who.roles:
        headers |= {"Authorization": "Bearer provider-token"}
    body = json.dumps(wrong.body, default=str).encode()
    return await caller.client.request(wrong.policy.method, path, data=body, headers=headers, allow_redirects=False)


@pytest.mark.parametrize(
    ("said", "code", "field", "limit"),
    [
        ("Object missing required field `reason`", "request.field_missing", "reason", ""),
        ("Expected `str` of length >= 1 - at `$.reason`", "request.field_missing", "reason", ""),
        ("Expected `str` of length <= 200 - at `$.title`", "request.field_too_long", "title", "200"),
        ("Expected `int` >= 1 - at `$.quotas[...].count`", "request.field_out_of_range", "quotas", ">= 1"),
        ("Expected `int`, got `str` - at `$.count`", "request.field_no_number", "count", ""),
        ("Invalid RFC3339 encoded datetime - at `$.at`", "request.field_no_time", "at", ""),
        ("Invalid enum value 'x' - at `$.answer`", "request.field_no_choice", "answer", ""),
        ("Expected `str` matching regex '^[0-9]{6}$' - at `$.ticket`", "request.field_misspelt", "ticket", ""),
        ("Object contains unknown field `no`", "request.unreadable", "", ""),
    ],
)
def test_what_is_said_of_a_field_becomes_the_refusal_of_that_field(
    said: str, code: str, field: str, limit: str
) -> None:
    refusal = refusal_of(said)
    assert (refusal.code, refusal.field, refusal.fills["limit"]) == (code, field, limit)


async def test_a_form_that_comes_back_holds_what_was_typed(person: Caller, house: House) -> None:
    await person.log_in("agent")
    page = await (await person.get("/")).text()
    token = page.split('name="csrf" value="')[1].split('"')[0]
    typed = {"csrf": token, "experts": "4", "representatives": "viele", "start": "2026-11-27T09:00:00+08:00"}
    house.store.cases.clear()
    answer = await person.post("/cases/E-1/application", typed)
    text = await answer.text()
    assert answer.status == 400
    told = json.loads(text.split('id="typed">')[1].split("</script>")[0])
    assert told["action"] == "/cases/E-1/application"
    assert told["fields"]["experts"] == ["4"]
    assert "csrf" not in told["fields"]


def test_what_is_typed_unseen_is_a_secret_field() -> None:
    secret = re.compile(r"""(?:field|entry)\("(\w+)",[^\n]*type="password"|name="(\w+)" type="password\"""")
    names = [name for page in TEMPLATES.glob("*.html") for pair in secret.findall(page.read_text()) for name in pair]
    assert set(filter(None, names)) == SECRET_FIELDS - {"csrf", "security_key"}  # these are hidden fields
    unseen = sum(page.read_text().count('type="password"') for page in TEMPLATES.glob("*.html"))
    assert len(list(filter(None, names))) == unseen


def test_times_are_read_as_such() -> None:
    assert some(inspect.type_info(datetime)) == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

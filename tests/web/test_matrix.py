"""Role by route by object: who is let in is what the table in `docs/protocol.md` says, and nobody else.

The table is read from the document, as a person reads it; the routes' own policies are not asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from identity.roles import AT_A_SEAT, Role
from tests.house.tree import ROOT
from tests.web.conftest import Caller
from tests.web.fakes import House

ROW = re.compile(r"\| `([A-Z]+) (\S+)` \| ([^|]+) \|")
NOT_SIGNED_IN = frozenset({"session.over", "seat.not_paired", "token.refused"})
NOT_THIS_ROLE = frozenset({"request.not_allowed", "seat.not_paired"})
# The same as of a page that does not exist: whether there is such a case is not said.
NOT_THIS_CASE = "request.no_such_page"
LAST = "/logout"


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    method: str
    path: str
    who: str

    @property
    def is_open(self) -> bool:
        """Whether nobody needs to be signed in."""
        return self.who.startswith("anybody")

    @property
    def is_for_programs(self) -> bool:
        """Whether an access token is asked for."""
        return "by access token" in self.who

    @property
    def roles(self) -> frozenset[str]:
        """The roles it names."""
        return frozenset(re.split(r", ", self.who.removesuffix(", at a paired seat")))

    def on(self, case: str, purpose: str) -> str:
        """The address, of an object of this case and of something that the caller signs."""
        path = self.path.replace("{case}", case).replace("{purpose}", purpose)
        return "/".join("1" if "{" in part else part for part in path.split("/"))


def rows() -> Iterator[Row]:
    text = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8").partition("<!-- routes -->")[2]
    for method, path, who in ROW.findall(text):
        yield Row(method, path, who.strip())


ROWS = sorted(rows(), key=lambda row: row.path == LAST)


async def code_of(caller: Caller, row: Row, case: str = "E-1") -> str:
    """How the call is refused; "" where it is not."""
    purpose = "pledge" if "__Host-seat" in caller.cookies else "statement"
    body = None if row.method == "GET" else b"{}"
    headers = caller.headers({"Content-Type": "application/json"} if body else {})
    path = row.on(case, purpose)
    answer = await caller.client.request(row.method, path, data=body, headers=headers, allow_redirects=False)
    if answer.status < 400 or "json" not in answer.content_type:
        return ""
    told = await answer.json()
    # The CSC API has words of its own for a token that is missing or unknown.
    return "token.refused" if told.get("error") == "invalid_token" else str(told.get("code", ""))


def test_the_table_has_every_role_and_many_routes() -> None:
    assert len(ROWS) > 120
    named = set().union(*(row.roles for row in ROWS if not row.is_open and not row.is_for_programs))
    assert named == {role.value for role in Role} - {"party"} | (named & {"party"})


@pytest.mark.parametrize("role", [role.value for role in Role])
async def test_a_role_is_let_in_where_the_table_says_so_and_nowhere_else(
    everybody: dict[str, Caller], role: str
) -> None:
    wrong = []
    for row in ROWS:
        if row.is_open or row.is_for_programs:
            continue
        code = await code_of(everybody[role], row)
        if (code not in NOT_THIS_ROLE | NOT_SIGNED_IN) is not (role in row.roles):
            wrong.append(f"{row.method} {row.path}: {role} gets {code or 'in'}")
    assert not wrong, "\n".join(wrong)


async def test_a_stranger_is_let_in_nowhere_but_where_anybody_is(everybody: dict[str, Caller]) -> None:
    stranger = Caller(everybody["agent"].client, json=True)
    for row in ROWS:
        if not row.is_open or "paired seat" in row.who:
            assert await code_of(stranger, row) in NOT_SIGNED_IN, row


@pytest.mark.parametrize("role", sorted(AT_A_SEAT))
async def test_a_members_session_opens_nothing_away_from_its_seat(everybody: dict[str, Caller], role: str) -> None:
    away = {name: value for name, value in everybody[role].cookies.items() if name != "__Host-seat"}
    elsewhere = replace(everybody[role], cookies=away)
    for row in ROWS:
        if role in row.roles:
            assert await code_of(elsewhere, row) in NOT_SIGNED_IN, row


@pytest.mark.parametrize("role", sorted(AT_A_SEAT))
async def test_a_member_of_one_case_is_told_nothing_of_another(
    everybody: dict[str, Caller], house: House, role: str
) -> None:
    for row in ROWS:
        if role in row.roles and "{case}" in row.path:
            assert await code_of(everybody[role], row, "E-2") == NOT_THIS_CASE, row

"""四不知 on every route (R-09, R-37): two deployments that differ only in who and which venue was drawn are alike.

Every answer, page, line of the log and statement is the same in both, byte for byte; denied reads leave a line.
"""

import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import ClientResponse, WSServerHandshakeError

from conduct import answering, venue_draw
from evaluation.case import State
from expert_pool.committee import Answer
from identity.roles import Role
from tests.web.every_call import POLICIES, Call, calls
from tests.web.two_worlds import CASE, ORIGIN, Pair, Someone, World, part
from web import visibility

NOT_ASKED = frozenset({"/logout", "/static/{build}/{path:.+}"})
"""Log-out would end the play; files are the same for everybody."""
LAST = "/cases/{case}/desk/open"
"""From here on the venues know what they host: it comes last."""
NOBODYS = "E-NONE"
SCRIPT, PERSON = "application/json", "text/html"
LEAST_PAIRS, MOST_ROUNDS = 200, 4
DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
DIGEST = re.compile(rb"[0-9a-f]{16,}|[A-Za-z0-9+/]{43}=")


@dataclass
class Findings:
    """Which (who, call) were made, and what they gave away."""

    made: set[tuple[str, str]] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)
    denied: int = 0


Shape = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Rounds:
    """Which calls of a round, what the caller accepts, and how much of an answer must be the same."""

    unsafe: bool
    accepted: tuple[str, ...]
    shape: Shape


@pytest.fixture
async def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    made = await part(tmp_path, monkeypatch)
    logging.getLogger().addHandler(made.log)
    yield made
    logging.getLogger().removeHandler(made.log)
    await made.close()


async def test_scenario_02_before_the_start_nobody_can_tell_who_and_which_venue_was_drawn(pair: Pair) -> None:
    assert pair.first.drawn() != pair.second.drawn()
    await _call_everybody(pair)
    assert pair.first.statements() == pair.second.statements()
    found = Findings()
    await _everything(pair, found, (CASE, NOBODYS), Rounds(unsafe=False, accepted=(SCRIPT, PERSON), shape=bytes))
    await _sockets(pair, found)
    await pair.each("opening", lambda world: world.evaluation.open_bids())
    assert pair.first.evaluation.state.state is State.RESCREENED
    for unsafe in (False, True):
        await _everything(pair, found, (CASE,), Rounds(unsafe=unsafe, accepted=(SCRIPT,), shape=_without_digests))
    assert not found.leaks, "\n".join(found.leaks)
    assert _shapes(pair.first) == _shapes(pair.second)
    assert len(found.made) >= LEAST_PAIRS
    _check_log(pair, found)


async def test_a_venue_that_learnt_of_what_it_hosts_would_be_found_out(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(visibility._PARTY_TO, Role.SUB_STAFF, lambda _state, reader: bool(reader.seats))
    found = Findings()
    home = next(policy for policy in POLICIES if (policy.method, policy.path) == ("GET", "/cases/{case}"))
    for who in (who for who in pair.people if who.role == Role.SUB_STAFF):
        await _ask(pair, Call(home, f"/cases/{CASE}"), who, found, bytes)
    (_, first), (_, second) = pair.first.drawn(), pair.second.drawn()
    assert len(found.leaks) == len(first ^ second)


def _check_log(pair: Pair, found: Findings) -> None:
    """The server's own log is the same in both, names nobody, and holds a line for each read that was denied."""
    first, second = (pair.log.of[world.name] for world in (pair.first, pair.second))
    assert first == second
    named = [what for text, what in pair.first.secrets.items() if text in "\n".join(first)]
    assert not named, named
    assert sum("denied" in line for line in first) == found.denied > 0


async def _call_everybody(pair: Pair) -> None:
    """The first called declines, all others come."""
    given = Answer.DECLINE
    for _ in range(MOST_ROUNDS):
        await pair.each("calls", lambda world: world.evaluation.place_calls())
        waiting = [ticket for ticket, answer in pair.first.evaluation.state.notices.items() if not answer]
        for ticket in waiting:
            await pair.each(f"answer {ticket}", partial(_answer, ticket=ticket, given=given))
            given = Answer.ATTEND
    assert pair.first.evaluation.state.state is State.DRAWN_SEALED


async def _answer(world: World, ticket: str, given: Answer) -> None:
    await world.store.act(partial(answering.answer, number=ticket, given=given))


async def _everything(pair: Pair, found: Findings, cases: tuple[str, ...], rounds: Rounds) -> None:
    """Make every safe or unsafe call in both worlds and hold the answers against each other."""
    asked = [
        call
        for call in calls(*_worth_trying(pair, cases))
        if call.policy.is_unsafe is rounds.unsafe and call.policy.path not in NOT_ASKED
    ]
    for call in sorted(asked, key=lambda call: call.policy.path == LAST):
        for who in _askers(pair, call, found):
            found.made.add((who.name, call.name))
            for accept in rounds.accepted:
                await _ask(pair, call, replace(who, headers={**who.headers, "Accept": accept}), found, rounds.shape)


def _without_digests(answer: bytes) -> bytes:
    """An answer but for digests: the order after the second screening is logged as another salted digest in each."""
    return DIGEST.sub(b"#", answer)


def _askers(pair: Pair, call: Call, found: Findings) -> Iterator[Someone]:
    """Whom the policy lets in, from every kind of venue; each other role is refused once a route."""
    let_in = call.policy.who
    for who in pair.people:
        if let_in.anybody and not let_in.bearer and who.role != "nobody":
            continue
        if who.role in let_in.roles or let_in.anybody:
            if not who.venue or who.venue in pair.venues:
                yield who
        elif (who.role, call.policy.what) not in found.refused:
            found.refused.add((who.role, call.policy.what))
            yield who


async def _ask(pair: Pair, call: Call, who: Someone, found: Findings, shape: Shape) -> None:
    """Make one call in both worlds; a difference, and whatever names somebody, is a leak."""
    headers = {**who.headers, **({"Content-Type": "application/json"} if call.body else {})}

    async def ask(world: World) -> tuple[int, dict[str, str], bytes]:
        method = call.policy.method
        answer = await world.client.request(method, call.path, headers=headers, data=call.body, allow_redirects=False)
        return answer.status, _told(answer), shape(await answer.read())

    pair.asked += 1
    one, other = await pair.each(f"{call.name} {who.name} {pair.asked}", ask)
    found.denied += one[0] in DENIED
    if one != other:
        found.leaks.append(f"{call.name} tells {who.name}: {one[0]} {_difference(one[2], other[2])} {other[0]}")
    text = one[2].decode(errors="replace")
    found.leaks += [
        f"{call.name} tells {who.name} the {what}" for word, what in pair.first.secrets.items() if word in text
    ]


async def _sockets(pair: Pair, found: Findings) -> None:
    """The first words of the line that an open page of the case listens on."""
    policy = next(policy for policy in POLICIES if policy.path == "/cases/{case}/ws")
    for who in (who for who in pair.people if who.role in policy.who.roles):

        async def listen(world: World, who: Someone = who) -> bytes:
            try:
                async with world.client.ws_connect(
                    f"/cases/{CASE}/ws", headers={**who.headers, "Origin": ORIGIN}
                ) as line:
                    return (await line.receive()).data.encode()  # type: ignore[no-any-return]
            except WSServerHandshakeError as refused:
                return str(refused.status).encode()

        one, other = await pair.each(f"line of {who.name}", listen)
        found.made.add((who.name, "the line of the case"))
        found.denied += one == b"404"
        if one != other:
            found.leaks.append(f"the line of the case tells {who.name}: {_difference(one, other)}")


def _shapes(world: World) -> list[bytes]:
    return [_without_digests(data) for data in world.statements()]


def _told(answer: ClientResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Date"}


def _difference(one: bytes, other: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 80) : at + 80]!r} or {other[max(0, at - 80) : at + 80]!r}"


def _worth_trying(
    pair: Pair, cases: tuple[str, ...]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[object, ...]]]:
    """Objects that exist, objects that do not, and what only somebody who knows could name."""
    state = pair.first.evaluation.state
    worlds = (pair.first, pair.second)
    drawn = [world.store.look(lambda tx: venue_draw.places(tx, CASE))["sub-1"] for world in worlds]
    people = [next(text for text, what in world.secrets.items() if what.startswith("id_number")) for world in worlds]
    objects = {
        "case": cases,
        "draw": ("venues", "experts"),
        "sha256": (state.documents[0].sha256, "0" * 64),
        "index": ("0", str(state.size - 1)),
        "ticket": (next(iter(state.notices), "000000"), "999999"),
        "seat": (drawn[0]["seats"][0],),
        "venue": (drawn[0]["venue"], drawn[1]["venue"]),
        "purpose": ("pledge", "statement"),
        "track": ("camera",),
        "take": ("1",),
        "build": ("none",),
        "number": ("1",),
        "path": ("none",),
    }
    fields: dict[str, tuple[object, ...]] = {
        "id_number": tuple(people),
        "seat": (drawn[0]["seats"][0], drawn[1]["seats"][0]),
        "venue": (drawn[0]["venue"], drawn[1]["venue"]),
        "seats": ([drawn[0]["seats"][0]], [drawn[1]["seats"][0]]),
        "locker": ("12",),
        "second": ("main",),
    }
    return objects, fields

"""A pause that really locks: every call that the application serves, tried by members and offices while work is paused.

Each is refused, but for what a pause is made of; nothing is stated, no draft is written, no document or sheet is shown.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from conduct import nights, pausing, pledging, scoring, stepping_out
from conduct.ports import Actor, stamp
from evaluation.case import BidId, Case
from identity.roles import AT_A_SEAT, Role
from tests.services.evaluation import MAIN
from tests.web.every_call import Call, calls
from tests.web.two_worlds import CASE, Someone, World, begun
from web import acting

GOES_ON = frozenset(
    {
        "/cases/{case}/presence",
        "/cases/{case}/seat/leave",
        "/cases/{case}/seat/back",
        "/cases/{case}/seat/back/key",
        "/cases/{case}/interference",
        "/cases/{case}/enrol",
        "/cases/{case}/enrol/key",
        "/cases/{case}/resume",
        "/cases/{case}/marks",
        "/cases/{case}/desk/reissue",
        "/cases/{case}/desk/reprint",
        "/cases/{case}/desk/return",
        "/cases/{case}/replacements",
        "/cases/{case}/replacements/confirm",
        "/cases/{case}/publish",
        "/cases/{case}/subscribe",
        "/cases/{case}/answer",
        "/cases/{case}/opening/discard",
        "/cases/{case}/draws/import/discard",
    }
)
"""What goes on: presence, leaving the seat and coming back, a report of interference, the record, the desk's care for
keys and slips, a replacement for whoever does not come back; a package that waits unread may be forgotten."""
INCIDENT = frozenset({"/cases/{case}/suspend"})
"""A night or a break that cannot end becomes an incident."""
OF_A_CASE = frozenset({*AT_A_SEAT, Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.WITNESS, Role.CHECKIN})
SHELVES = ("score", "finding", "pending", "choice", "choice-of-motion", "code", "representative", "seated", "draw")
LEAST_CALLS = 40
FORGOTTEN = ("/scores", "/prelim/begin")
REMARK = "a-remark-in-a-draft"
FIELDS = {
    "bid": ("A",),
    "item": ("T1",),
    "clause": ("R1",),
    "member": ("m1",),
    "candidate": ("m1",),
    "stage": ("prelim",),
    "purpose": ("score-sheet",),
    "subject": ("dispute",),
}


@dataclass
class Tried:
    """What was called, and what came through a lock."""

    calls: set[str] = field(default_factory=set)
    let_through: list[str] = field(default_factory=list)


@pytest.fixture
async def paused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[World, list[Someone]]]:
    """Example A while everybody scores, with a remark in a draft; then the power is gone."""
    made = await begun(tmp_path, monkeypatch)
    world, evaluation = made.world, made.world.evaluation
    evaluation.days = 2
    for part in ("apply", "draw_venues", "draw_experts", "open_bids", "check_in", "pledge_and_elect", "review"):
        await getattr(evaluation, part)()
    cell = scoring.Cell(BidId("A"), "T1", "comment")
    await evaluation.do(scoring.save, evaluation.member("评委1"), cell, REMARK, 0)
    leader = evaluation.state.leader
    people = [who for who in made.people if who.role in OF_A_CASE and who.venue in {"", "V1"}]
    assert leader
    yield world, people
    await world.client.close()
    world.store.close()


async def test_a_night_locks_every_call_and_hides_every_paper(paused: tuple[World, list[Someone]]) -> None:
    world, people = paused
    await world.evaluation.do(nights.begin, MAIN, stamp(world.evaluation.store.writer.now() + timedelta(hours=15)))
    shown = await _read_everywhere(world, people)
    assert not shown, "\n".join(shown)
    tried = await _write_everywhere(world, people, goes_on=GOES_ON | INCIDENT)
    assert not tried.let_through, "\n".join(tried.let_through)
    assert len(tried.calls) >= LEAST_CALLS
    await world.evaluation.do(pausing.suspend, MAIN, "停电", "V1")
    shown = await _read_everywhere(world, people)
    assert not shown, "\n".join(shown)
    tried = await _write_everywhere(world, people)
    assert not tried.let_through, "\n".join(tried.let_through)


async def test_a_pause_locks_every_call_and_hides_every_paper_and_a_route_that_forgot_it_would_be_found(
    paused: tuple[World, list[Someone]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, people = paused
    assert await _read_everywhere(world, people, ("/scores",))
    await world.evaluation.do(pausing.suspend, MAIN, "停电", "V1")
    shown = await _read_everywhere(world, people)
    assert not shown, "\n".join(shown)
    tried = await _write_everywhere(world, people)
    assert not tried.let_through, "\n".join(tried.let_through)
    assert len(tried.calls) >= LEAST_CALLS
    with monkeypatch.context() as forgetful:
        for module in (acting, pledging):
            forgetful.setattr(module, "demand_running", lambda _state: None)
        tried = await _write_everywhere(world, people, FORGOTTEN)
    for page in FORGOTTEN:
        assert any(page in one for one in tried.let_through), page


async def test_a_seat_that_is_left_is_locked_for_its_member_and_for_nobody_else(
    paused: tuple[World, list[Someone]],
) -> None:
    world, people = paused
    seated = [who for who in people if who.role in AT_A_SEAT]
    left = seated[0]
    await world.evaluation.do(stepping_out.leave, Actor(left.role, left.who))
    shown = await _read_everywhere(world, [left])
    assert not shown, "\n".join(shown)
    tried = await _write_everywhere(world, [left])
    assert not tried.let_through, "\n".join(tried.let_through)
    assert len(tried.calls) >= LEAST_CALLS // 2
    assert await _read_everywhere(world, seated[1:], ("/documents/",))
    await world.evaluation.do(pausing.begin_break, MAIN)
    for page, body in (("presence", b"{}"), ("interference", b'{"text":"x"}')):
        answer = await _post(world, left, f"/cases/{CASE}/{page}", body)
        assert answer == HTTPStatus.LOCKED, page


async def _write_everywhere(
    world: World, people: list[Someone], only: tuple[str, ...] = ("",), goes_on: frozenset[str] = GOES_ON
) -> Tried:
    tried, state = Tried(), world.evaluation.state
    for call in _calls(state, only):
        if not call.policy.is_unsafe or call.policy.path in goes_on or "{case}" not in call.policy.path:
            continue
        for who in people:
            if who.role not in call.policy.who.roles:
                continue
            before = _kept(world)
            headers = {**who.headers, "Accept": "application/json", "Content-Type": "application/json"}
            answer = await world.client.request(
                call.policy.method, call.path, headers=headers, data=call.body, allow_redirects=False
            )
            tried.calls.add(call.name)
            is_locked = answer.status == HTTPStatus.LOCKED or not (call.policy.who.seat and call.policy.body is None)
            if _kept(world) != before or answer.status < HTTPStatus.BAD_REQUEST or not is_locked:
                tried.let_through.append(f"{call.name} for {who.name}: {answer.status} {await answer.text()}")
    return tried


async def _post(world: World, who: Someone, path: str, body: bytes) -> int:
    headers = {**who.headers, "Accept": "application/json", "Content-Type": "application/json"}
    answer = await world.client.post(path, headers=headers, data=body)
    return answer.status


async def _read_everywhere(world: World, people: list[Someone], only: tuple[str, ...] = ("",)) -> list[str]:
    """Every page and document of the case, for everybody of it: where a document or the remark came out."""
    found, papers = [], {one.path: world.store.objects.get(one.sha256) for one in world.evaluation.state.documents}
    for call in _calls(world.evaluation.state, only):
        if call.policy.is_unsafe or "{case}" not in call.policy.path or call.policy.path.endswith("/ws"):
            continue
        for who in people:
            if who.role not in call.policy.who.roles:
                continue
            answer = await world.client.get(
                call.path, headers={**who.headers, "Accept": "text/html"}, allow_redirects=False
            )
            told = await answer.read()
            assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, call.name
            if told in papers.values():
                found.append(f"{call.name} shows {who.name} a document")
            if REMARK.encode() in told:
                found.append(f"{call.name} shows {who.name} {REMARK}")
    return found


def _calls(state: Case, only: tuple[str, ...]) -> list[Call]:
    """The calls whose addresses have one of these parts."""
    objects = {"case": (CASE,), "purpose": ("pledge", "prelim", "score-sheet", "report"), "draw": ("experts",)}
    made = calls(
        objects | {"sha256": tuple(one.sha256 for one in state.documents), "member": ("m1",), "index": ("0",)}, FIELDS
    )
    return [call for call in made if any(part in call.path for part in only)]


def _kept(world: World) -> tuple[int, list[object]]:
    """How long the log is, and all that lies on the shelves of the case that people write to."""
    shelves = world.store.look(lambda tx: [dict(tx.shelf(CASE, name).items()) for name in SHELVES])
    return world.evaluation.state.size, list(shelves)

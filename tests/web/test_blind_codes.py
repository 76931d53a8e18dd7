"""暗标 on every page: two deployments that differ only in whose each code is are alike until the codes are opened.

Nothing that a member or the leader reads meanwhile has a bidder's name, price or named file in it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError

from conduct import authorising, blinding, scoring
from conduct.ports import Actor, Tx
from evaluation.blind import ROLE
from evaluation.blinded import blinded
from evaluation.case import BidId, Case, CaseId, Document
from identity.roles import AT_A_SEAT, Role
from identity.sessions import Holder
from storage.transaction import Transaction
from tests.services.blind_case import blind_example, fill_blind, score_blind
from tests.web.every_call import POLICIES, Call, calls
from tests.web.two_worlds import CASE, ORIGIN, Pair, Someone, World, begun, signed_in, twice

LINE = "/cases/{case}/ws"
NOT_ASKED = frozenset({"/static/{build}/{path:.+}", LINE})
ACCEPTED = ("application/json", "text/html")
PURPOSES = ("pledge", "prelim", "score-sheet", "vote", "report")
LEAST_READ = 100
LEADER, MEMBER, SIGNED = "m3", "m1", "m2"
"""Who leads; who has the sheets read back and has not signed; who has signed."""
TURNED = {"A": "B", "B": "C", "C": "D", "D": "E", "E": "A", "F": "F"}
"""In the second world the code and the anonymised file of one bid are those of the other."""

Answer = tuple[int, bytes]


@dataclass
class Told:
    """What was asked, and what it gave away."""

    asked: int = 0
    read: int = 0
    leaks: list[str] = field(default_factory=list)


@pytest.fixture
async def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    made = await begun(tmp_path, monkeypatch)
    evaluation = made.world.evaluation
    evaluation.example = blind_example()
    await evaluation.to_pledges()
    await evaluation.pledge_and_elect()
    await evaluation.review()
    assert evaluation.state.leader == LEADER
    await score_blind(evaluation, "评委2")
    await fill_blind(evaluation, "评委1")
    await evaluation.store.act(_read_back)
    people = await evaluation.store.act(lambda tx: (*made.people, *_seated(tx, made.clock())))
    both = await twice(tmp_path, made, people, evaluation.process)
    _turn(monkeypatch, both)
    yield both
    await both.close()


def _seated(tx: Transaction, now: datetime) -> Iterator[Someone]:
    for role, who in ((Role.LEADER, LEADER), (Role.MEMBER, MEMBER), (Role.MEMBER, SIGNED)):
        yield signed_in(tx, Holder(role, who, "V1"), now)


def _read_back(tx: Tx) -> None:
    actor = Actor("member", MEMBER)
    bodies = [("sheet.signed", body) for body in scoring.bodies(tx, CASE, actor)]
    authorising.prepare(tx, CASE, MEMBER, "score-sheet", bodies)


def _turn(monkeypatch: pytest.MonkeyPatch, pair: Pair) -> None:
    """Give the second world other bids under the same codes, with what each code shows the same."""
    codes, case = blinding.codes, Transaction.case

    def is_second() -> bool:
        return pair.log.world == pair.second.name

    def turned(tx: Tx, of: CaseId) -> dict[BidId, BidId]:
        return {code: BidId(TURNED[bid]) if is_second() else bid for code, bid in codes(tx, of).items()}

    def with_other_files(tx: Transaction, of: CaseId) -> Case:
        state = case(tx, of)
        files = (_turned(one) if is_second() else one for one in state.documents)
        return replace(state, documents=tuple(sorted(files, key=lambda one: one.path)))

    monkeypatch.setattr(blinding, "codes", turned)
    monkeypatch.setattr(Transaction, "case", with_other_files)


def _turned(document: Document) -> Document:
    if document.role != ROLE:
        return document
    return replace(document, path=f"blind/{TURNED[document.path[6]]}.pdf")


async def test_nobody_can_tell_whose_a_code_is_while_bids_are_scored_by_code(pair: Pair) -> None:
    told = await _read_everything(pair, [who for who in pair.people if who.venue in {"", "V1"}])
    assert not told.leaks, "\n".join(told.leaks)
    assert told.read >= LEAST_READ


async def test_codes_in_the_order_of_bids_would_be_found_out(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_order_of_bids(case: Case, files: Mapping[BidId, Sequence[Document]]) -> Case:
        seen = blinded(case, files)
        return replace(seen, bids={code: seen.bids[code] for code in files if code in seen.bids})

    monkeypatch.setattr(blinding, "blinded", in_order_of_bids)
    told = await _read_everything(pair, _who_are(pair, MEMBER))
    assert any(f"GET /cases/{CASE}/scores tells member m1 V1:" in leak for leak in told.leaks), told.leaks


async def test_a_name_on_a_page_would_be_found_out(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.member_state.blinding.seen", lambda tx, case, _who: tx.case(case))
    told = await _read_everything(pair, _who_are(pair, LEADER))
    for page in ("scores", "leader", "me"):
        assert any(f"GET /cases/{CASE}/{page} tells leader m3 V1 the name" in leak for leak in told.leaks), told.leaks


def _who_are(pair: Pair, name: str) -> list[Someone]:
    return [who for who in pair.people if who.who == name]


async def _read_everything(pair: Pair, people: Sequence[Someone]) -> Told:
    """Every page and every script's answer to everybody, and what the line of the case says first, in both worlds."""
    told, state = Told(), pair.first.evaluation.state
    files = tuple(one.sha256 for one in state.documents if one.role in {"bid", ROLE})
    objects = {"case": (CASE,), "sha256": files, "purpose": PURPOSES}
    asked = [one for one in calls(objects, {}) if not one.policy.is_unsafe and one.policy.path not in NOT_ASKED]
    line = next(Call(policy, f"/cases/{CASE}/ws") for policy in POLICIES if policy.path == LINE)
    for who in people:
        named = _named(state) if who.role in AT_A_SEAT else {}
        for call in (one for one in asked if _is_let_in(one, who)):
            for accept in ACCEPTED[: 1 if "sha256" in call.policy.path else None]:
                await _hold(pair, told, (call, who, named), partial(_get, call, who, accept))
        if _is_let_in(line, who):
            await _hold(pair, told, (line, who, named), partial(_listen, line, who))
    return told


def _is_let_in(call: Call, who: Someone) -> bool:
    let_in = call.policy.who
    return who.role in let_in.roles or (let_in.anybody and not let_in.bearer)


def _named(state: Case) -> dict[str, str]:
    """What no member may read now, by what it is."""
    files = {one.sha256: f"digest of {one.path}" for one in state.documents if one.role == "bid"}
    names = {bid.name: f"name of {bid.id}" for bid in state.bids.values()}
    return files | names | {bid.price: f"price of {bid.id}" for bid in state.bids.values()}


async def _hold(
    pair: Pair, told: Told, asked: tuple[Call, Someone, dict[str, str]], ask: Callable[[World], Awaitable[Answer]]
) -> None:
    """Ask in both worlds; a difference is a leak, and so is a word that this reader may not have."""
    call, who, named = asked
    told.asked += 1
    (status, one), other = await pair.each(f"{call.name} {who.name} {told.asked}", ask)
    told.read += status == HTTPStatus.OK
    if (status, one) != other:
        told.leaks.append(f"{call.name} tells {who.name}: {status} {_difference(one, other[1])}")
    if status == HTTPStatus.OK and call.path.rpartition("/")[2] in named:
        told.leaks.append(f"{call.name} serves {who.name} a file by name")
    text = one.decode(errors="replace").replace(call.path, "")
    told.leaks += [f"{call.name} tells {who.name} the {what}" for word, what in named.items() if word in text]


async def _get(call: Call, who: Someone, accept: str, world: World) -> Answer:
    headers = {**who.headers, "Accept": accept}
    answer = await world.client.get(call.path, headers=headers, allow_redirects=False)
    return answer.status, await answer.read()


async def _listen(call: Call, who: Someone, world: World) -> Answer:
    try:
        async with world.client.ws_connect(call.path, headers={**who.headers, "Origin": ORIGIN}) as line:
            return HTTPStatus.OK, (await line.receive()).data.encode()
    except WSServerHandshakeError as refused:
        return refused.status, b""


def _difference(one: bytes, other: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 80) : at + 80]!r} or {other[max(0, at - 80) : at + 80]!r}"

"""Walks through the life of a case, act by act in any order: whatever is tried, what must never be is never there."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from conduct import (
    closing,
    consenting,
    deciding,
    directory,
    drawing,
    electing,
    ending,
    following,
    judging_scores,
    leaving,
    nights,
    pausing,
    pledging,
    reading,
    reporting,
    returning,
    reviewing,
    rolling_back,
    scoring,
    summing,
    tie_draw,
)
from conduct.ending import Stated
from conduct.ports import SERVER, Actor, Json, Tx, stamp
from conduct.sealed_draw.questions import Drawn, Logged, OpenedRound
from demo import case_example_a as example
from evaluation import life
from evaluation.case import Application, Bid, BidId, Case, CaseId, Document, Info, Member, MemberId, State
from evaluation.ending import GROUNDS
from evaluation.fold import apply
from evaluation.profiles import load_profile
from evaluation.tally.records import document_from_records
from tests.rules import naive_tally
from tests.services.memory import Memory

CASE = CaseId("E-WALK-1")
BIDS = ("A", "B", "C", "D")
CLAUSES = tuple(clause for clause, *_ in example.CLAUSES)
SUPERVISOR, MAIN, AGENT = Actor("supervisor", "s"), Actor("main_staff", "m"), Actor("agent", "a")
WITNESS = Actor("witness", "w")
FAIL: Json = {"pass": False, "ground": "not_responsive", "reason": "理由", "page": 1}
Act = Callable[["Walk", int], None]


def start(prices: Mapping[str, str] = example.PRICES) -> Memory:
    """Five members at their seats, four bids opened, nobody has pledged."""
    profile = load_profile("chongqing")
    criteria = json.dumps(example.CRITERIA).encode()
    opening: Json = {"format": "bid-opening/1", "coefficients": {"reduction_percent": "2.0"}}
    opening["bids"] = [{"id": bid, "name": bid, "price": prices[bid]} for bid in BIDS]
    info = Info("P", "演示", "招", "代", "", "1", "10000000.00", "", profile.id, profile.digest, False, "a")
    members = {
        MemberId(f"m{n}"): Member(MemberId(f"m{n}"), f"评委{n}", "expert", "V1", f"V1-0{n}", "") for n in range(1, 6)
    }
    bids = {BidId(bid): Bid(BidId(bid), bid, prices[bid]) for bid in BIDS}
    made = Memory(Case(CASE, State.READY, info=info, members=members, bids=bids, is_open=True))
    digests = {"criteria": made.put_object(criteria), "opening": made.put_object(json.dumps(opening).encode())}
    documents = [Document(role, role, digest, 1, "tender") for role, digest in digests.items()]
    for bid in BIDS:
        documents.append(Document(f"bids/{bid}.pdf", "bid", made.put_object(bid.encode()), 1, "opening"))
    seated = Application(5, 0, "", 4, True, ())
    made.state = replace(
        made.state, documents=tuple(documents), criteria_sha256=digests["criteria"], application=seated, k="2.0"
    )
    made.start = made.state
    for party in ("p1", "p2"):
        directory.add_party(cast(Tx, made), directory.Party(party, party, party, party == "p1"))
    return made


class NobodySits(Exception):
    """All have left and nobody has come in their place yet: there is nobody to act."""

    code = "walk.nobody_sits"


class Walk(RuleBasedStateMachine):
    """One case in memory; an act that the rules refuse is taken back whole, as a transaction is."""

    alike: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.memory = start({bid: example.PRICES[self.alike.get(bid, bid)] for bid in BIDS})
        self.came = 5
        self.before, self.length = self.memory.state, 0
        self.is_calm = False

    @property
    def tx(self) -> Tx:
        return cast(Tx, self.memory)

    @property
    def state(self) -> Case:
        return self.memory.state

    @property
    def leader(self) -> Actor:
        return Actor("leader", self.state.leader)

    def one(self, dice: int) -> Actor:
        members = list(self.state.members)
        if not members:
            raise NobodySits
        return Actor("member", members[dice % len(members)])

    @rule(act=st.integers(0, 10_000), dice=st.integers(0, 10_000))
    def go_on(self, act: int, dice: int) -> None:
        """Try an act: three times of four one that the stage knows, else any."""
        likely = BY_STATE.get(self.state.state, ACTS) if self.state.pause is None else PAUSED
        known = ACTS if act % 4 == 0 else likely
        state, length, shelves = self.state, len(self.memory.log), self.memory.kept()
        self.before, self.length = state, length
        chosen = known[act // 4 % len(known)]
        if self.is_calm and chosen in INTERRUPTIONS:
            return
        try:
            chosen(self, dice)
        except Exception as refused:
            if not getattr(refused, "code", ""):
                raise
            self.memory.state = state
            self.memory.shelves = shelves
            del self.memory.log[length:]

    @invariant()
    def the_log_alone_gives_the_state(self) -> None:
        state = self.memory.start
        for logged in self.memory.log[-1:]:
            assert self.state.last_kind == logged.kind
        if len(self.memory.log) % 50 == 49:
            for logged in self.memory.log:
                state = apply(state, logged)
            assert state == self.state

    @invariant()
    def a_sealed_case_takes_nothing_more(self) -> None:
        if self.before.state is State.CLOSED:
            assert len(self.memory.log) == self.length
        if self.state.state is State.CLOSED:
            assert self.memory.log[-1].kind == "case.closed"
            assert self.state.ending is not None or not self.state.unanswered

    @invariant()
    def a_pause_lets_through_only_what_it_is_made_of(self) -> None:
        made = [one.kind for one in self.memory.log[self.length :]]
        if self.before.pause is not None and "case.aborted" not in made:
            assert set(made) <= life.UNDER_PAUSE

    @invariant()
    def an_incident_that_lasted_too_long_is_never_simply_resumed(self) -> None:
        for pause in self.state.pauses:
            is_late = bool(pause.until) and pause.ended > pause.until
            assert not is_late or (self.state.ending is not None and pause is self.state.pauses[-1])

    @invariant()
    def nothing_of_a_replaced_member_counts(self) -> None:
        state = self.state
        gone = set(state.replaced)
        assert not gone & {member for member, _ in state.sheets}
        assert not gone & (set(state.prelims) | set(state.members) | {state.leader})
        assert not any(gone & set(one.voted) for one in state.motions.values() if not one.is_void)

    @invariant()
    def nothing_is_revealed_before_its_time(self) -> None:
        state = self.state
        open_motion, ballot = state.motion, state.ballots.get("leader")
        assert open_motion is None or (open_motion.yes, open_motion.no) == (0, 0)
        assert ballot is None or not ballot.is_open or not ballot.counts
        if not state.all_have_signed:
            assert not returning.blocks(self.tx, CASE)
            assert not state.rows

    @invariant()
    def every_number_comes_from_signed_sheets(self) -> None:
        state = self.state
        if self.memory.log and self.memory.log[-1].kind == "tally.computed":
            document = document_from_records(summing.records(self.tx, CASE))
            assert list(state.rows) == naive_tally.tally(document)["rows"]

    @invariant()
    def candidates_stand_on_a_finished_recheck(self) -> None:
        state = self.state
        assert len(state.candidates) <= 3
        if state.candidates:
            assert state.all_sheets_in
            assert not state.is_incomplete
            assert all(flag.decision for flag in state.flags)

    @invariant()
    def no_bids_that_were_in_a_lot_together_are_drawn_for_again(self) -> None:
        before: list[set[str]] = []
        for one in (one.body for one in self.memory.log if one.kind == "draw.requested"):
            groups = [set(group) for group in one["request"]["bids"]]
            assert not any(group <= earlier for group in groups for earlier in before)
            before.append(set().union(*groups))


class TiedWalk(Walk):
    """The same where C asks B's price and is scored as B is: whoever scores both alike makes them equal."""

    alike: ClassVar[Mapping[str, str]] = {"C": "B"}


def sign(walk: Walk, kind: str, bodies: list[Json]) -> None:
    """As `authorising.finish`, without keys."""
    for body in bodies:
        walk.memory.record(CASE, kind, body)
    following.after_signing(walk.tx, CASE)


def pledge(walk: Walk, dice: int) -> None:
    who = walk.one(dice)
    if not walk.state.members[MemberId(who.who)].pledged:
        sign(walk, "pledge.signed", [pledging.body(walk.tx, CASE, who, "承诺书")])


def elect(walk: Walk, dice: int) -> None:
    electing.vote(walk.tx, CASE, walk.one(dice), walk.one(dice // 7).who)


def find(walk: Walk, dice: int) -> None:
    who = walk.one(dice)
    known = reviewing.drafts(walk.tx, CASE, who.who)
    failing = "D" if dice % 3 else ""
    for bid in BIDS:
        for clause in CLAUSES:
            if not walk.state.disputed or (bid, clause) in walk.state.disputed:
                finding: Json = FAIL if bid == failing and clause == "R2" else {"pass": True}
                revision = known.get((bid, clause), ({}, 0))[1]
                reviewing.save(walk.tx, CASE, who, (bid, clause), finding, revision)
    sign(walk, "prelim.signed", [reviewing.body(walk.tx, CASE, who)])


def score(walk: Walk, dice: int) -> None:
    who = walk.one(dice)
    known = scoring.drafts(walk.tx, CASE, who.who)
    for bid in walk.state.valid_bids:
        if scoring.may_edit(walk.state, MemberId(who.who), bid):
            like = walk.alike.get(bid, bid)
            for item, typed in example.scores_of(f"评委{dice % 5 + 1}", like).items():
                cell = scoring.Cell(bid, item, "score")
                wrong = item == "B1" and dice % 11 == 0
                scoring.save(walk.tx, CASE, who, cell, "0" if wrong else typed, known.get(cell, ("", 0))[1])
    read_all(walk, who)
    sign(walk, "sheet.signed", scoring.bodies(walk.tx, CASE, who))


def read_all(walk: Walk, who: Actor) -> None:
    """As if every bid had been before a member's eyes for as long as the profile wants."""
    wanted = load_profile("chongqing").rules.reading.bid_minimum_s * 1000
    spent = {one.sha256: wanted for one in walk.tx.case(CASE).documents if one.role == "bid"}
    walk.tx.shelf(CASE, reading.SHELF).put(who.who, {"at": walk.tx.now.isoformat(), "ms": spent})


def give_back(walk: Walk, dice: int) -> None:
    blocks = returning.blocks(walk.tx, CASE)
    if blocks:
        block = blocks[dice % len(blocks)]
        member = block.members[dice % len(block.members)]
        returning.give_back(walk.tx, CASE, walk.leader, (member, block.bid), returning.ground_of(block))


def unlock(walk: Walk, dice: int) -> None:
    if walk.state.unlocks:
        returning.decide_unlock(walk.tx, CASE, walk.leader, next(iter(walk.state.unlocks)), approved=dice % 2 == 0)
    else:
        returning.request_unlock(walk.tx, CASE, walk.one(dice), BIDS[dice % 4], "理由")


def answer_flag(walk: Walk, dice: int) -> None:
    for flag in walk.state.flags:
        if not flag.decision:
            choice = "change" if dice % 13 == 0 else "kept"
            summing.decide(walk.tx, CASE, Actor("member", flag.member), flag.bid, choice, "理由")
            return


def move(walk: Walk, dice: int) -> None:
    subject = ("competition", "dispute", "more_time")[dice % 3]
    who = walk.leader if subject == "competition" else walk.one(dice)
    deciding.open_motion(walk.tx, CASE, who, cast(Any, subject), "事项")


def vote(walk: Walk, dice: int) -> None:
    choice = "yes" if dice % 3 else "no"
    sign(walk, "vote.signed", [deciding.vote_body(walk.tx, CASE, walk.one(dice), choice, "")])


def doubt(walk: Walk, dice: int) -> None:
    if walk.state.questioned:
        member, bid, group = next(iter(walk.state.questioned))
        if dice % 3 == 0:
            judging_scores.explain(walk.tx, CASE, Actor("member", member), bid, group, "理由")
        elif dice % 3 == 1:
            judging_scores.question_reason(walk.tx, CASE, walk.leader, (member, bid, group))
        else:
            body = judging_scores.note_body(walk.tx, CASE, walk.leader, (member, bid, group))
            sign(walk, "score.replaced", [body])
    else:
        figure = (walk.one(dice // 3).who, BIDS[dice % 4], "technical")
        judging_scores.question(walk.tx, CASE, walk.one(dice), figure)


def go(walk: Walk, dice: int) -> None:
    if dice % 40 == 0:
        leaving.leave(walk.tx, CASE, MAIN, MemberId(walk.one(dice).who), "health")
    elif walk.state.is_incomplete:
        walk.came += 1
        row: Json = {"by": SERVER.as_by(), "second": "x", "method": "manual", "member": f"m{walk.came}"}
        row |= {"kind": "expert", "venue": "V1", "seat": f"V1-{walk.came}", "locker": ""}
        walk.memory.record(CASE, "checkin.matched", row)


def back(walk: Walk, dice: int) -> None:
    if walk.state.rollback is not None:
        rolling_back.decide(walk.tx, CASE, SUPERVISOR, approved=dice % 2 == 0)
    elif dice % 5 == 0:
        rolling_back.ask(walk.tx, CASE, walk.leader, ("prelim", "detailed")[dice % 2], "理由")


def report(walk: Walk, dice: int) -> None:
    """What the job does once a report is due, but for setting its paper."""
    if reporting.is_due(walk.state):
        version = 1 + sum(one.kind == "report.rendered" for one in walk.memory.log)
        body = {"version": version, "report": f"{version:064x}", "data": f"{dice:064x}"}
        walk.memory.record(CASE, "report.rendered", body)


def answer(walk: Walk, dice: int) -> None:
    given = len(walk.state.report.signatures) if walk.state.report else 0
    outcome, opinion = (("signed", ""), ("dissent", "不同意见"), ("refused", ""))[given % 3]
    sign(walk, "report.signed", [reporting.signature_body(walk.tx, CASE, walk.one(dice), outcome, opinion)])


def silence(walk: Walk, dice: int) -> None:
    silent = walk.state.unanswered[dice % 2].id if len(walk.state.unanswered) > 1 else walk.one(dice).who
    if walk.state.report is not None and silent in walk.state.report.stated:
        body = consenting.witness_body(walk.tx, CASE, WITNESS, silent)
        sign(walk, "consent.witnessed", [body])
    else:
        walk.memory.now += timedelta(minutes=20)
        sign(walk, "consent.stated", [consenting.body(walk.tx, CASE, walk.leader, silent)])


def close(walk: Walk, _dice: int) -> None:
    closing.close(walk.tx, CASE, MAIN)


def draw_ties(walk: Walk, dice: int) -> None:
    """One step of a lot over equal bids: a party commits or reveals; with all links in, any order comes out."""
    for name, draw in tie_draw.waiting(walk.state).items():
        party = ("p1", "p2")[dice % 2]
        if draw.digest and set(draw.now.revealed) == set(draw.parties):
            order = tuple(sorted({bid for group in draw.request["bids"] for bid in group}, reverse=dice % 2 == 0))
            drawn = Drawn(Logged("o", "t", "s"), b"", opened=(OpenedRound(b"{}", order, bytes(32)),))
            tie_draw.take(walk.tx, CASE, name, drawn)
            summing.go_on(walk.tx, CASE)
        elif not draw.digest:
            drawing.commit(walk.tx, CASE, Actor("party", party), name, f"{dice:064x}", "0" * 64)
        elif party not in draw.now.revealed:
            body = {"draw": name, "attempt": draw.attempt, "round": 0, "party": party, "reveal": f"{dice:064x}"}
            walk.memory.record(CASE, "draw.revealed", body)
        return


def pause(walk: Walk, dice: int) -> None:
    """Work stops now and then, for an incident, a meal or a night; it goes on when all are back, or lasts too long."""
    if walk.state.pause is None:
        if dice % 6 == 0:
            pausing.suspend(walk.tx, CASE, MAIN, "停电", "V1")
        elif dice % 6 == 1:
            pausing.begin_break(walk.tx, CASE, MAIN)
        elif dice % 6 == 2:
            nights.begin(walk.tx, CASE, MAIN, stamp(walk.memory.now + timedelta(hours=15)))
    elif dice % 3 == 0:
        walk.memory.now += timedelta(hours=dice % 7)
        pausing.expire(walk.tx, CASE)
    else:
        for member in walk.state.members if walk.state.pause.kind == "night" else ():
            body: Json = {"by": MAIN.as_by(), "second": "x", "method": "manual", "member": member}
            walk.memory.record(CASE, "checkin.renewed", body | {"seat": walk.state.members[member].seat, "locker": ""})
        for member in walk.state.members:
            pausing.confirm_presence(walk.tx, CASE, Actor("member", member))
        pausing.resume(walk.tx, CASE, MAIN)


def end(walk: Walk, dice: int) -> None:
    """The case ends by its incident, or somebody tries to end it on some ground."""
    ground = GROUNDS[dice % 4] if dice % 3 == 0 else "incident"
    ending.state_end(walk.tx, CASE, (MAIN, AGENT)[dice % 2], Stated(ground, "理由"), (), {})


def by_leader(flow: Callable[[Tx, CaseId, Actor], None]) -> Act:
    """An act of the leader without more to say."""
    return lambda walk, _dice: flow(walk.tx, CASE, walk.leader)


BEGIN, CLOSE, AGAIN = by_leader(reviewing.begin), by_leader(reviewing.close), by_leader(reviewing.vote_again)
SUM, NAME = by_leader(summing.close_scoring), by_leader(summing.recommend)
ACTS: tuple[Act, ...] = (
    *(pledge, elect, BEGIN, find, CLOSE, AGAIN, score, SUM, give_back, unlock),
    *(answer_flag, NAME, move, vote, doubt, go, back, report, answer, silence, close, pause, end, draw_ties),
)
BY_STATE: dict[State, tuple[Act, ...]] = {
    State.READY: (pledge, pledge, pledge, go),
    State.PLEDGED: (elect, elect, elect, go),
    State.PREP: (BEGIN, BEGIN, go, move, vote, elect, pledge),
    State.PRELIM: (find, find, find, CLOSE, AGAIN, vote, go, pledge, elect),
    State.COMPETITION_CHECK: (move, vote, vote, vote, back),
    State.DETAILED: (score, score, score, SUM, give_back, unlock, vote, find, CLOSE, AGAIN, go, pledge, elect),
    State.PRICE: (*(draw_ties for _ in range(6)), back, go),
    State.RECHECK: (
        draw_ties,
        answer_flag,
        answer_flag,
        answer_flag,
        NAME,
        NAME,
        doubt,
        vote,
        vote,
        give_back,
        score,
        back,
    ),
    State.FAILED: (report, report, back, go),
    State.REPORT_SIGNING: (answer, answer, silence, silence, silence, close, back, go, pause),
}
INTERRUPTIONS = frozenset({go, back, pause, end})
PAUSED: tuple[Act, ...] = (pause, pause, pause, end, score, find, vote, report, close, draw_ties)


def walk_through(steps: int, walks: int, kind: type[Walk] = Walk) -> None:
    """Walks of so many steps each."""
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_walk_of_two_thousand_steps_breaks_a_rule() -> None:
    walk_through(steps=100, walks=20)


def test_long_walks_come_to_every_part_and_every_end() -> None:
    dice, seen, outcomes = random.Random(7), set[str](), set[str]()
    for number in range(16):
        walk = TiedWalk() if number % 3 == 0 else Walk()
        walk.is_calm = number % 2 == 0  # nothing interrupts every other walk, so that it comes to the end
        for _ in range(300):
            walk.go_on(dice.randrange(10_000), dice.randrange(10_000))
        seen |= {one.kind for one in walk.memory.log}
        outcomes |= {one.body["outcome"] for one in walk.memory.log if one.kind == "report.signed"}
    assert seen >= {
        "prelim.signed",
        "revote.opened",
        "rejection.decided",
        "sheet.signed",
        "sheet.returned",
        "tally.computed",
        "draw.opened",
        "selfcheck.decided",
        "motion.decided",
        "member.replaced",
        "rollback.decided",
        "candidates.recommended",
        "report.rendered",
        "report.signed",
        "consent.witnessed",
        "case.resumed",
        "break.ended",
        "night.ended",
        "incident.expired",
        "case.aborted",
        "case.closed",
    }, seen
    assert outcomes == {"signed", "dissent", "refused"}


@pytest.mark.full
def test_no_walk_with_equal_bids_breaks_a_rule() -> None:
    walk_through(steps=200, walks=200, kind=TiedWalk)


@pytest.mark.full
def test_no_walk_of_two_hundred_thousand_steps_breaks_a_rule() -> None:
    walk_through(steps=200, walks=1_000)

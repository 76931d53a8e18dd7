"""A sealed case evaluated again by its own committee: asked, authorised, recalled, and the second bag judged."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from archive.verifier import followed, log, trust
from archive.verifier.bag import open_bag
from archive.verifier.context import Context, Line
from archive.verifier.findings import Finding
from conduct import (
    checking_in,
    ending,
    leaving,
    linking,
    opening,
    pausing,
    reevaluating,
    reporting,
    reviewing,
    scoring,
    sealed,
    sittings,
    venue_draw,
)
from conduct.ending import Stated
from conduct.ports import Actor, stamp
from conduct.reevaluating import Asked
from conduct.report import reevaluated
from conduct.rulebook import criteria_of
from demo import case_example_a as example
from demo import documents
from evaluation import reevaluation as rules
from evaluation.case import BidId, Case, CaseId, MemberId, State
from evaluation.ending import NotEndedSo
from evaluation.life import OutOfOrder
from storage.deployment_keys import DeploymentKeys
from storage.logs import DEPLOYMENT
from storage.store import Store
from tests.services.evaluation import AGENT, CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import answer, printed, seal
from tests.services.test_scenarios_life import FOUR_HOURS, set_clock

AGAIN = CaseId("E-TEST-0001-R1")
PAPER = documents.authorisation_pdf()


def asked(
    ground: rules.Ground = "abnormal_score", bids: tuple[str, ...] = ("A",), items: tuple[str, ...] = ("T1",)
) -> Asked:
    start = stamp(datetime.now(UTC) + timedelta(days=2))
    return Asked("query", ground, "投标人B质疑评委5对投标人A的评分", bids, items, start)


async def closed(evaluation: Evaluation, keys: DeploymentKeys, folder: Path) -> list[tuple[str, str]]:
    """Example A reported, answered, closed and sealed; venue and identity number by member."""
    await evaluation.prepare_deployment()
    for part in ("apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, part)()
    expected = evaluation.expected()
    for part in ("check_in", "pledge_and_elect", "review", "score", "sum_up"):
        await getattr(evaluation, part)()
    await report_and_answer(evaluation)
    verdict = await seal(evaluation, keys, folder)
    assert verdict.status == 0
    return expected


async def report_and_answer(evaluation: Evaluation) -> None:
    await reporting.render(evaluation.store, evaluation.case)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")


async def recalled(evaluation: Evaluation, wanted: Asked) -> None:
    """Asked and authorised: the case that follows, its seats booked."""
    evaluation.case = await evaluation.do(reevaluating.ask, AGENT, wanted)
    with pytest.raises(rules.NotAsked):
        await reevaluating.authorise(evaluation.store, evaluation.case, SUPERVISOR, PAPER)
    await evaluation.do(venue_draw.hold, MAIN, ("V1-01", "V1-02", "V1-03"))
    await reevaluating.authorise(evaluation.store, evaluation.case, SUPERVISOR, PAPER)


async def come_again(evaluation: Evaluation, expected: list[tuple[str, str]]) -> None:
    """Everybody is known at the desk again, pledges anew and elects a leader."""
    store = evaluation.store
    await checking_in.open_desk(store, evaluation.process, evaluation.case, MAIN)
    stranger = checking_in.Arrival("110101199001010000", "V1-01", "12", "colleague")
    assert (
        await checking_in.match(store, evaluation.process, evaluation.case, Actor("checkin", "desk", "V1"), stranger)
        is None
    )
    free: dict[str, list[str]] = {}
    for venue, number in reversed(expected):
        seats = store.look(lambda tx, venue=venue: sealed.seats_of(tx, evaluation.case, venue))  # type: ignore[misc]
        seat = free.setdefault(venue, seats).pop(0)
        arrival = checking_in.Arrival(number, seat, "12", "colleague")
        desk = Actor("checkin", "desk", venue)
        slip = await checking_in.match(store, evaluation.process, evaluation.case, desk, arrival)
        assert slip is not None
        await evaluation.take_seat(slip)
    assert await opening.open_committee(store, evaluation.process, evaluation.case)
    await evaluation.do(checking_in.ready, "green")
    await evaluation.pledge_and_elect()


async def sign_as_laid_out(evaluation: Evaluation, purpose: str) -> None:
    for alias in example.MEMBERS:
        await evaluation.sign(evaluation.member(alias), purpose)


async def test_scenario_20_the_original_committee_evaluates_again_and_the_second_bag_is_judged(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    expected = await closed(evaluation, keys, tmp_path / "first")
    old = store.case(CASE)
    await recalled(evaluation, asked(bids=("B",)))
    assert evaluation.state.state is State.RESCREENED
    assert store.case(CASE) == old
    assert store.look(lambda tx: linking.successor(tx, CASE)) == AGAIN
    with pytest.raises(rules.NothingToReevaluate):
        await store.act(lambda tx: reevaluating.ask(tx, CASE, AGENT, asked()))
    await come_again(evaluation, expected)
    names = {member.id: (member.alias, member.name, member.kind) for member in old.members.values()}
    assert {one.id: (one.alias, one.name, one.kind) for one in evaluation.state.members.values()} == names
    await evaluation.do(reviewing.begin, evaluation.leader)
    with pytest.raises(rules.NotConcerned):
        await evaluation.do(reviewing.save, evaluation.member("评委1"), ("A", example.F_CLAUSE), {"pass": True}, 1)
    await sign_as_laid_out(evaluation, "prelim")
    await evaluation.do(reviewing.close, evaluation.leader)
    assert set(evaluation.state.rejections) == set(old.rejections) == {"F"}
    with pytest.raises(rules.NotConcerned):
        await evaluation.do(scoring.save, evaluation.member("评委1"), scoring.Cell(BidId("A"), "T1", "score"), "1", 1)
    cell = scoring.Cell(BidId("B"), "T1", "score")
    for alias in example.MEMBERS[:4]:
        await evaluation.do(scoring.save, evaluation.member(alias), cell, "6", 1)
    await sign_as_laid_out(evaluation, "score-sheet")
    await evaluation.sum_up()
    assert (old.candidates[:2], evaluation.state.candidates[:2]) == (("B", "E"), ("E", "B"))
    await report_and_answer(evaluation)
    report = evaluation.state.report
    assert report is not None
    words = printed(store.objects.get(report.sha256))
    for said in ("重新评审", "由原评标委员会进行", "评审结果改变", "本级财政部门", "原评标委员会成员"):
        assert said in words, said
    verdict = await seal(evaluation, keys, tmp_path / "second")
    assert [one["why"] for one in verdict.unchecked] == ["followed-case"]
    assert (verdict.findings, verdict.status) == ((), 3)
    lies(tmp_path / "second" / AGAIN)


def lies(folder: Path) -> None:
    """A committee that is not the one recalled, one that nobody recalled, and one that another case's log recalls."""
    bag = open_bag(folder)
    believed = trust.of_bag(bag)
    read, _ = log.read(bag, believed, AGAIN)

    def found(kind: str, change: Callable[[Any], Any] | None) -> set[tuple[str, str]]:
        told = {**read.by_kind, kind: [changed(line, change) for line in read.by_kind[kind] if change]}
        context = Context(bag, cast(Any, None), replace(read, by_kind=told), believed, 0)
        return {
            (one.object.rpartition(" ")[2], one.what) for one in followed.check(context) if isinstance(one, Finding)
        }

    assert not found("committee.opened", lambda body: body)
    stranger = {"alias": "评委1", "categories": ["A08"], "kind": "expert", "member": "m1", "name": "别人"}
    assert found("committee.opened", lambda body: {**body, "members": [stranger]}) == {("m1", "not-as-logged")}
    assert {what for _, what in found("committee.recalled", None)} == {"no-statement"}
    elsewhere = {"case": "E-TEST-0002", "reason": "reevaluated"}
    [(_, what)] = found("case.created", lambda body: {**body, "follows": elsewhere})
    assert what == "proof"


def changed(line: Line, change: Callable[[Any], Any]) -> Line:
    return replace(line, stated=replace(line.stated, body=change(line.stated.body)))


async def test_a_committee_that_does_not_come_again_is_followed_by_a_new_one(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await closed(evaluation, keys, tmp_path / "first")
    await recalled(evaluation, asked())
    over = Stated("incomplete", "评委2住院")
    await checking_in.open_desk(store, evaluation.process, evaluation.case, MAIN)
    with pytest.raises(OutOfOrder):
        await evaluation.do(leaving.leave, MAIN, MemberId("m2"), "health")
    with pytest.raises(NotEndedSo):
        await ending.end(store, evaluation.process, evaluation.case, AGENT, over)
    set_clock(evaluation, datetime.now(UTC), timedelta(days=3))
    with pytest.raises(NotEndedSo):
        await ending.end(store, evaluation.process, evaluation.case, MAIN, over)
    await ending.end(store, evaluation.process, evaluation.case, AGENT, over)
    assert evaluation.state.state is State.CLOSED
    later = await store.act(lambda tx: linking.follow(tx, AGAIN, AGENT))
    info = store.case(later).info
    assert info is not None
    assert (info.follows, info.followed_as) == (AGAIN, "reconstituted")
    sat = store.look(lambda tx: tx.shelf(DEPLOYMENT, sittings.SITTINGS).get(CASE) or {})["experts"]
    assert len(sat) == 4
    assert set(sat) <= store.look(lambda tx: sittings.earlier(tx, later))


async def test_a_member_who_falls_ill_in_a_break_is_an_incident_that_ends_and_is_followed(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge_by(monkeypatch, FOUR_HOURS)
    expected = await closed(evaluation, keys, tmp_path / "sealed")
    await recalled(evaluation, asked())
    await come_again(evaluation, expected)
    began = datetime.now(UTC)
    await evaluation.do(pausing.begin_break, MAIN)
    set_clock(evaluation, began, timedelta(hours=5))
    over = Stated("incident", "评委2突发疾病，未能在四小时内继续")
    with pytest.raises(NotEndedSo):
        await ending.end(store, evaluation.process, evaluation.case, MAIN, over)
    await evaluation.do(pausing.suspend, MAIN, "评委2突发疾病", "")
    set_clock(evaluation, began, timedelta(hours=9, minutes=10))
    await ending.end(store, evaluation.process, evaluation.case, MAIN, over)
    later = await evaluation.do(linking.follow, AGENT)
    info = store.case(later).info
    assert info is not None
    assert (info.follows, info.followed_as) == (evaluation.case, "reconstituted")


async def test_a_request_that_was_ended_before_the_supervisor_agreed_leaves_another_one_possible(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await closed(evaluation, keys, tmp_path / "first")
    made = await evaluation.do(reevaluating.ask, AGENT, asked())
    with pytest.raises(rules.NothingToReevaluate):
        await evaluation.do(reevaluating.ask, AGENT, asked())
    await ending.end(store, evaluation.process, made, AGENT, Stated("cancelled", "质疑已撤回"))
    assert await evaluation.do(reevaluating.ask, AGENT, asked()) == "E-TEST-0001-R2"


async def test_the_ground_says_what_may_be_scored_again(
    evaluation: Evaluation, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    with pytest.raises(rules.NothingToReevaluate):
        await evaluation.do(reevaluating.ask, AGENT, asked())
    criteria = evaluation.store.look(lambda tx: criteria_of(tx, CASE))
    valid = [BidId("A"), BidId("B")]
    objective = next(one.item.id for one in criteria.items if one.item.is_objective)
    for ground, bids, items in (
        ("sum_error", ("A",), ("T1",)),
        ("abnormal_score", ("A",), ()),
        ("out_of_range", ("F",), ("T1",)),
        ("out_of_range", ("A",), ("T99",)),
        ("objective_mismatch", ("A",), ("T1",)),
    ):
        with pytest.raises(rules.WrongConcerns):
            rules.concerns_of(ground, bids, items, criteria, valid)  # type: ignore[arg-type]
    assert rules.concerns_of("sum_error", (), (), criteria, valid) == ()
    assert rules.concerns_of("objective_mismatch", ("B",), (objective,), criteria, valid)


@pytest.mark.parametrize(
    ("total", "rank", "candidates", "outcome"),
    [
        ("88.92", 1, ("B",), "kept"),
        ("88.50", 1, ("B",), "figures"),
        ("87.09", 2, ("B",), "changed"),
        ("88.92", 1, ("E",), "changed"),
    ],
)
def test_a_changed_order_goes_to_the_finance_department_and_changed_figures_alone_do_not(
    total: str, rank: int, candidates: tuple[str, ...], outcome: str
) -> None:
    before = Case(CASE, rows=({"bid": "B", "total": "88.92", "rank": 1},), candidates=("B",))
    now = replace(before, rows=({"bid": "B", "total": total, "rank": rank},), candidates=candidates)
    assert reevaluated._outcome(before, now) == outcome

"""A case in two lots: one committee, one pledge, one bag; each lot is scored, reported and signed in its turn."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archive.bag_source import BagSource
from conduct import (
    appraising,
    authorising,
    closing,
    linking,
    next_lot,
    paying,
    prechecking,
    reporting,
    reviewing,
    scoring,
    sealing,
    summing,
)
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Json
from demo import case_example_a as example
from evaluation.case import BidId, MemberId, State
from evaluation.life import OutOfOrder
from evaluation.lot import LotsLeft, NoLotLeft
from signing.canonical import canonical
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import AGENT, CASE, MAIN, Evaluation
from tests.services.test_reporting import answer, seal, seal_only

MEMBERS = [Actor("member", f"m{number}") for number in range(1, 6)]


@pytest.fixture
def two_lots(evaluation: Evaluation) -> Evaluation:
    """The example's tender in two lots, with the same bidders in both."""
    return Evaluation(evaluation.store, evaluation.office, evaluation.folder, lots=("1", "2"))


async def sign_report(evaluation: Evaluation) -> None:
    """The report is made and every member signs it."""
    await reporting.render(evaluation.store, CASE)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")


async def finish_lot(evaluation: Evaluation) -> None:
    """From the preparation to the signed report."""
    await evaluation.review()
    await evaluation.score()
    await evaluation.sum_up()
    await sign_report(evaluation)


async def go_on(evaluation: Evaluation) -> None:
    """The leader opens the next lot."""
    await evaluation.do(next_lot.open_next, evaluation.leader)


async def test_what_was_read_back_in_one_lot_is_signed_in_no_other(two_lots: Evaluation) -> None:
    await two_lots.to_review()
    await two_lots.review_failing(two_lots.state.bids)
    await sign_report(two_lots)
    report, who = two_lots.state.report, two_lots.leader.who
    assert report is not None
    body = {"by": two_lots.leader.as_by(), "member": "m2", "report": report.sha256, "text": "视为同意"}
    stale = await two_lots.do(authorising.prepare, who, "consent", [("consent.stated", body)])
    await go_on(two_lots)
    with pytest.raises(authorising.NothingPrepared):
        await two_lots.do(authorising.begin, who, "consent", stale.id)


async def test_two_lots_are_evaluated_one_after_another_and_sealed_in_one_bag(
    two_lots: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = two_lots
    await evaluation.to_review()
    assert _pledged_to(store) == list(example.BIDDERS.values())
    with pytest.raises(OutOfOrder):
        await go_on(evaluation)
    await finish_lot(evaluation)
    first = evaluation.state
    assert _typed(evaluation)
    assert list(first.bids) == [f"1-{letter}" for letter in example.BIDDERS]
    assert first.candidates == tuple(f"1-{letter}" for letter in example.CANDIDATES)
    await _only_the_leader_goes_on_and_nothing_else_does(evaluation)

    await go_on(evaluation)
    state = evaluation.state
    assert (state.state, state.lot, state.leader) == (State.PREP, "2", first.leader)
    assert state.finished["1"].report == first.report
    assert _typed(evaluation) == {}
    await finish_lot(evaluation)
    _each_report_is_of_its_lot(evaluation)
    with pytest.raises(NoLotLeft):
        await go_on(evaluation)

    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    data = tmp_path / "sealed" / CASE / "data"
    for lot in ("1", "2"):
        assert (data / f"tally/{lot}/result.json").exists()
        assert len(list((data / f"report/{lot}/signatures").glob("*.p7s"))) == len(MEMBERS)
    assert sorted(path.name for path in (data / "report").iterdir()) == ["1", "2"]
    await _a_wrong_tally_of_one_lot_is_named(evaluation, keys, tmp_path, monkeypatch)


def _pledged_to(store: Store) -> list[str]:
    bodies = store.look(lambda tx: [json.loads(data)["body"] for _, data in tx.statements(CASE, "pledge.signed")])
    assert len(bodies) == len(MEMBERS)
    names: list[str] = bodies[0]["bidders"]
    return names


async def _only_the_leader_goes_on_and_nothing_else_does(evaluation: Evaluation) -> None:
    with pytest.raises(LotsLeft):
        await evaluation.do(closing.close, MAIN)
    other = next(member for member in MEMBERS if member.who != evaluation.leader.who)
    with pytest.raises(NotTheLeader):
        await evaluation.do(next_lot.open_next, other)
    with pytest.raises(paying.FeeTooEarly):
        await evaluation.do(paying.confirm, MEMBERS[0], paying.Account("", ""), "")
    assert not evaluation.store.look(lambda tx: appraising.is_open(tx, CASE))


def _typed(evaluation: Evaluation) -> dict[Any, Any]:
    """What members' pages would show as typed: findings and scores."""
    look = evaluation.store.look
    flows: tuple[Any, Any] = (scoring.drafts, reviewing.drafts)
    own = [look(partial(flow, case=CASE, member=member.who)) for member in MEMBERS for flow in flows]
    return {cell: value for drafts in own for cell, value in drafts.items()}


def _each_report_is_of_its_lot(evaluation: Evaluation) -> None:
    state = evaluation.state
    for lot in (state.finished["1"], state):
        assert lot.report is not None
        value = json.loads(evaluation.store.objects.get(lot.report.data_sha256))
        assert value["case"]["lot"] == f"第{lot.lot}标段"
        assert [row["ref"] for row in value["bidders"]] == [f"{lot.lot}-{letter}" for letter in example.BIDDERS]
        assert {row["bidder"]: row["total"] for row in value["comparison"]["rows"]} == {
            f"{lot.lot}-{letter}": row["total"] for letter, row in example.EXPECTED.items()
        }
        assert {bid for sheet in value["sheets"] for bid in sheet["bidders"]} == set(lot.valid_bids)
        assert len(value["signed_acts"]) == 5 + 5 + 25
        assert lot.report.version == 1


async def _a_wrong_tally_of_one_lot_is_named(
    evaluation: Evaluation, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can seal changes a total of lot 1: lot 1 is named and nothing of lot 2."""
    gather = sealing.gather

    def tampered(*place: Any) -> BagSource:  # noqa: ANN401 - handed on
        source = gather(*place)
        result: Json = json.loads(source.lots["1"].tally.result)
        result["rows"][0]["total"] = "99.99"
        tally = replace(source.lots["1"].tally, result=canonical(result))
        return replace(source, lots={**source.lots, "1": replace(source.lots["1"], tally=tally)})

    monkeypatch.setattr(sealing, "gather", tampered)
    await evaluation.store.act(lambda tx: tx.shelf(CASE, "bag").delete("verdict"))
    verdict = await seal_only(evaluation, keys, tmp_path / "tampered")
    assert {(one["step"], one["object"], one["what"]) for one in verdict.findings} == {
        (9, "data/tally/1/result.json", "digest-differs"),
        (9, "data/tally/1/result.json", "not-as-tallied"),
    }


async def test_a_lot_that_fails_ends_with_its_own_report_and_the_case_is_sealed(
    two_lots: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    evaluation = two_lots
    await evaluation.to_review()
    await finish_lot(evaluation)
    await go_on(evaluation)
    await evaluation.review_failing(evaluation.state.bids)
    assert evaluation.state.failed == "all_rejected"
    await sign_report(evaluation)
    state = evaluation.state
    assert state.report is not None
    assert json.loads(store.objects.get(state.report.data_sha256))["outcome"] == "failed"
    assert state.finished["1"].candidates
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    data = tmp_path / "sealed" / CASE / "data"
    assert [path.name for path in (data / "tally").iterdir()] == ["1"]
    assert sorted(path.name for path in (data / "report").iterdir()) == ["1", "2"]


async def test_a_first_lot_that_fails_does_not_keep_the_second_from_being_evaluated(two_lots: Evaluation) -> None:
    await two_lots.to_review()
    await two_lots.review_failing(two_lots.state.bids)
    with pytest.raises(OutOfOrder):
        await go_on(two_lots)
    await sign_report(two_lots)
    await go_on(two_lots)
    await two_lots.review_passing()
    assert (two_lots.state.state, two_lots.state.failed) == (State.DETAILED, "")
    assert two_lots.state.valid_bids == tuple(f"2-{letter}" for letter in example.BIDDERS)


async def test_a_case_that_takes_up_another_has_the_lots_that_were_not_finished(two_lots: Evaluation) -> None:
    await two_lots.to_review()
    await two_lots.review_failing(two_lots.state.bids)
    await sign_report(two_lots)
    await go_on(two_lots)
    store = two_lots.store
    follower = await store.act(lambda tx: linking.create_after(tx, CASE, AGENT, "reconstituted"))
    state = store.case(follower)
    assert (list(state.lots), state.lot) == (["2"], "2")
    assert state.info
    assert state.info.lot == "第2标段"
    opening = store.look(lambda tx: linking._package(tx, CASE, "opening"))
    assert {bid["lot"] for bid in opening["bids"]} == {"2"}


async def test_the_bidders_of_every_lot_are_looked_for_but_compared_with_those_of_their_lot(
    two_lots: Evaluation,
) -> None:
    await two_lots.prepare_deployment()
    await two_lots.to_pledges()
    assert len(two_lots.state.all_bids) == 2 * len(example.BIDDERS)
    assert list(two_lots.state.bids) == [f"1-{letter}" for letter in example.BIDDERS]
    papers = two_lots.store.look(lambda tx: prechecking._papers(tx, CASE))
    bids = [one.path for one in papers if one.role == "bid"]
    assert bids == [f"bids/1-{letter}.pdf" for letter in example.BIDDERS]


async def test_questions_and_votes_are_numbered_through_all_lots_and_late_answers_stay_out(
    two_lots: Evaluation,
) -> None:
    await two_lots.to_review()
    await finish_lot(two_lots)
    asked = two_lots.state.clarifications
    await go_on(two_lots)
    await two_lots.review()
    assert not asked.keys() & two_lots.state.clarifications.keys()
    cell = scoring.Cell(BidId("1-A"), "T1", "score")
    with pytest.raises(scoring.NotYours):
        await two_lots.store.act(lambda tx: scoring.save(tx, CASE, MEMBERS[0], cell, "1", 0))
    assert MemberId("m1") in two_lots.state.members
    records = two_lots.store.look(lambda tx: summing.records(tx, CASE))
    assert [row["id"] for row in records.opening["bids"]] == [f"2-{letter}" for letter in example.BIDDERS]

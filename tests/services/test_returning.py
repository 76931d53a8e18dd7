"""Scenario 14: an error found before the summary goes back to its member; nobody else's sheet, and no other ground."""

import pytest

from conduct import report, returning, scoring, summing
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Tx
from conduct.reviewing import StageNotOpen
from evaluation.case import BidId, MemberId, State
from evaluation.selfcheck import ChangeNotAllowed
from tests.services.evaluation import CASE, Evaluation

OBJECTIVE = "B1"


async def retype(evaluation: Evaluation, member: str, bid: str, item: str, typed: str) -> None:
    """A member types over one cell of a sheet that is open again, and signs."""
    actor, cell = Actor("member", member), scoring.Cell(BidId(bid), item, "score")

    def save(tx: Tx) -> int:
        return scoring.save(tx, CASE, actor, cell, typed, scoring.drafts(tx, CASE, member)[cell][1])

    await evaluation.store.act(save)
    await evaluation.sign(actor, "score-sheet")


async def test_scenario_14_r20_a_wrong_objective_score_goes_back_and_is_mended(evaluation: Evaluation) -> None:
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score()
    before = evaluation.state.sheets[MemberId("m4"), BidId("B")]
    right = before.body["scores"][OBJECTIVE]
    # One member asks for a sheet before the summary and, by mistake, changes an objective score.
    with pytest.raises(returning.UnlockReasonMissing):
        await evaluation.do(returning.request_unlock, Actor("member", "m4"), "B", "  ")
    await evaluation.do(returning.request_unlock, Actor("member", "m4"), "B", "看错一页")
    with pytest.raises(NotTheLeader):
        await evaluation.do(returning.decide_unlock, Actor("member", "m4"), ("m4", "B"), approved=True)
    await evaluation.do(returning.decide_unlock, evaluation.leader, ("m4", "B"), approved=True)
    with pytest.raises(summing.SheetsMissing):
        await evaluation.do(summing.close_scoring, evaluation.leader)
    await retype(evaluation, "m4", "B", OBJECTIVE, "0")
    # the mismatch blocks the summary; the leader gives back that sheet, on that ground alone.
    with pytest.raises(summing.SelfCheckBlocks):
        await evaluation.do(summing.close_scoring, evaluation.leader)
    (block,) = evaluation.store.look(lambda tx: returning.blocks(tx, CASE))
    assert (block.bid, block.where, returning.ground_of(block)) == ("B", OBJECTIVE, "objective_mismatch")
    for key, ground, refusal in (
        (("m4", "B"), "other", ChangeNotAllowed),
        (("m4", "B"), "sum_error", returning.GroundNotFound),
        (("m4", "A"), "objective_mismatch", returning.GroundNotFound),
    ):
        with pytest.raises(refusal):
            await evaluation.do(returning.give_back, evaluation.leader, key, ground)
    await evaluation.do(returning.give_back, evaluation.leader, ("m4", "B"), "objective_mismatch")
    with pytest.raises(returning.NothingToReturn):
        await evaluation.do(returning.give_back, evaluation.leader, ("m4", "B"), "objective_mismatch")
    await retype(evaluation, "m4", "B", OBJECTIVE, right)
    await evaluation.sum_up()
    state = evaluation.state
    assert state.state is State.RECHECK
    assert {row["bid"]: row["total"] for row in state.rows}["B"] == "88.92"
    with pytest.raises(StageNotOpen):
        await evaluation.do(returning.request_unlock, Actor("member", "m4"), "B", "还想改")
    _tells_of_both_sheets(evaluation)


def _tells_of_both_sheets(evaluation: Evaluation) -> None:
    value = evaluation.store.look(lambda tx: report.build(tx, CASE))
    voided = [sheet for sheet in value["sheets"] if sheet["state"] == "voided"]
    assert [(sheet["member"], sheet["bidders"]) for sheet in voided] == [("评委4", ["B"])] * 2
    asked, mismatch, deviation = value["rechecks"]
    assert "看错一页" in asked["decision"]
    assert mismatch["flag"] == "客观评审因素评分不一致（87号令第六十四条）"
    assert (mismatch["before"], mismatch["after"]) != (asked["before"], asked["before"])
    assert mismatch["after"] == asked["before"]
    assert deviation["flag"] == "评分偏差"

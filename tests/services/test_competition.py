"""Scenario 11: fewer than three valid bids: the committee votes on going on; a failed tender has its report."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive.report.consistency import read_report
from archive.report.reading import value_of
from conduct import deciding, reporting, reviewing
from conduct.clarifying import NotTheLeader
from evaluation import motion
from evaluation.ballot import AlreadyVoted
from evaluation.case import Report, State
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import CASE, Evaluation
from tests.services.test_reporting import answer, printed, seal

ALL = "ABCDEF"
ALIASES = ("评委1", "评委2", "评委3", "评委4", "评委5")


async def test_scenario_11_the_committee_goes_on_with_two_bids_by_majority(evaluation: Evaluation) -> None:
    await evaluation.to_review()
    await evaluation.review_failing("CDEF")
    with pytest.raises(reviewing.StageNotOpen):
        await evaluation.do(reviewing.begin, evaluation.leader)
    with pytest.raises(NotTheLeader):
        await evaluation.do(deciding.open_motion, evaluation.member("评委1"), "competition")
    await evaluation.do(deciding.open_motion, evaluation.leader, "competition")
    assert evaluation.state.motions["v1"].text == "有效投标不足3家，是否继续评标？"
    with pytest.raises(motion.MotionOpen):
        await evaluation.do(deciding.open_motion, evaluation.leader, "competition")
    for alias, choice in zip(ALIASES[:4], ("yes", "no", "yes", "no"), strict=True):
        await evaluation.vote(alias, choice)
    with pytest.raises(AlreadyVoted):
        await evaluation.vote("评委1", "no")
    await evaluation.vote("评委5", "yes", "两家报价差异明显，仍有竞争")
    state = evaluation.state
    decided = state.motions["v1"]
    assert (decided.yes, decided.no, decided.is_carried) == (3, 2, True)
    assert (state.state, state.valid_bids) == (State.DETAILED, ("A", "B"))


async def test_scenario_11_a_committee_that_does_not_go_on_reports_a_failed_tender(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await evaluation.to_review()
    await evaluation.review_failing("CDEF")
    await evaluation.do(deciding.open_motion, evaluation.leader, "competition")
    for alias, choice in zip(ALIASES, ("no", "no", "yes", "no", "yes"), strict=True):
        await evaluation.vote(alias, choice)
    assert (evaluation.state.state, evaluation.state.failed) == (State.FAILED, "lacks_competition")
    await reporting.render(store, CASE)
    value = _reported(evaluation)
    (decision,) = value["decisions"]
    assert (decision["votes_for"], decision["votes_against"], decision["result"]) == (2, 3, "未过半数，不再继续评标")
    assert [one["bidder"] for one in value["compliant"]] == ["A", "B"]
    assert "明显缺乏竞争" in value["conclusion"]
    words = printed(store.objects.get(_report(evaluation).sha256))
    for part in ("本次招标失败", "未进行详细评审", "未进行报价评审", "评标委员会未推荐中标候选人", "表决票（v1）"):
        assert part in words, part
    for alias in ALIASES:
        await answer(evaluation, alias, "signed")
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert not (tmp_path / "sealed" / CASE / "data/tally").exists()


async def test_r_40_without_a_valid_bid_the_tender_has_failed_and_nothing_is_voted_on(
    evaluation: Evaluation, store: Store
) -> None:
    await evaluation.to_review()
    await evaluation.review_failing(ALL)
    assert (evaluation.state.state, evaluation.state.failed) == (State.FAILED, "all_rejected")
    with pytest.raises(motion.MotionOutOfPlace):
        await evaluation.do(deciding.open_motion, evaluation.leader, "competition")
    await reporting.render(store, CASE)
    value = _reported(evaluation)
    assert (value["outcome"], value["compliant"], value["candidates"]) == ("failed", [], [])
    assert len(value["rejected"]) == len(ALL)


def _report(evaluation: Evaluation) -> Report:
    report = evaluation.state.report
    assert report is not None
    return report


def _reported(evaluation: Evaluation) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(evaluation.store.objects.get(_report(evaluation).data_sha256))
    assert value_of(read_report(value)) == value
    assert value["outcome"] == "failed"
    return value

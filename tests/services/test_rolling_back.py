"""Rollback: asked by the leader, decided by whom the profile names, nothing of what stood is lost."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conduct import authorising, reporting, reviewing, rolling_back, summing
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor
from conduct.rulebook import profile_of
from demo import case_example_a as example
from evaluation import approval, rollback
from evaluation.case import State
from evaluation.life import Sealed
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import CASE, FAIL, MAIN, SUPERVISOR, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import answer, read_back, seal

WITNESS = Actor("witness", "witness")


async def test_after_the_report_the_committee_goes_back_to_scoring_and_reports_anew(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await evaluation.to_candidates()
    await reporting.render(store, CASE)
    await answer(evaluation, "评委1", "signed")
    stale = await read_back(evaluation, "评委2", "signed")
    before = evaluation.state
    assert before.report is not None
    await _refuses_unfit_requests(evaluation)
    await evaluation.do(rolling_back.ask, evaluation.leader, "detailed", "漏看一份附件")
    with pytest.raises(rollback.RollbackOpen):
        await evaluation.do(rolling_back.ask, evaluation.leader, "prelim", "又一次")
    with pytest.raises(approval.NotTheApprover):
        await evaluation.do(rolling_back.decide, MAIN, approved=True)
    await evaluation.do(rolling_back.decide, SUPERVISOR, approved=False)
    assert (evaluation.state.state, evaluation.state.report) == (State.REPORT_SIGNING, before.report)
    await evaluation.do(rolling_back.ask, evaluation.leader, "detailed", "漏看一份附件")
    await evaluation.do(rolling_back.decide, SUPERVISOR, approved=True)
    state = evaluation.state
    assert (state.state, state.report, state.rows, state.candidates) == (State.DETAILED, None, (), ())
    assert (state.returned, state.rejections) == (frozenset(before.sheets), before.rejections)
    kept = json.loads(store.objects.get(state.rollbacks[-1].snapshot))
    assert kept["report"] == before.report.sha256
    assert {row["entry"] for row in kept["sheets"]} == {one.entry for one in before.sheets.values()}
    with pytest.raises(summing.SheetsMissing):
        await evaluation.do(summing.close_scoring, evaluation.leader)
    for alias in example.MEMBERS:
        await evaluation.sign(evaluation.member(alias), "score-sheet")
    await evaluation.sum_up()
    await reporting.render(store, CASE)
    assert evaluation.state.report is not None
    assert evaluation.state.report.version == 2
    await _is_signed_no_more(evaluation, "评委2", stale)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")
    value = json.loads(store.objects.get(evaluation.state.report.data_sha256))
    declined, approved = (one for one in value["interruptions"] if one["kind"] == "rollback")
    assert (declined["note"], declined["decided_by"]) == ("未批准。", "行政监督部门（supervisor）")
    assert state.rollbacks[-1].snapshot in approved["note"]
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert len(list((tmp_path / "sealed" / CASE / "data/report/voided").rglob("*.p7s"))) == 1
    with pytest.raises((Sealed, rollback.NotBehind, NotTheLeader)):
        await evaluation.do(rolling_back.ask, evaluation.leader, "detailed", "太晚")


async def _is_signed_no_more(evaluation: Evaluation, alias: str, stale: authorising.Batch) -> None:
    """The page of before the rollback is still open, and its password typed."""
    with pytest.raises(authorising.NothingPrepared):
        await evaluation.do(authorising.begin, evaluation.member(alias).who, "report", stale.id)


async def _refuses_unfit_requests(evaluation: Evaluation) -> None:
    """Only the leader asks, with a reason, for a stage that is closed; nobody decides what nobody asked."""
    for actor, stage, reason, refusal in (
        (evaluation.member("评委1"), "detailed", "理由", NotTheLeader),
        (evaluation.leader, "detailed", " ", rollback.RollbackReasonMissing),
        (evaluation.leader, "price", "理由", rollback.NotBehind),
    ):
        with pytest.raises(refusal):
            await evaluation.do(rolling_back.ask, actor, stage, reason)
    with pytest.raises(rollback.NoRollback):
        await evaluation.do(rolling_back.decide, SUPERVISOR, approved=True)


async def test_without_an_answer_in_time_duty_officer_and_witness_decide_together(
    evaluation: Evaluation, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"incident": {"approver_wait_s": 0}})
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.do(rolling_back.ask, evaluation.leader, "prelim", "条款理解有误")
    with monkeypatch.context() as early:
        profile = store.look(lambda tx: profile_of(tx, CASE))
        waiting = replace(profile.rules.incident, approver_wait_s=int(timedelta(minutes=15).total_seconds()))
        early.setattr(
            rolling_back,
            "profile_of",
            lambda _tx, _case: replace(profile, rules=replace(profile.rules, incident=waiting)),
        )
        assert store.look(lambda tx: rolling_back.approvers(tx, CASE)) == {"supervisor"}
    await evaluation.do(rolling_back.decide, MAIN, approved=True)
    with pytest.raises(approval.NotTheApprover):
        await evaluation.do(rolling_back.decide, MAIN, approved=True)
    assert evaluation.state.rollback is not None
    await evaluation.do(rolling_back.decide, WITNESS, approved=True)
    state = evaluation.state
    assert (state.state, dict(state.prelims), set(state.rejections)) == (State.PRELIM, {}, {"F"})
    with pytest.raises(reviewing.StageNotOpen):
        await evaluation.do(summing.close_scoring, evaluation.leader)
    for alias in example.MEMBERS:
        await evaluation.sign(evaluation.member(alias), "prelim")
    await evaluation.do(reviewing.close, evaluation.leader)
    assert evaluation.state.state is State.DETAILED


async def test_a_sheet_of_a_bid_that_is_rejected_after_going_back_holds_nobody_up(evaluation: Evaluation) -> None:
    await evaluation.to_candidates()
    await back_to_review(evaluation, ("E", "F"))
    assert set(evaluation.state.rejections) == {"E", "F"}
    for alias in example.MEMBERS:
        await evaluation.sign(evaluation.member(alias), "score-sheet")
    assert evaluation.state.all_sheets_in
    await evaluation.sum_up()
    assert {row["bid"] for row in evaluation.state.rows} == {"A", "B", "C", "D"}


async def back_to_review(evaluation: Evaluation, failing: Iterable[str]) -> None:
    """Go back to the preliminary review and find these bids not responsive in it."""
    await evaluation.do(rolling_back.ask, evaluation.leader, "prelim", "条款理解有误")
    await evaluation.do(rolling_back.decide, SUPERVISOR, approved=True)
    for alias in example.MEMBERS:
        await evaluation.find(alias, dict.fromkeys(failing, FAIL))
    await evaluation.do(reviewing.close, evaluation.leader)

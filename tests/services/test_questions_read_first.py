"""A question to a bidder that a supervisor reads first (R-15): nothing goes out and no time runs before."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from conduct import clarifying, reading_questions, reviewing
from conduct.ports import Actor
from demo import case_example_a as example
from evaluation import approval
from evaluation.approval import TOGETHER, NotTheApprover, approvers
from evaluation.clarification import NotAsked
from evaluation.profiles import load_profile
from tests.services.evaluation import CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.profiles import judge_by

WITNESS = Actor("witness", "witness")
TOLD: Any = example.CLARIFICATION


async def asked(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch, wait_s: int = 900) -> str:
    """A case in review, under a profile whose supervisor reads, with one question waiting; returns its id."""
    judge_by(monkeypatch, {"clarification": {"supervisor_reviews": True}, "incident": {"approver_wait_s": wait_s}})
    await evaluation.to_review()
    await evaluation.do(reviewing.begin, evaluation.leader)
    sent = await evaluation.store.act(
        lambda tx: clarifying.ask(tx, CASE, evaluation.leader, TOLD["bid"], TOLD["scope"], TOLD["question"])
    )
    assert sent.token == ""
    return sent.id


async def read(evaluation: Evaluation, who: Actor, name: str, approved: bool, remark: str = "") -> None:
    act = partial(reading_questions.decide, case=CASE, actor=who, name=name, approved=approved, remark=remark)
    await evaluation.store.act(act)


def going_out(evaluation: Evaluation) -> list[str]:
    return list(evaluation.state.clarifications)


async def test_a_question_waits_until_the_supervisor_lets_it_through_and_its_time_runs_from_then(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await asked(evaluation, monkeypatch)
    assert going_out(evaluation) == []
    assert [one.id for one in evaluation.state.unread] == [name]
    await read(evaluation, SUPERVISOR, name, approved=True)
    sent = evaluation.state.clarifications[name]
    assert (sent.bid, sent.text) == (TOLD["bid"], TOLD["question"])
    assert sent.due > sent.asked_at >= evaluation.state.proposals[name].decided_at
    with pytest.raises(NotAsked):
        await read(evaluation, SUPERVISOR, name, approved=True)


async def test_a_question_is_returned_with_a_remark_and_asked_again_under_another_number(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await asked(evaluation, monkeypatch)
    with pytest.raises(reading_questions.RemarkMissing):
        await read(evaluation, SUPERVISOR, name, approved=False, remark="  ")
    await read(evaluation, SUPERVISOR, name, approved=False, remark="超出投标文件范围")
    assert going_out(evaluation) == []
    assert evaluation.state.proposals[name].remark == "超出投标文件范围"
    again = await evaluation.store.act(
        lambda tx: clarifying.ask(tx, CASE, evaluation.leader, TOLD["bid"], TOLD["scope"], "第 87 页工期以哪一处为准？")
    )
    assert again.id != name


async def test_nobody_else_decides_while_the_supervisor_has_time(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await asked(evaluation, monkeypatch)
    for who in (MAIN, WITNESS, Actor("agent", "agent"), evaluation.leader):
        with pytest.raises(NotTheApprover):
            await read(evaluation, who, name, approved=True)


async def test_duty_officer_and_witness_decide_together_for_a_supervisor_who_stays_away(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await asked(evaluation, monkeypatch, wait_s=0)
    await read(evaluation, MAIN, name, approved=True)
    assert going_out(evaluation) == []
    with pytest.raises(NotTheApprover):
        await read(evaluation, MAIN, name, approved=True)
    await read(evaluation, WITNESS, name, approved=True)
    assert going_out(evaluation) == [name]


async def test_one_refusal_of_the_two_returns_it(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    name = await asked(evaluation, monkeypatch, wait_s=0)
    await read(evaluation, MAIN, name, approved=True)
    await read(evaluation, WITNESS, name, approved=False, remark="有诱导")
    assert going_out(evaluation) == []
    assert not evaluation.state.unread


def test_a_question_waits_for_as_long_as_the_profile_says() -> None:
    rules = load_profile("works").rules.incident
    at = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    late = timedelta(seconds=rules.approver_wait_s)
    assert approvers(at.isoformat(), at + late - timedelta(seconds=1), rules) == {approval.SUPERVISOR}
    assert approvers(at.isoformat(), at + late, rules) == {approval.SUPERVISOR} | TOGETHER

"""Bids opened before experts are drawn: bidders are units to avoid in the draw itself, and nobody types them."""

import json
from pathlib import Path

import pytest

from conduct import ending, expert_draw, importing, reporting
from conduct.rulebook import profile_of
from demo import case_example_a as example
from evaluation.case import State
from evaluation.life import OutOfOrder
from storage.deployment_keys import DeploymentKeys
from tests.services.evaluation import AGENT, CASE, Evaluation
from tests.services.profiles import judge_by
from tests.services.province import Province
from tests.services.test_reporting import answer, seal
from web.steps import steps_of


@pytest.fixture
async def opened_first(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """A case under such rules whose sub venues are drawn."""
    judge_by(monkeypatch, {"draw": {"moment": "after_opening"}})
    for part in ("prepare_deployment", "apply", "draw_venues"):
        await getattr(evaluation, part)()
    return evaluation


def step_now(evaluation: Evaluation) -> list[str]:
    profile = evaluation.store.look(lambda tx: profile_of(tx, CASE))
    return [step.name for step in steps_of(evaluation.state, profile) if step.status == "now"]


async def test_no_expert_is_drawn_before_the_bids_are_open(opened_first: Evaluation) -> None:
    with pytest.raises(expert_draw.BidsFirst):
        await opened_first.draw_experts()
    with pytest.raises(expert_draw.BidsFirst):
        await opened_first.do(importing.take, AGENT, Province(opened_first.folder).result())
    assert step_now(opened_first) == ["opening"]
    assert ending.needs_approval(opened_first.state) is False
    await opened_first.hand_in_opening()
    assert opened_first.state.state is State.VENUE_DRAWN
    assert step_now(opened_first) == ["experts"]
    with pytest.raises(OutOfOrder):
        await opened_first.hand_in_opening()


async def test_after_the_opening_such_a_case_is_not_ended_at_will(opened_first: Evaluation) -> None:
    store = opened_first.store
    assert store.look(lambda tx: ending.grounds_for(tx, CASE, "agent")) == ("cancelled",)
    await opened_first.hand_in_opening()
    assert store.look(lambda tx: ending.grounds_for(tx, CASE, "agent")) == ()


async def test_where_no_expert_is_found_for_opened_bids_the_case_may_end_and_be_drawn_anew(
    opened_first: Evaluation,
) -> None:
    store = opened_first.store
    await opened_first.hand_in_opening()
    await opened_first.confirm_experts()
    lacking = [{"place": "main", "category": "A08", "members": 1, "alternates": 0}]
    await store.act(lambda tx: tx.record(CASE, "draw.short", {"draw": "experts", "attempt": 1, "short": lacking}))
    assert opened_first.state.state is State.VENUE_DRAWN
    assert store.look(lambda tx: ending.grounds_for(tx, CASE, "agent")) == ("exhausted",)


async def test_under_other_rules_bids_are_not_opened_before_the_draw(evaluation: Evaluation) -> None:
    for part in ("prepare_deployment", "apply", "draw_venues"):
        await getattr(evaluation, part)()
    with pytest.raises(OutOfOrder):
        await evaluation.hand_in_opening()


async def test_bidders_are_avoided_in_the_draw_and_the_case_goes_its_way_to_a_bag_that_verifies(
    opened_first: Evaluation, keys: DeploymentKeys, tmp_path: Path
) -> None:
    evaluation = opened_first
    await evaluation.hand_in_opening()
    await evaluation.draw_experts()
    asked = next(
        json.loads(data)["body"]
        for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, "draw.requested")))
        if json.loads(data)["body"]["draw"] == "experts"
    )
    assert set(asked["request"]["avoid"]) >= set(example.BIDDERS.values())
    assert evaluation.state.state.value == "opened"
    sealed = evaluation.state.draws["experts"].order
    await expert_draw.rescreen(evaluation.store, evaluation.process, CASE)
    assert evaluation.state.state.value == "rescreened"
    assert evaluation.state.draws["experts"].order != sealed, "the order after calls is stated, with nobody exchanged"
    for part in ("check_in", "pledge_and_elect", "review", "score", "sum_up"):
        await getattr(evaluation, part)()
    await reporting.render(evaluation.store, CASE)
    for number in range(1, 6):
        await answer(evaluation, f"评委{number}", "signed")
    verdict = await seal(evaluation, keys, tmp_path / "out")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())

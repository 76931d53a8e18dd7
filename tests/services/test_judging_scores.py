"""Scenario 14 under Chongqing's rules: a score voted abnormal is explained, judged, replaced: 83.25 (R-19)."""

from functools import partial
from pathlib import Path

import pytest

from conduct import deciding, judging_scores, report, reporting, summing
from conduct.ports import Actor
from demo import case_example_a as example
from evaluation.motion import MotionOutOfPlace
from evaluation.selfcheck import ReasonMissing
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import CASE, Evaluation
from tests.services.profiles import judge_by, values_of
from tests.services.test_reporting import answer, seal

FIGURE = ("m5", "A", "technical")
ALIASES = ("评委1", "评委2", "评委3", "评委4", "评委5")


async def decide(evaluation: Evaluation, choices: str) -> None:
    """Everybody votes, `y` or `n` in the order of the committee."""
    for alias, choice in zip(ALIASES, choices, strict=True):
        await evaluation.vote(alias, "yes" if choice == "y" else "no")


async def test_scenario_14_r19_the_mean_of_the_others_replaces_the_score(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, values_of("chongqing", "scoring"))
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score()
    with pytest.raises(MotionOutOfPlace):
        await evaluation.do(judging_scores.question, evaluation.member("评委1"), FIGURE)
    await evaluation.do(summing.close_scoring, evaluation.leader)
    await evaluation.do(summing.decide, Actor("member", "m5"), "A", "kept", example.DEVIATION["reason"])
    await _refuses_other_figures(evaluation)
    # Three of five find it abnormal; the summary waits for the reason.
    await evaluation.do(judging_scores.question, evaluation.member("评委1"), FIGURE)
    with pytest.raises(summing.AbnormalOpen):
        await evaluation.do(summing.recommend, evaluation.leader)
    await decide(evaluation, "yyynn")
    with pytest.raises(summing.AbnormalOpen):
        await evaluation.do(summing.recommend, evaluation.leader)
    with pytest.raises(ReasonMissing):
        await evaluation.do(judging_scores.explain, Actor("member", "m5"), "A", "technical", " ")
    with pytest.raises(judging_scores.NotQuestioned):
        await evaluation.do(judging_scores.explain, Actor("member", "m4"), "A", "technical", "理由")
    await evaluation.do(judging_scores.explain, Actor("member", "m5"), "A", "technical", "方案确有优势")
    # The reason is voted insufficient; the leader's signed note puts the mean of the others in its place.
    with pytest.raises(judging_scores.NotQuestioned):
        store.look(partial(judging_scores.note_body, case=CASE, actor=evaluation.leader, figure=FIGURE))
    await evaluation.do(judging_scores.question_reason, evaluation.leader, FIGURE)
    await decide(evaluation, "nyyyn")
    body = partial(judging_scores.note_body, case=CASE, actor=evaluation.leader, figure=FIGURE)
    assert {row["bid"]: row["total"] for row in evaluation.state.rows}["A"] == "83.67"
    await evaluation.sign_body(evaluation.leader, "note", lambda tx: [("score.replaced", body(tx))])
    rows = {row["bid"]: (row["total"], row["rank"]) for row in evaluation.state.rows}
    unchanged = {bid: (row["total"], row["rank"]) for bid, row in example.EXPECTED.items() if bid != "A"}
    assert rows == unchanged | {"A": ("83.25", example.EXPECTED["A"]["rank"])}
    # The committee's figures changed, and with them what the self-check asks.
    for flag in evaluation.state.flags:
        await evaluation.do(summing.decide, Actor("member", flag.member), flag.bid, "kept", "维持")
    await evaluation.do(summing.recommend, evaluation.leader)
    assert evaluation.state.candidates == example.CANDIDATES
    _tells_how_it_came(evaluation)
    await reporting.render(store, CASE)
    for alias in ALIASES:
        await answer(evaluation, alias, "signed")
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())


def _tells_how_it_came(evaluation: Evaluation) -> None:
    """Both votes and the figure before and after stand in the report."""
    value = evaluation.store.look(lambda tx: report.build(tx, CASE))
    note = value["rechecks"][-1] if value["rechecks"][-1]["flag"].startswith("评分异常") else value["rechecks"][1]
    assert (note["before"], note["after"]) == ("48.5", "41.75")
    assert [one["result"] for one in value["decisions"]] == [
        "过半数认定评分异常，由该成员书面说明理由",
        "过半数认为理由不充分，以其他成员评分的平均值代替",
    ]


async def _refuses_other_figures(evaluation: Evaluation) -> None:
    """Nobody questions the own figure, one of a rejected bid, or one that no member gave."""
    for actor, figure, refusal in (
        (Actor("member", "m5"), FIGURE, MotionOutOfPlace),
        (evaluation.member("评委1"), ("m5", "F", "technical"), judging_scores.NotReplaceable),
        (evaluation.member("评委1"), ("m5", "A", "price"), judging_scores.NotReplaceable),
    ):
        with pytest.raises(refusal):
            await evaluation.do(judging_scores.question, actor, figure)


async def test_where_the_profile_only_shows_a_deviation_no_score_is_replaced(evaluation: Evaluation) -> None:
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score()
    await evaluation.do(summing.close_scoring, evaluation.leader)
    with pytest.raises(judging_scores.NotReplaceable):
        await evaluation.do(judging_scores.question, evaluation.member("评委1"), FIGURE)
    # every member may put a question; two of five are more than a third.
    await evaluation.do(deciding.open_motion, evaluation.member("评委1"), "more_time", "延长一小时")
    await decide(evaluation, "yynnn")
    assert evaluation.state.motions["v1"].is_carried

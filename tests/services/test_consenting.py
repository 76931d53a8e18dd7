"""Scenario 18: a member who never answers the report does not keep the case open (R-17)."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from conduct import closing, consenting, enrolling, reporting
from conduct.ports import Actor
from conduct.rulebook import profile_of
from demo import case_example_a as example
from evaluation.case import State
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import CASE, PASSWORD, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import answer, printed, seal

WITNESS = Actor("witness", "witness")


async def test_scenario_18_r17_silence_is_stated_countersigned_and_the_case_closes(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"report": {"answer_wait_s": 0}})
    await evaluation.to_candidates()
    await reporting.render(store, CASE)
    leader, silent = evaluation.leader, "m5"
    with monkeypatch.context() as waiting:
        profile = store.look(lambda tx: profile_of(tx, CASE))
        late = replace(profile, rules=replace(profile.rules, report=replace(profile.rules.report, answer_wait_s=1800)))
        waiting.setattr(consenting, "profile_of", lambda _tx, _case: late)
        with pytest.raises(consenting.ConsentTooEarly) as early:
            store.look(partial(consenting.body, case=CASE, actor=leader, member=silent))
        assert early.value.fills == {"minutes": 30}
    for alias in example.MEMBERS[:4]:
        await answer(evaluation, alias, "signed")
    with pytest.raises(closing.ReportUnsigned):
        await evaluation.do(closing.close, Actor("main_staff", "main"))
    for actor, member, refusal in (
        (Actor("member", "m1"), silent, consenting.NotToState),
        (leader, "m1", reporting.AlreadyAnswered),
        (leader, leader.who, consenting.NotToState),
    ):
        with pytest.raises(refusal):
            store.look(partial(consenting.body, case=CASE, actor=actor, member=member))
    key = await enrolling.make_key(evaluation.office, f"{CASE}/witness/1", PASSWORD, bytes(32))
    await evaluation.do(enrolling.enrol_person, evaluation.office, WITNESS, key)
    with pytest.raises(consenting.NoConsentStated):
        store.look(partial(consenting.witness_body, case=CASE, actor=WITNESS, member=silent))
    body = partial(consenting.body, case=CASE, actor=leader, member=silent)
    await evaluation.sign_body(leader, "consent", lambda tx: [("consent.stated", body(tx))])
    assert [one.id for one in evaluation.state.unanswered] == [silent]
    countersigned = partial(consenting.witness_body, case=CASE, actor=WITNESS, member=silent)
    await evaluation.sign_body(WITNESS, "consent", lambda tx: [("consent.witnessed", countersigned(tx))])
    assert not evaluation.state.unanswered
    with pytest.raises(reporting.AlreadyAnswered):
        await answer(evaluation, "评委5", "signed")
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert evaluation.state.state is State.CLOSED
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert "签名4人" in printed(verdict.opinion.read_bytes())
    assert "经说明和会签视为同意1人" in printed(verdict.opinion.read_bytes())


async def test_r_17_of_a_silent_leader_a_member_who_has_answered_states_it(
    evaluation: Evaluation, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"report": {"answer_wait_s": 0}})
    await evaluation.to_candidates()
    digest = "0" * 64
    await store.act(lambda tx: tx.record(CASE, "report.rendered", {"version": 1, "report": digest, "data": digest}))
    leader = evaluation.state.leader
    with pytest.raises(consenting.NotToState):
        store.look(partial(consenting.body, case=CASE, actor=Actor("member", "m1"), member=leader))
    await answer(evaluation, "评委1", "refused", "不同意见。")
    body = store.look(partial(consenting.body, case=CASE, actor=Actor("member", "m1"), member=leader))
    assert body["text"].startswith("评委3 在规定时间内")

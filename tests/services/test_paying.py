"""Steps 25 and 26: an expert confirms time and account, who pays gets a sheet once, and conduct is appraised."""

import json
from datetime import date
from typing import Any

import pytest

from conduct import appraising, closing, paying, pledging, replacing, reporting
from conduct.paying import Account
from conduct.replacing import Asked
from demo import case_example_a as example
from evaluation.appraisal import AnswersIncomplete, AppraisalRemarkMissing, load_form
from evaluation.fees import load_fees
from expert_pool.replacement import ReplacementReason
from storage.store import Store
from tests.services.evaluation import AGENT, CASE, MAIN, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_replacing import confirm
from tests.services.test_reporting import answer

BANK = Account("演示银行", "6222 0000 0000 0000")
NONE = Account("", "")
GOOD = {item.id: True for item in load_form().items}
LAST = "评委4"


def bodies(store: Store, log: str, kind: str) -> list[dict[str, Any]]:
    """What the statements of a kind say."""
    return [json.loads(data)["body"] for _, data in store.look(lambda tx: list(tx.statements(log, kind)))]


async def to_answers(evaluation: Evaluation, store: Store) -> None:
    """A case in which everybody but one has answered the report."""
    await evaluation.to_candidates()
    await reporting.render(store, CASE)
    for alias in example.MEMBERS:
        if alias != LAST:
            await answer(evaluation, alias, "signed")


async def test_an_expert_confirms_time_and_account_once_and_the_log_never_gets_the_account(
    evaluation: Evaluation, store: Store
) -> None:
    await to_answers(evaluation, store)
    first = evaluation.member("评委1")
    with pytest.raises(paying.FeeTooEarly):
        await evaluation.do(paying.confirm, evaluation.member(LAST), BANK, "")
    with pytest.raises(paying.NotPaid):
        await evaluation.do(paying.confirm, evaluation.member("评委5"), BANK, "")
    for wrong in (Account("", "62220000"), Account("演示银行", ""), Account("演示银行", "6222-0000")):
        with pytest.raises(paying.AccountMisspelt):
            await evaluation.do(paying.confirm, first, wrong, "")
    await evaluation.do(paying.confirm, first, BANK, "")
    with pytest.raises(paying.FeeAlreadyConfirmed):
        await evaluation.do(paying.confirm, first, BANK, "")
    await evaluation.do(paying.confirm, evaluation.member("评委2"), NONE, "我到场早于签到")
    told = bodies(store, CASE, "fee.confirmed")
    said = [(row["alias"], row["yuan"], row["agreed"]) for row in told]
    assert said == [("评委1", "400", True), ("评委2", "400", False)]
    assert {row["table"] for row in told} == {load_fees("shandong").digest}
    assert not [data for _, data in store.look(lambda tx: list(tx.statements(CASE))) if b"6222" in data]
    await appraise(evaluation)
    await close_and_pay(evaluation, store)


async def appraise(evaluation: Evaluation) -> None:
    """While the report is signed, the agent files one form an expert."""
    late = GOOD | {"a01": False}
    for member, answers, remark, refusal in (
        ("m5", GOOD, "", appraising.NotToAppraise),
        ("m1", {"a01": True}, "", AnswersIncomplete),
        ("m1", late, " ", AppraisalRemarkMissing),
    ):
        with pytest.raises(refusal):
            await evaluation.do(appraising.file, AGENT, member, answers, remark)
    await evaluation.do(appraising.file, AGENT, "m1", late, "迟到十分钟")
    with pytest.raises(appraising.AlreadyAppraised):
        await evaluation.do(appraising.file, AGENT, "m1", GOOD, "")


async def close_and_pay(evaluation: Evaluation, store: Store) -> None:
    """Accounts open when the case is closed and are gone once the payer has the sheet."""
    with pytest.raises(paying.FeesNotDue):
        await evaluation.do(paying.destroy, MAIN)
    await answer(evaluation, LAST, "signed")
    await evaluation.do(closing.close, MAIN)
    assert store.look(lambda tx: paying.accounts(tx, CASE)) == {"m1": Account("演示银行", "6222000000000000")}
    dues = store.look(lambda tx: paying.dues(tx, CASE))
    assert [(due.member.id, due.yuan, due.agrees) for due in dues] == [
        ("m1", 400, True), ("m2", 400, False), ("m3", 400, False), ("m4", 400, False)
    ]  # fmt: skip
    await evaluation.do(paying.destroy, MAIN)
    with pytest.raises(paying.AccountsGone):
        await evaluation.do(paying.destroy, MAIN)
    assert store.look(lambda tx: paying.accounts(tx, CASE)) == {}
    (gone,) = bodies(store, "deployment", "accounts.destroyed")
    assert gone == {"by": MAIN.as_by(), "about": CASE, "accounts": 1, "yuan": "1600"}
    await evaluation.do(appraising.file, AGENT, "m2", GOOD, "")
    assert set(store.look(lambda tx: appraising.filed(tx, CASE))) == {"m1", "m2"}


async def test_scenario_8_who_had_to_avoid_gets_two_hundred(evaluation: Evaluation, store: Store) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.do(pledging.recuse, evaluation.member("评委3"), "近亲属任职于投标人A")
    await evaluation.do(replacing.request, AGENT, Asked("m3", "", ReplacementReason.RECUSAL))
    await confirm(evaluation)
    found = {str(due.member.id): due for due in store.look(lambda tx: paying.dues(tx, CASE))}
    assert (found["m3"].ground, found["m3"].minutes, found["m3"].yuan) == ("recusal", 0, 200)
    assert (found["m1"].ground, found["m1"].ended, found["m1"].yuan) == ("worked", "", None)


async def test_a_sum_agreed_elsewhere_stays_open_and_a_form_after_the_close_is_the_deployments(
    evaluation: Evaluation, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = {"moment": "after_close", "within_working_days": 5}
    judge_by(monkeypatch, {"fee": {"table": "agreed"}, "appraisal": after})
    await to_answers(evaluation, store)
    await evaluation.do(paying.confirm, evaluation.member("评委1"), NONE, "")
    (body,) = bodies(store, CASE, "fee.confirmed")
    assert (body["table"], body["yuan"]) == ("", "")
    with pytest.raises(appraising.AppraisalNotOpen):
        await evaluation.do(appraising.file, MAIN, "m1", GOOD, "")
    await answer(evaluation, LAST, "signed")
    assert store.look(lambda tx: appraising.due(tx, CASE)) is None
    await evaluation.do(closing.close, MAIN)
    await evaluation.do(appraising.file, MAIN, "m1", GOOD, "")
    assert set(store.look(lambda tx: appraising.filed(tx, CASE))) == {"m1"}
    with pytest.raises(appraising.AlreadyAppraised):
        await evaluation.do(appraising.file, MAIN, "m1", GOOD, "")
    due = store.look(lambda tx: appraising.due(tx, CASE))
    assert due is not None
    assert due.weekday() < 5
    assert 5 <= (due - date.fromisoformat(evaluation.state.closed_at[:10])).days <= 8

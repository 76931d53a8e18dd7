"""Scenarios 9, 10, 11 under other profiles: unanimity first, and government procurement."""

import pytest

from conduct import electing, report, reviewing
from demo import case_example_a as example
from evaluation import prelim
from evaluation.ballot import NotAMember
from evaluation.case import MemberId, State
from evaluation.criteria import MethodNotAllowed
from tests.services.evaluation import CASE, FAIL, PASS, Evaluation
from tests.services.profiles import judge_by, values_of


async def test_scenario_10_r18_a_difference_is_talked_over_and_voted_on_once_more(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, values_of("chongqing", "preliminary"))
    await evaluation.to_review()
    await evaluation.do(reviewing.begin, evaluation.leader)
    for alias in example.MEMBERS:
        await evaluation.find(alias, {"F": FAIL if alias in {"评委1", "评委3"} else PASS})
    with pytest.raises(prelim.SecondVoteNeeded):
        await evaluation.do(reviewing.close, evaluation.leader)
    await evaluation.do(reviewing.vote_again, evaluation.leader)
    assert evaluation.state.disputed == (("F", example.F_CLAUSE),)
    with pytest.raises(prelim.PreliminaryOpen):
        await evaluation.do(reviewing.close, evaluation.leader)
    with pytest.raises(prelim.NotDisputed):
        await evaluation.do(reviewing.save, evaluation.member("评委2"), ("A", example.F_CLAUSE), PASS, 1)
    for alias in example.MEMBERS:
        await evaluation.find_again(alias, "F", PASS if alias == "评委5" else FAIL)
    with pytest.raises(prelim.NothingDisputed):
        await evaluation.do(reviewing.vote_again, evaluation.leader)
    await evaluation.do(reviewing.close, evaluation.leader)
    state = evaluation.state
    assert state.state is State.DETAILED
    assert (state.rejections["F"].failed, state.rejections["F"].passed) == (4, 1)  # type: ignore[index]
    assert {
        member: one.body["findings"]["F"][example.F_CLAUSE]["pass"] for member, one in state.first_findings.items()
    }[MemberId("m2")]
    await evaluation.score()
    await evaluation.sum_up()
    value = evaluation.store.look(lambda tx: report.build(tx, CASE))
    found = [one for stage in value["preliminary"] for one in stage["findings"] if one["note"]]
    assert [one["bidder"] for one in found] == ["F"]
    assert found[0]["note"].startswith("第一次评审：合格 3 人，不合格 2 人")
    assert value["signed_acts"][5]["document"] == "初步评审表（已由重新签署的评审表代替）"


async def test_scenario_09_and_11_in_government_procurement(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as whole:
        judge_by(whole, values_of("procurement", "method"))
        await evaluation.prepare_deployment()
        with pytest.raises(MethodNotAllowed):  # R-23: Example A's mean of prices is no method of procurement
            await evaluation.apply()
    judge_by(monkeypatch, values_of("procurement", "preliminary") | {"committee": {"representative_may_lead": False,
        "representative_may_elect": False}})  # fmt: skip
    await evaluation.to_pledges()
    await evaluation.pledge()
    ballot = evaluation.state.ballots[electing.LEADER]
    assert ballot.candidates == ("m1", "m2", "m3", "m4")
    with pytest.raises(NotAMember):
        await evaluation.do(electing.vote, evaluation.member("评委5"), "m1")
    for alias in example.MEMBERS[:4]:
        await evaluation.do(electing.vote, evaluation.member(alias), "m2")
    assert (evaluation.state.leader, evaluation.state.state) == ("m2", State.PREP)
    await evaluation.review_failing("CDEF")
    assert (evaluation.state.state, evaluation.state.failed) == (State.FAILED, "too_few_bids")
    assert not evaluation.state.motions

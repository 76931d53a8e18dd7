"""Scenarios 7, 8, 17: a member leaves, what it concluded is void and kept, the newcomer begins from nothing (R-11)."""

import json
import os

import pytest

from conduct import checking_in, enrolling, leaving, pledging, report, reviewing, scoring, summing
from conduct.ports import Actor
from demo import case_example_a as example
from evaluation.case import BidId, MemberId, State
from tests.services.evaluation import CASE, MAIN, PASSWORD, Evaluation

SEAT = "V1-09"


async def arrive(evaluation: Evaluation, member: str) -> Actor:
    """The newcomer at a seat, as the desk states it: matched, enrolled, checked, and the committee opened anew."""
    body = {"by": MAIN.as_by(), "second": "colleague", "method": "manual", "member": member, "kind": "expert"}
    body |= {"venue": "V1", "seat": SEAT, "locker": "7"}
    await evaluation.store.act(lambda tx: tx.record(CASE, "checkin.matched", body))
    key = await enrolling.make_key(evaluation.office, f"{CASE}/{member}/1", PASSWORD, os.urandom(32))
    await evaluation.do(enrolling.enrol, evaluation.office, member, key)
    await evaluation.do(checking_in.device_checked, Actor("member", member), {"camera": "good"})
    rows = [
        {"member": one.id, "alias": one.alias, "name": one.name or "演示专家补", "kind": one.kind, "venue": one.venue,
         "seat": one.seat, "categories": list(one.categories) or ["A08"]}
        for one in evaluation.state.members.values()
    ]  # fmt: skip
    opened = {"members": rows, "transcripts": _transcripts(evaluation)}
    await evaluation.store.act(lambda tx: tx.record(CASE, "committee.opened", opened))
    return Actor("member", member)


def _transcripts(evaluation: Evaluation) -> dict[str, str]:
    bodies = evaluation.store.look(
        lambda tx: [json.loads(data)["body"] for _, data in tx.statements(CASE, "committee.opened")]
    )
    return dict(bodies[-1]["transcripts"])


async def test_scenario_17_the_leader_falls_ill_while_scoring(evaluation: Evaluation) -> None:
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score()
    gone = evaluation.state.leader
    assert gone == "m3"
    await evaluation.do(leaving.leave, MAIN, MemberId(gone), "health")
    state = evaluation.state
    assert (state.state, state.leader, state.is_incomplete) == (State.DETAILED, "", True)
    assert {member for member, _ in state.sheets} == {"m1", "m2", "m4", "m5"}
    assert set(state.prelims) == {"m1", "m2", "m4", "m5"}
    assert set(state.rejections) == {"F"}
    with pytest.raises(pledging.LeftCommittee):
        await evaluation.do(scoring.save, Actor("member", gone), scoring.Cell(BidId("A"), "T1", "score"), "8", 1)

    newcomer = await arrive(evaluation, "m6")
    assert not evaluation.state.is_incomplete
    with pytest.raises(pledging.PledgeMissing):
        await evaluation.do(reviewing.save, newcomer, ("A", example.F_CLAUSE), {"pass": True}, 0)
    await evaluation.sign(newcomer, "pledge")
    ballot = evaluation.state.ballots["leader"]
    assert (ballot.is_open, ballot.candidates) == (True, ("m1", "m2", "m4", "m5", "m6"))
    for alias in ("评委1", "评委2", "评委4", "评委5", "评委6"):
        await evaluation.vote_for_leader(alias, "m4")
    assert (evaluation.state.leader, evaluation.state.state) == ("m4", State.DETAILED)
    leader = evaluation.leader
    with pytest.raises(reviewing.StageNotOpen):
        await evaluation.do(summing.close_scoring, leader)
    await evaluation.find("评委6", {"F": example.F_FINDINGS["评委3"]})
    await evaluation.do(reviewing.close, leader)
    assert set(evaluation.state.rejections) == {"F"}
    with pytest.raises(summing.SheetsMissing):
        await evaluation.do(summing.close_scoring, leader)
    await evaluation.score_as("评委6", "评委3")
    await evaluation.sum_up()
    totals = {row["bid"]: row["total"] for row in evaluation.state.rows}
    assert totals == {bid: row["total"] for bid, row in example.EXPECTED.items()}
    _reports_the_change(evaluation)


def _reports_the_change(evaluation: Evaluation) -> None:
    value = evaluation.store.look(lambda tx: report.build(tx, CASE))
    (change,) = value["replacements"]
    assert (change["left"], change["joined"], change["reason"]) == ("评委3", "评委6", "因健康等原因不能继续评标")
    assert "已签署的 6 份评审文件作废并保留" in change["voided"]
    assert {row["ref"]: row["state"] for row in value["members"]}["评委3"] == "replaced"
    voided = [sheet for sheet in value["sheets"] if sheet["state"] == "voided"]
    assert sorted((sheet["member"], *sheet["bidders"]) for sheet in voided) == [("评委3", bid) for bid in "ABCDE"]
    assert "评委3" not in {one["member"] for one in value["signatures"]}


async def test_scenario_08_a_member_who_stands_aside_before_the_election_is_replaced(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.do(pledging.recuse, evaluation.member("评委2"), "近亲属在投标单位任职")
    for alias in ("评委1", "评委3", "评委4", "评委5"):
        await evaluation.sign(evaluation.member(alias), "pledge")
    await evaluation.do(leaving.leave, MAIN, MemberId("m2"), "recusal")
    newcomer = await arrive(evaluation, "m6")
    assert not evaluation.state.ballots
    await evaluation.sign(newcomer, "pledge")
    assert evaluation.state.state is State.PLEDGED
    assert MemberId("m6") in evaluation.state.members
    # One has voted when another leaves: the round is void, and nobody's choice is left over to be counted.
    await evaluation.vote_for_leader("评委1", "m4")
    await evaluation.do(leaving.leave, MAIN, MemberId("m5"), "left-post")
    assert (evaluation.state.state, evaluation.state.ballots) == (State.READY, {})
    assert not evaluation.store.look(lambda tx: list(tx.shelf(CASE, "choice").items()))

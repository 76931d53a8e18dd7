"""Blind review (暗标) from the opening to a verified bag: scored by code, opened once, and the figures of Example A."""

import json
from pathlib import Path

import pytest

from conduct import blinding, clarifying, closing, correcting, leaving, reporting, returning, scoring, summing
from conduct.authorising import Office
from conduct.opening_codes import open_codes
from conduct.reviewing import StageNotOpen
from demo import case_example_a as example
from evaluation import blind
from evaluation.blind import BlindUnderWay, CodesOpen
from evaluation.case import BidId, MemberId, State
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.blind_case import all_blind, blind_example, score_blind, score_named, to_blind_scores, whose
from tests.services.evaluation import CASE, MAIN, Evaluation
from tests.services.test_reporting import answer, seal
from tests.services.test_rolling_back import back_to_review
from web.member_state import me


@pytest.fixture
def evaluation(store: Store, office: Office, tmp_path: Path) -> Evaluation:
    return Evaluation(store, office, tmp_path, blind_example())


async def test_a_blind_review_comes_out_to_the_last_digit_and_is_sealed_and_verified(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await to_blind_scores(evaluation)
    codes = whose(evaluation)
    assert set(codes.values()) == set(example.BIDDERS)
    state = evaluation.state
    assert state.blind is not None
    assert (state.blind.groups, state.blind.named, state.blind.bids) == (("technical",), ("commercial",), {})
    assert [codes[code] for code in state.blind.codes] == [bid for bid in codes.values() if bid != "F"]
    with pytest.raises(summing.SheetsMissing):
        await evaluation.do(open_codes, evaluation.leader)
    await all_blind(evaluation)
    with pytest.raises(summing.SheetsMissing):
        await evaluation.do(summing.close_scoring, evaluation.leader)
    await evaluation.do(open_codes, evaluation.leader)
    with pytest.raises(StageNotOpen):
        await evaluation.do(open_codes, evaluation.leader)
    for alias in example.MEMBERS:
        await score_named(evaluation, alias)
    await evaluation.sum_up()
    state = evaluation.state
    assert {row["bid"]: row["total"] for row in state.rows} == {
        bid: row["total"] for bid, row in example.EXPECTED.items()
    }
    assert state.candidates == example.CANDIDATES
    await reporting.render(store, CASE)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")
    report = evaluation.state.report
    assert report is not None
    value = json.loads(store.objects.get(report.data_sha256))
    told = {fact["name"]: fact["value"] for fact in value["data_sheet"]}["暗标编号"]
    assert all(f"{code} {bid} {example.BIDDERS[bid]}" in told for code, bid in codes.items())
    by_code = [sheet for sheet in value["sheets"] if "暗标" in sheet["title"]]
    assert len(by_code) == len(example.MEMBERS)
    assert {row["item"] for sheet in by_code for row in sheet["rows"]} == {"T1", "T2", "T3", "T4", "T5", "T6"}
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert not list(store.look(lambda tx: list(tx.shelf(CASE, "blind").items())))


async def test_while_bids_are_scored_by_code_a_member_sees_no_bidder(evaluation: Evaluation) -> None:
    await to_blind_scores(evaluation)
    state = evaluation.state
    seen = evaluation.store.look(lambda tx: blinding.seen(tx, CASE, "m1"))
    known = repr(seen.bids) + repr(seen.documents) + repr(seen.clarifications) + repr(seen.rejections)
    for bid in state.bids.values():
        assert bid.name not in known
        assert bid.price not in known
        assert f"/{bid.id}.pdf" not in known
    kinds = {one.role for one in seen.documents if one.package == "opening"}
    assert kinds == {blind.ROLE}
    assert state.blind is not None
    assert list(seen.valid_bids) == sorted(state.blind.codes)


async def test_nothing_is_said_of_a_bid_by_name_while_it_is_scored_by_code(evaluation: Evaluation) -> None:
    await to_blind_scores(evaluation)
    cell = scoring.Cell(BidId("A"), "B1", "score")
    with pytest.raises(scoring.NotYours):
        await evaluation.do(scoring.save, evaluation.member("评委1"), cell, "7", 0)
    with pytest.raises(BlindUnderWay):
        await evaluation.do(clarifying.ask, evaluation.leader, "A", "第 3 页", "请说明单位。")
    with pytest.raises(BlindUnderWay):
        await evaluation.do(correcting.withdraw, evaluation.leader, "A")
    code = next(iter(evaluation.state.blind.codes)) if evaluation.state.blind else BidId("")
    with pytest.raises(scoring.NoSuchCell):
        await evaluation.do(scoring.save, evaluation.member("评委1"), scoring.Cell(code, "B1", "score"), "7", 0)


async def test_a_sheet_by_code_is_given_back_before_the_codes_are_opened_and_never_after(
    evaluation: Evaluation,
) -> None:
    await to_blind_scores(evaluation)
    await all_blind(evaluation)
    member = evaluation.member("评委1")
    assert evaluation.state.blind is not None
    code = evaluation.state.blind.codes[0]
    await evaluation.do(returning.request_unlock, member, code, "打错一格")
    await evaluation.do(returning.decide_unlock, evaluation.leader, (member.who, code), approved=True)
    with pytest.raises(summing.SheetsMissing):
        await evaluation.do(open_codes, evaluation.leader)
    await evaluation.sign(member, "score-sheet")
    await evaluation.do(open_codes, evaluation.leader)
    with pytest.raises(CodesOpen):
        await evaluation.do(returning.request_unlock, member, code, "现在知道是谁了")


async def test_the_code_of_a_bid_that_is_rejected_after_going_back_does_not_keep_the_codes_closed(
    evaluation: Evaluation,
) -> None:
    await to_blind_scores(evaluation)
    await all_blind(evaluation)
    await back_to_review(evaluation, ("E", "F"))
    for alias in example.MEMBERS:
        await evaluation.sign(evaluation.member(alias), "score-sheet")
    await evaluation.do(open_codes, evaluation.leader)
    assert evaluation.state.blind is not None
    assert evaluation.state.blind.is_open


async def test_what_was_scored_by_code_stands_though_its_bid_was_rejected_for_a_time(evaluation: Evaluation) -> None:
    await to_blind_scores(evaluation)
    await all_blind(evaluation)
    await evaluation.do(open_codes, evaluation.leader)
    for alias in example.MEMBERS:
        await score_named(evaluation, alias)
    await back_to_review(evaluation, ("E", "F"))
    await back_to_review(evaluation, ("F",))
    state = evaluation.state
    assert set(state.rejections) == {"F"}
    assert not {key for _, key in state.returned} & set(whose(evaluation))
    for alias in example.MEMBERS:
        await evaluation.sign(evaluation.member(alias), "score-sheet")
    await evaluation.sum_up()
    assert evaluation.state.candidates == example.CANDIDATES


async def test_while_the_review_is_open_again_for_a_newcomer_nobody_scores_by_name_instead_of_by_code(
    evaluation: Evaluation,
) -> None:
    await to_blind_scores(evaluation)
    await evaluation.do(leaving.leave, MAIN, MemberId("m1"), "health")
    member = evaluation.member("评委2")
    with pytest.raises(scoring.NotYours):
        await evaluation.do(scoring.save, member, scoring.Cell(BidId("A"), "B1", "score"), "7", 0)
    with pytest.raises(StageNotOpen):
        await evaluation.do(scoring.bodies, member)
    told = evaluation.store.look(lambda tx: me(tx, CASE, member, "zh"))
    assert (told["now"]["page"], told["now"]["say"]) == ("", "您已签署初步评审表。请等待其他评委。")
    assert told["to_sign"]["score-sheet"] == []


async def test_where_everything_is_scored_by_code_nothing_is_left_to_sign_by_name(
    store: Store, office: Office, tmp_path: Path
) -> None:
    tender = blind_example("technical", "commercial")
    for group in tender.CRITERIA["groups"]:
        for item in group["items"]:
            item["objective"] = False
    evaluation = Evaluation(store, office, tmp_path, tender)
    await to_blind_scores(evaluation)
    await all_blind(evaluation)
    with pytest.raises(BlindUnderWay):
        await evaluation.do(summing.close_scoring, evaluation.leader)
    await evaluation.do(open_codes, evaluation.leader)
    await evaluation.do(summing.close_scoring, evaluation.leader)
    flag = evaluation.state.flags[0]
    with pytest.raises(CodesOpen):
        await evaluation.do(summing.decide, evaluation.member("评委5"), flag.bid, "change", "改一改")
    assert {row["bid"]: row["total"] for row in evaluation.state.rows} == {
        bid: row["total"] for bid, row in example.EXPECTED.items()
    }


async def test_the_salt_leaves_the_server_only_when_the_codes_are_opened(evaluation: Evaluation) -> None:
    await to_blind_scores(evaluation)
    salt = evaluation.store.look(lambda tx: blinding.salt_of(tx, CASE)).hex()
    said = evaluation.store.look(lambda tx: [data.decode() for _, data in tx.statements(CASE)])
    assert not any(salt in data for data in said)
    assert "blind" in closing.FORGOTTEN
    assert evaluation.state.state is State.DETAILED
    await score_blind(evaluation, "评委1")

"""The check before signing: what blocks, what is shown and to whom."""

import dataclasses
from decimal import Decimal

import pytest

from demo import case_example_a as example
from evaluation import selfcheck
from evaluation.criteria import parse_criteria
from evaluation.profiles import load_profile
from evaluation.sheet import ScoreSheet, complete_sheet

CRITERIA = parse_criteria(example.CRITERIA)
RULES = load_profile("works").rules.scoring
MEMBERS = ("m1", "m2", "m3", "m4", "m5")
BIDS = ("A", "B", "C", "D", "E")


def sheets() -> dict[tuple[str, str], ScoreSheet]:
    return {
        (member, bid): complete_sheet(CRITERIA, member, alias, bid, example.scores_of(alias, bid), {})
        for bid in BIDS
        for member, alias in zip(MEMBERS, example.MEMBERS, strict=True)
    }


def checked(signed: dict[tuple[str, str], ScoreSheet]) -> selfcheck.SelfCheck:
    return selfcheck.check(CRITERIA, MEMBERS, BIDS, list(signed.values()), RULES)


def rescored(sheet: ScoreSheet, item: str, score: str, group: str) -> ScoreSheet:
    change = Decimal(score) - sheet.scores[item]
    subtotals = {**sheet.subtotals, group: sheet.subtotals[group] + change}
    return dataclasses.replace(sheet, scores={**sheet.scores, item: Decimal(score)}, subtotals=subtotals)


def test_r_22_only_member_five_on_bid_a_is_flagged_with_16_17_percent() -> None:
    result = checked(sheets())
    assert not result.is_blocking
    (flag,) = result.flags
    assert (flag.member, flag.bid, flag.where, flag.code) == ("m5", "A", "technical", "selfcheck.deviation")
    assert (flag.shown, str(flag.mean), str(flag.value)) == ("+16.17 %", "41.75", "48.50")


def test_r_22_a_deviation_is_shown_to_its_member_alone_without_others_numbers() -> None:
    result = checked(sheets())
    assert [result.flags_for(member) for member in MEMBERS[:4]] == [(), (), (), ()]
    (own,) = result.flags_for("m5")
    assert "41" not in own.shown


def test_r_22_the_threshold_is_held_against_the_unrounded_deviation() -> None:
    percent = (Decimal("48.5") - Decimal("41.75")) / Decimal("41.75") * 100
    at = dataclasses.replace(RULES, deviation_percent=Decimal("16.17"))
    assert percent < Decimal("16.17")
    assert selfcheck.check(CRITERIA, MEMBERS, BIDS, list(sheets().values()), at).flags == ()


def test_a_range_above_30_percent_of_an_item_flags_who_stands_farthest() -> None:
    signed = sheets()
    signed["m3", "B"] = rescored(signed["m3", "B"], "T6", "1", "technical")
    flags = {(flag.code, flag.member, flag.bid, flag.where) for flag in checked(signed).flags}
    assert ("selfcheck.range", "m3", "B", "T6") in flags
    assert {member for code, member, bid, _ in flags if bid == "B"} == {"m3"}


def test_where_all_the_others_gave_nothing_there_is_no_percentage() -> None:
    signed = sheets()
    for member in MEMBERS:
        score = "6" if member == "m1" else "0"
        signed[member, "C"] = rescored(signed[member, "C"], "T6", score, "technical")
    (flag,) = [flag for flag in checked(signed).flags if flag.where == "T6"]
    assert (flag.member, flag.deviation, flag.shown) == ("m1", None, "—")


def test_r_20_an_objective_item_scored_differently_blocks() -> None:
    signed = sheets()
    signed["m2", "D"] = rescored(signed["m2", "D"], "B1", "5.5", "commercial")
    (block,) = checked(signed).blocks
    assert (block.code, block.bid, block.where) == ("selfcheck.objective_mismatch", "D", "B1")


def test_a_mismatch_on_an_objective_item_is_no_deviation() -> None:
    signed = sheets()
    signed["m2", "D"] = rescored(signed["m2", "D"], "B1", "0", "commercial")
    assert {flag.bid for flag in checked(signed).flags} == {"A"}


def test_a_score_far_below_the_others_is_flagged_like_one_above() -> None:
    signed = sheets()
    for item in ("T1", "T2", "T3", "T4"):
        lower = signed["m3", "B"].scores[item] - 2
        signed["m3", "B"] = rescored(signed["m3", "B"], item, str(lower), "technical")
    (flag,) = [flag for flag in checked(signed).flags if (flag.bid, flag.where) == ("B", "technical")]
    assert (flag.member, flag.shown) == ("m3", "-19.77 %")  # 35.5 against 44.25


def test_a_range_of_exactly_30_percent_is_not_flagged() -> None:
    signed = sheets()
    for member, score in zip(MEMBERS, ("7", "8", "8", "8", "10"), strict=True):
        signed[member, "B"] = rescored(signed[member, "B"], "T1", score, "technical")
    assert "T1" not in {flag.where for flag in checked(signed).flags}
    signed["m1", "B"] = rescored(signed["m1", "B"], "T1", "6.5", "technical")
    assert "T1" in {flag.where for flag in checked(signed).flags}


def test_r_20_a_wrong_sum_blocks() -> None:
    signed = sheets()
    wrong = {**signed["m1", "A"].subtotals, "technical": Decimal("42.50")}
    signed["m1", "A"] = dataclasses.replace(signed["m1", "A"], subtotals=wrong)
    (block,) = checked(signed).blocks
    assert (block.code, block.where, block.members) == ("selfcheck.sum_error", "technical", ("m1",))


@pytest.mark.parametrize("score", ["10.5", "7.3"])
def test_r_20_a_score_out_of_range_or_off_step_blocks(score: str) -> None:
    signed = sheets()
    signed["m1", "A"] = rescored(signed["m1", "A"], "T1", score, "technical")
    (block,) = checked(signed).blocks
    assert (block.code, block.where) == ("selfcheck.out_of_range", "T1")


def test_a_missing_sheet_blocks() -> None:
    signed = sheets()
    del signed["m4", "E"]
    (block,) = checked(signed).blocks
    assert (block.code, block.bid, block.members) == ("selfcheck.sheet_missing", "E", ("m4",))


def test_a_member_keeps_or_changes_its_own_score_with_a_reason() -> None:
    result = checked(sheets())
    (flag,) = result.flags
    kept = selfcheck.answer_flag(flag, "m5", "kept", example.DEVIATION["reason"])
    assert selfcheck.unanswered(result, ()) == (flag,)
    assert selfcheck.unanswered(result, {(kept.member, kept.bid)}) == ()
    with pytest.raises(selfcheck.FlagOfAnother):
        selfcheck.answer_flag(flag, "m1", "kept", "x")
    with pytest.raises(selfcheck.ReasonMissing):
        selfcheck.answer_flag(flag, "m5", "change", "  ")


def test_r_20_after_the_summary_only_four_grounds_change_a_score() -> None:
    for ground in selfcheck.CHANGE_GROUNDS:
        selfcheck.check_change(ground)
    with pytest.raises(selfcheck.ChangeNotAllowed):
        selfcheck.check_change("second_thoughts")

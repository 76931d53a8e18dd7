"""The score sheet: what is typed, what is signed, what is refused."""

import copy
import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import case_example_a as example
from evaluation import sheet
from evaluation.criteria import Criteria, parse_criteria
from evaluation.profiles import load_profile
from evaluation.tally.reading import DocumentRefused

CRITERIA = parse_criteria(example.CRITERIA)
TYPED = example.scores_of("评委1", "A")


def completed(typed: dict[str, str], comments: dict[str, str] | None = None) -> sheet.ScoreSheet:
    return sheet.complete_sheet(CRITERIA, "m1", "评委1", "A", typed, comments or {})


def faults(typed: dict[str, str], comments: dict[str, str] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(sheet.SheetRefused) as refusal:
        completed(typed, comments)
    return [(problem.item, problem.fault) for problem in refusal.value.problems]


def test_a_sheet_is_signed_as_its_body_says() -> None:
    body = sheet.body_of(completed(TYPED))
    assert body == {
        "member": "m1",
        "alias": "评委1",
        "bid": "A",
        "scores": {"T1": "8.5", "T2": "8.5", "T3": "7.5", "T4": "6", "T5": "6.5", "T6": "4.5"}
        | {"B1": "7", "B2": "6", "B3": "5"},
        "subtotals": {"technical": "41.50", "commercial": "18.00"},
        "comments": {},
    }
    assert sheet.parse_sheet(body, CRITERIA) == completed(TYPED)


def test_a_blank_is_never_a_zero() -> None:
    for blank in ("", "   ", "\u3000"):
        assert faults(TYPED | {"T1": blank}) == [("T1", "sheet.score_missing")]
    assert completed(TYPED | {"T1": "0"}).scores["T1"] == 0


def test_full_width_digits_and_chinese_points_are_read() -> None:
    for typed in ("８.５", "8。5", "８．５0", " 8.50 ", "08.5", "8｡5"):
        assert completed(TYPED | {"T1": typed}).scores["T1"] == Decimal("8.5")
    for typed in ("8,5", "八", "8.5分", "-1", "+8", "1e1", "8..5", ".5", "NaN"):
        assert faults(TYPED | {"T1": typed}) == [("T1", "sheet.not_a_number")]


def test_every_wrong_cell_is_named_at_once() -> None:
    typed = TYPED | {"T1": "10.5", "T3": "7.3", "B1": "", "T9": "1"}
    assert faults(typed) == [
        ("T1", "sheet.out_of_range"),
        ("T3", "sheet.off_step"),
        ("B1", "sheet.score_missing"),
        ("T9", "sheet.unknown_item"),
    ]


def demanding() -> Criteria:
    document: dict[str, Any] = copy.deepcopy(example.CRITERIA)
    document["groups"][0]["items"][0] |= {"comment_below": "6", "comment_above": "9"}
    return parse_criteria(document)


def test_a_score_outside_the_limits_needs_a_comment_where_the_criteria_say_so() -> None:
    for score, comment, is_refused in (
        ("5.5", "", True),
        ("5.5", "理由", False),
        ("6", "", False),
        ("9", "", False),
        ("9.5", " ", True),
    ):
        problems = sheet.problems_of(demanding(), TYPED | {"T1": score}, {"T1": comment})
        assert bool(problems) is is_refused
        assert not problems or problems[0] == sheet.Problem("T1", "sheet.comment_missing")


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("scores", "T1"), "8.50"),
        (("subtotals", "technical"), "41.5"),
        (("subtotals", "technical"), "42.50"),
        (("comments", "T1"), " spaced "),
    ],
)
def test_a_body_spelled_in_another_way_is_refused(where: tuple[str, str], value: str) -> None:
    body = sheet.body_of(completed(TYPED))
    body[where[0]][where[1]] = value
    with pytest.raises(sheet.SheetMisspelt):
        sheet.parse_sheet(body, CRITERIA)


def test_a_body_with_a_number_or_a_stranger_key_is_refused() -> None:
    body = sheet.body_of(completed(TYPED))
    body["scores"]["T1"] = 8
    with pytest.raises(DocumentRefused) as refusal:
        sheet.parse_sheet(body, CRITERIA)
    assert (refusal.value.fault, refusal.value.path) == ("not_a_decimal_string", "$.scores.T1")
    with pytest.raises(DocumentRefused):
        sheet.parse_sheet(sheet.body_of(completed(TYPED)) | {"weight": "2"}, CRITERIA)


def test_a_bid_must_be_open_long_enough_to_be_read() -> None:
    rules = dataclasses.replace(load_profile("works").rules.reading, bid_minimum_s=300)
    sheet.check_reading(300, rules)
    with pytest.raises(sheet.ReadTooShort):
        sheet.check_reading(299, rules)


@given(st.integers(0, 20))
def test_whatever_half_point_is_typed_survives_the_signature(halves: int) -> None:
    typed = str(Decimal(halves) / 2)
    body = sheet.body_of(completed(TYPED | {"T1": typed}))
    assert sheet.parse_sheet(body, CRITERIA).scores["T1"] == Decimal(typed)

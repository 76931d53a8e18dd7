"""Example D: fees of two regions, from minutes to yuan, and from moments to minutes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.fee import FeePart, days_of, fee_yuan, parse_fees
from evaluation.fees import NAMES, load_fees
from evaluation.tally.reading import DocumentRefused

SHANDONG = load_fees("shandong")
GUANGZHOU = load_fees("guangzhou")
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "minutes", "yuan"),
    [
        (2, 40, 400),
        (3, 0, 400),
        (3, 20, 450),
        (3, 30, 450),
        (3, 31, 500),
        (4, 0, 500),
        (5, 31, 700),
        (8, 0, 900),
        (9, 10, 1000),
    ],
)
def test_shandong_fees_come_out(hours: int, minutes: int, yuan: int) -> None:
    assert fee_yuan(SHANDONG, 60 * hours + minutes) == yuan


def test_who_had_to_avoid_gets_200_in_shandong() -> None:
    assert fee_yuan(SHANDONG, 0) == 200


@pytest.mark.parametrize(("hours", "yuan"), [(1, 200), (2, 400), (3, 500), (5, 700), (8, 1000), (9, 1150), (10, 1300)])
def test_guangzhou_fees_come_out(hours: int, yuan: int) -> None:
    assert fee_yuan(GUANGZHOU, 60 * hours) == yuan


def test_an_exact_edge_counts_as_the_table_says() -> None:
    above = replace(SHANDONG, tier_edge="above", part=FeePart(30, "above", 50))
    assert [fee_yuan(above, minutes) for minutes in (179, 180, 181)] == [400, 450, 450]
    assert [fee_yuan(above, minutes) for minutes in (209, 210, 211)] == [450, 500, 500]
    assert [fee_yuan(SHANDONG, minutes) for minutes in (179, 180, 181, 210, 211)] == [400, 400, 450, 450, 500]


@given(st.sampled_from(NAMES), st.integers(1, 2000))
def test_another_minute_never_costs_less(name: str, minutes: int) -> None:
    assert fee_yuan(load_fees(name), minutes) <= fee_yuan(load_fees(name), minutes + 1)


def test_minutes_are_whole_and_a_break_is_left_out() -> None:
    noon = MORNING + timedelta(hours=3)
    meal = (noon, noon + timedelta(minutes=40, seconds=20))
    assert days_of(MORNING, noon + timedelta(seconds=59)) == (180,)
    assert days_of(MORNING, noon + timedelta(hours=1), [meal]) == (199,)
    assert days_of(MORNING, noon, [meal]) == (180,)


def test_a_night_parts_the_days_in_beijing() -> None:
    evening = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    night = (evening + timedelta(hours=1), evening + timedelta(hours=11))
    assert days_of(evening, evening + timedelta(hours=12), [night]) == (60, 60)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"tiers": []}, "not_in_order"),
        ({"hours": [{"up_to_min": 480, "yuan_per_hour": 100}]}, "without_end"),
        ({"tier_edge": "beside"}, "unknown_word"),
        ({"cap_yuan": "1000"}, "not_a_whole_number"),
        ({"bonus": 1}, "unknown_key"),
    ],
)
def test_a_table_that_leaves_something_open_is_refused(change: dict[str, object], fault: str) -> None:
    table: dict[str, object] = {
        "format": "bid-fees/1",
        "id": "x",
        "title": "测试",
        "source": "测试",
        "tier_edge": "below",
        "part": None,
    }
    table |= {"tiers": [{"up_to_min": 60, "yuan": 1}], "hours": [{"up_to_min": None, "yuan_per_hour": 1}]}
    table |= {"cap_yuan": None, "not_started_yuan": 0}
    parse_fees(table)
    with pytest.raises(DocumentRefused) as refused:
        parse_fees(table | change)
    assert refused.value.fault == fault

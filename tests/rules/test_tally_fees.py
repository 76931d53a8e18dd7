"""Example D: fees of two regions, from minutes to yuan."""

import pytest

from evaluation.fee import FeeHours, FeeRule, FeeTier, fee_yuan

SHANDONG = FeeRule(
    tiers=(FeeTier(180, 400),),
    hours=(FeeHours(None, 100),),
    half_hour_min=30,
    part_yuan=50,
    cap_yuan=1000,
    not_started_yuan=200,
)
GUANGZHOU = FeeRule(
    tiers=(FeeTier(60, 200), FeeTier(120, 400)),
    hours=(FeeHours(480, 100), FeeHours(None, 150)),
    half_hour_min=0,
    part_yuan=None,
    cap_yuan=None,
    not_started_yuan=0,
)


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

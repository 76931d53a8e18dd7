"""Exactness: rounding against the decimal module, and quotients that keep their halves."""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.tally.figures import canonical_spelling, half_up, rounded, shown


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.integers(0, 5))
def test_rounding_agrees_with_the_decimal_module(value: Decimal, places: int) -> None:
    expected = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=Context(prec=40))
    assert half_up(Fraction(value), places) == expected


def test_halves_go_away_from_zero_and_there_is_no_negative_zero() -> None:
    assert [str(half_up(Fraction(n, 1000), 2)) for n in (125, -125, 124, -4)] == ["0.13", "-0.13", "0.12", "0.00"]


def test_a_third_times_96_percent_keeps_its_half() -> None:
    exact = Fraction("0.046875") / 3 * Fraction("0.96")
    assert exact == Fraction("0.015")
    assert str(half_up(exact, 2)) == "0.02"


@pytest.mark.parametrize(("value", "text"), [("8.50", "8.5"), ("8.0", "8"), ("0", "0"), ("10", "10"), ("0.10", "0.1")])
def test_a_score_has_one_spelling(value: str, text: str) -> None:
    assert canonical_spelling(Decimal(value)) == text


def test_unrounded_stays_a_fraction_and_is_shown_to_six_places() -> None:
    assert rounded(Fraction(1, 3), None) == Fraction(1, 3)
    assert shown(Fraction(1, 3)) == "0.333333"
    assert shown(Fraction(-5, 2)) == "-2.5"

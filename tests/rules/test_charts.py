"""Where the marks of a spread lie, in whole units, from exact figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.charts import LONGEST, scale, spread

WHOLE, TEN = (Decimal(0), Decimal(50)), (Decimal(0), Decimal(10))
FIGURES = st.lists(st.decimals("0", "50", places=1), min_size=1, max_size=11)


def numbers(text: str) -> list[Decimal]:
    return [Decimal(word) for word in text.split()]


def test_the_box_is_the_middle_half_and_equal_figures_are_stacked() -> None:
    found = spread(numbers("41.5 42.0 40.5 43.0 48.5"), WHOLE)
    marks = {name: at for name, at in found.items() if name != "dots"}
    assert marks == {"low": 243, "first": 249, "median": 252, "third": 258, "high": 291}
    assert [dot["level"] for dot in spread(numbers("5 5 1 5"), TEN)["dots"]] == [0, 1, 0, 2]


@pytest.mark.parametrize(("figures", "median"), [("3", 90), ("2 4", 90), ("1 2 6", 60)])
def test_the_median_of_few_figures_lies_between_them(figures: str, median: int) -> None:
    assert spread(numbers(figures), TEN)["median"] == median


@pytest.mark.parametrize(
    ("figures", "ends"),
    [("41.5 48.5 37", "37 49"), ("8 8", "8 9"), ("10 10", "9 10"), ("0", "0 1"), ("9.5 9.7", "9 10"), ("", "0 10")],
)
def test_a_line_runs_between_whole_numbers_around_all_figures(figures: str, ends: str) -> None:
    assert scale(numbers(figures), Decimal(50 if "4" in figures else 10)) == tuple(numbers(ends))


def test_no_figures_have_no_spread() -> None:
    assert spread([], TEN) == {}


@given(FIGURES)
def test_marks_are_in_order_within_the_line_and_turn_with_it(figures: list[Decimal]) -> None:
    found = spread(figures, WHOLE)
    marks = [found[name] for name in ("low", "first", "median", "third", "high")]
    assert marks == sorted(marks)
    assert 0 <= marks[0] <= marks[-1] <= LONGEST
    assert [dot["at"] for dot in found["dots"]] == [int(Fraction(one) * LONGEST / 50) for one in figures]

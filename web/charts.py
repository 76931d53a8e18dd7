"""Bars and spreads as templates draw them in SVG: lengths in whole units, the longest `LONGEST`; no drawing here."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from conduct.ports import Json

LONGEST = 300
DOT = 8
"""Dots nearer than this would lie on each other."""


def bars(counts: Sequence[tuple[int, int]]) -> list[Json]:
    """`[{label, count, length}]` of (label, count); a bar of something is never shorter than one unit."""
    most = max((count for _, count in counts), default=0)
    return [{"label": label, "count": count, "length": max(1, count * LONGEST // most)} for label, count in counts]


def scale(values: Sequence[Decimal], most: Decimal) -> tuple[Decimal, Decimal]:
    """The whole numbers between which all figures lie, at least one apart, within nothing and `most`."""
    least = min(values, default=Decimal(0)).to_integral_value(ROUND_FLOOR)
    top = max(values, default=most).to_integral_value(ROUND_CEILING)
    if top > least:
        return least, min(top, most)
    return (least, least + 1) if least + 1 <= most else (least - 1, least)


def spread(values: Sequence[Decimal], ends: tuple[Decimal, Decimal]) -> Json:
    """Where figures lie between two ends, in whole units of `LONGEST`: whiskers, box, median, dots.

    `dots` has the figures in their order, `level` stacks those that would lie on each other. Quartiles are the medians
    of the lower and the upper half, the middle one in both (Tukey's hinges). No figures: `{}`.
    """
    if not values:
        return {}
    ranked = sorted(Fraction(value) for value in values)
    half = (len(ranked) + 1) // 2
    marks = {"low": ranked[0], "first": _median(ranked[:half]), "median": _median(ranked)}
    marks |= {"third": _median(ranked[-half:]), "high": ranked[-1]}
    taken: list[int] = []
    dots = []
    for value in values:
        at = _unit(Fraction(value), ends)
        dots.append({"at": at, "level": sum(abs(at - other) < DOT for other in taken)})
        taken.append(at)
    return {name: _unit(mark, ends) for name, mark in marks.items()} | {"dots": dots}


def _median(ranked: Sequence[Fraction]) -> Fraction:
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def _unit(value: Fraction, ends: tuple[Decimal, Decimal]) -> int:
    least, most = (Fraction(end) for end in ends)
    return int((value - least) * LONGEST / (most - least))

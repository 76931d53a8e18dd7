"""Exact arithmetic of the tally: figures are fractions, and are rounded only where the tender document says so.

A quotient such as a third is kept exact until it is rounded, so no order of operations can shift a last digit.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

SPELLING: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
"""A decimal as it stands in a document: no plus sign, no exponent, no leading zero, at most 15 + 6 digits."""

_SHOWN_PLACES: Final = 6
_ZERO: Final = Decimal(0)


def half_up(value: Fraction, places: int) -> Decimal:
    """Round to `places` decimals, halves away from zero: 0.125 → 0.13, −0.125 → −0.13."""
    numerator, denominator = value.numerator, value.denominator
    whole = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    sign = "-" if numerator < 0 and whole else ""
    return Decimal(f"{sign}{whole}E-{places}")


def rounded(value: Fraction, places: int | None) -> Fraction:
    """Round half up where the document rounds; `None` means that it does not."""
    return value if places is None else Fraction(half_up(value, places))


def rounded_and_shown(value: Fraction, places: int | None) -> tuple[Fraction, str]:
    """A figure rounded where the document rounds, and as it is spelled."""
    if places is None:
        return value, shown(value)
    figure = half_up(value, places)
    return Fraction(figure), str(figure)


def shown(value: Fraction, places: int | None = None) -> str:
    """Spell a figure for a reader: at its places, or as short as it is exact, six decimals at most."""
    if places is not None:
        return str(half_up(value, places))
    text = str(half_up(value, _SHOWN_PLACES)).rstrip("0")
    return text.removesuffix(".")


@lru_cache(maxsize=4096)
def canonical_spelling(value: Decimal) -> str:
    """The one spelling of a score, as short as it is exact: `8.50` → `8.5`, `8.0` → `8`, `-0` → `0`."""
    text = f"{value or _ZERO:f}"
    return text.rstrip("0").removesuffix(".") if "." in text else text


def sum_of(values: Iterable[Decimal]) -> Decimal:
    """The exact sum: figures of a document have 15 + 6 digits, so a hundred of them fit the 28 that decimals keep."""
    return sum(values, _ZERO)

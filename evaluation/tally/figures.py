"""Exact arithmetic of the tally: figures are fractions, and are rounded only where the tender document says so.

A quotient such as a third is kept exact until it is rounded, so no order of operations can shift a last digit.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

SPELLING: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
"""A decimal as it stands in a document: no plus sign, no exponent, no leading zero, at most 15 + 6 digits."""

_SHOWN_PLACES: Final = 6


def half_up(value: Fraction, places: int) -> Decimal:
    """Round to `places` decimals, halves away from zero: 0.125 → 0.13, −0.125 → −0.13."""
    numerator, denominator = abs(value).numerator * 10**places, value.denominator
    whole = (2 * numerator + denominator) // (2 * denominator)
    digits = tuple(int(digit) for digit in str(whole))
    return Decimal((int(value < 0 and whole > 0), digits, -places))


def rounded(value: Fraction, places: int | None) -> Fraction:
    """Round half up where the document rounds; `None` means that it does not."""
    return value if places is None else Fraction(half_up(value, places))


def shown(value: Fraction, places: int | None = None) -> str:
    """Spell a figure for a reader: at its places, or as short as it is exact, six decimals at most."""
    if places is not None:
        return str(half_up(value, places))
    text = str(half_up(value, _SHOWN_PLACES)).rstrip("0")
    return text.removesuffix(".")


def canonical_spelling(value: Decimal) -> str:
    """The one spelling of a score: `8.50` → `8.5`, `8.0` → `8`."""
    return shown(Fraction(value))


def total_of(values: Sequence[Fraction]) -> Fraction:
    """Sum that starts from an exact zero."""
    return sum(values, Fraction(0))

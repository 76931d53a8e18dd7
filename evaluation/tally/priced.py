"""A bid's price on its way through the tally: corrected, evaluated, scored; and how a line of the tally is noted."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from evaluation.tally.model import Step, Value

MONEY: Final = 2
PERCENT: Final = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A bid's corrected price and, to the cent, the evaluated one that is compared."""

    id: str
    price: Fraction
    evaluated: Decimal


@dataclass(frozen=True, slots=True)
class Priced:
    """A valid bid's prices and, where the formula scores, its deviation in percent as spelled and its score."""

    bid: str
    price: Fraction
    evaluated: Decimal
    deviation: str | None
    score: Fraction | None


@dataclass(frozen=True, slots=True)
class PriceOutcome:
    """The benchmark (none for P6), each valid bid's prices, and the steps."""

    base: Decimal | None
    priced: tuple[Priced, ...]
    steps: tuple[Step, ...]


def step(kind: str, bid: str = "", **values: Value) -> Step:
    """One line of the tally done by hand."""
    return Step(kind, bid, tuple(values.items()))

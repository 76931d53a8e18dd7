"""Dropping the highest and lowest figures before a mean, as the tender document's table says."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from evaluation.tally.figures import canonical_spelling
from evaluation.tally.model import TrimTier, Value

Named: TypeAlias = tuple[str, Decimal]
"""A figure and whose it is: a member or a bid."""


def trim(values: Sequence[Named], tiers: Sequence[TrimTier]) -> tuple[list[Named], tuple[tuple[str, Value], ...]]:
    """What is kept, in the order given, and the line that says so; of equal figures it does not matter which goes."""
    tier = next((tier for tier in reversed(tiers) if tier.count <= len(values)), None)
    low, kept, high = [], list(values), []
    if tier is not None:
        places = sorted(range(len(values)), key=lambda place: values[place][1])
        last = len(places) - tier.high
        low = [values[place] for place in places[: tier.low]]
        high = [values[place] for place in places[last:]]
        kept = [values[place] for place in sorted(places[tier.low : last])]
    line: tuple[tuple[str, Value], ...] = (
        ("count", len(values)),
        ("low", _named(low)),
        ("high", _named(high)),
        ("kept", _named(kept)),
    )
    return kept, line


def _named(pairs: Sequence[Named]) -> tuple[str, ...]:
    return tuple(f"{name}={canonical_spelling(value)}" for name, value in pairs)

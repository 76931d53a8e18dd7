"""Who is first: order by total or evaluated price, ties by the tender document's rules in turn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from evaluation.tally.model import Row, Step, TallyCase, TieRule
from evaluation.tally.priced import step
from evaluation.tally.reading import DocumentRefused


class TallyRefused(DocumentRefused):
    """A well-formed case that has no result: `price_above_limit`, `tie_unresolved`."""

    code = "tally.refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """A row and its exact figures: what is shown may be rounded, what is compared is not."""

    row: Row
    total: Fraction | None
    groups: tuple[tuple[str, Fraction], ...]


Key: TypeAlias = Callable[[Standing], Fraction]


def ranked(case: TallyCase, standings: Sequence[Standing], steps: list[Step]) -> tuple[Row, ...]:
    """The rows with their ranks; equal ranks only where a rule says so. Raises `TallyRefused` (`tie_unresolved`)."""
    keys: list[tuple[TieRule | None, Key]] = [(None, _first)]
    keys += [(tie, _tie_key(tie)) for tie in case.ties if tie.rule != "joint"]
    may_be_joint = any(tie.rule == "joint" for tie in case.ties)
    ordered = sorted(standings, key=lambda one: [key(one) for _, key in keys])
    rows: list[Row] = []
    for place, one in enumerate(ordered, start=1):
        rank, before = place, ordered[place - 2] if place > 1 else None
        if before and _first(before) == _first(one):
            decisive = next((tie for tie, key in keys if key(before) != key(one)), None)
            if decisive and decisive.rule == "lot" and not {before.row.bid, one.row.bid} <= set(decisive.order):
                decisive = None
            if decisive is None and not may_be_joint:
                raise TallyRefused("tie_unresolved", "$.ties")
            rank = place if decisive else rows[-1].rank
            rule = decisive.rule if decisive else "joint"
            steps.append(step("tie", bids=(before.row.bid, one.row.bid), rule=rule))
        rows.append(replace(one.row, rank=rank))
    steps.extend(step("rank", row.bid, rank=row.rank, figure=str(_figure(row))) for row in rows)
    return tuple(rows)


def _tie_key(tie: TieRule) -> Key:
    if tie.rule == "lower_price":
        return lambda one: Fraction(one.row.price)
    if tie.rule == "higher_group":
        return lambda one: -dict(one.groups)[tie.group]
    places = {bid: place for place, bid in enumerate(tie.order)}
    return lambda one: Fraction(places.get(one.row.bid, len(places)))


def _first(one: Standing) -> Fraction:
    """What ranks before all else: the higher total, or the lower evaluated price."""
    return Fraction(one.row.evaluated) if one.total is None else -one.total


def _figure(row: Row) -> Decimal:
    return row.evaluated if row.total is None else row.total

"""Who is first: order by total or evaluated price, ties by the tender document's rules in turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, takewhile
from typing import Final, TypeAlias

from evaluation.tally.model import Row, Step, TallyCase, TieRule
from evaluation.tally.priced import step
from evaluation.tally.reading import DocumentRefused

LAST_RULES: Final = frozenset({"lot", "joint"})
"""What leaves no tie behind it: a rule that stands after one of these is never looked at."""


class TallyRefused(DocumentRefused):
    """A well-formed case that has no result: `price_above_limit`, `tie_unresolved`."""

    code = "tally.refused"


class TieUnresolved(TallyRefused):
    """Bids that the rules leave equal and no lot has decided yet; `groups` are those equal to each other."""

    def __init__(self, groups: tuple[tuple[str, ...], ...]) -> None:
        super().__init__("tie_unresolved", "$.ties")
        self.groups = groups


@dataclass(frozen=True, slots=True)
class Standing:
    """A row and its exact figures: what is shown may be rounded, what is compared is not."""

    row: Row
    total: Fraction | None
    groups: tuple[tuple[str, Fraction], ...]


Key: TypeAlias = Callable[[Standing], Fraction]


def ranked(case: TallyCase, standings: Sequence[Standing], steps: list[Step]) -> tuple[Row, ...]:
    """The rows with their ranks; equal ranks only where a rule says so. Raises `TieUnresolved`."""
    compared = tuple(takewhile(lambda tie: tie.rule not in LAST_RULES, case.ties))
    last = next(iter(case.ties[len(compared) :]), None)
    keys: list[tuple[TieRule | None, Key]] = [(None, _first), *((tie, _tie_key(tie)) for tie in compared)]
    ordered = _settled(sorted(standings, key=_figures(keys)), _figures(keys), last)
    rows: list[Row] = []
    for place, one in enumerate(ordered, start=1):
        rank, before = place, ordered[place - 2] if place > 1 else None
        if before and _first(before) == _first(one):
            decisive = next((tie for tie, key in keys if key(before) != key(one)), last)
            rule = decisive.rule if decisive else ""
            rank = rows[-1].rank if rule == "joint" else place
            steps.append(step("tie", bids=(before.row.bid, one.row.bid), rule=rule))
        rows.append(replace(one.row, rank=rank))
    steps.extend(step("rank", row.bid, rank=row.rank, figure=str(_figure(row))) for row in rows)
    return tuple(rows)


def _settled(
    ordered: Sequence[Standing], figures: Callable[[Standing], list[Fraction]], last: TieRule | None
) -> list[Standing]:
    """Those equal in all figures in the order of their lot, or as they are where they share a rank."""
    groups = [list(equal) for _, equal in groupby(ordered, key=figures)]
    if last is not None and last.rule == "joint":
        return [one for equal in groups for one in equal]
    orders = [_lot_of(equal, last) for equal in groups]
    undecided = tuple(
        tuple(one.row.bid for one in equal) for equal, order in zip(groups, orders, strict=True) if order is None
    )
    if undecided:
        raise TieUnresolved(undecided)
    return [one for equal, order in zip(groups, orders, strict=True) for one in _by(order or (), equal)]


def _lot_of(equal: Sequence[Standing], last: TieRule | None) -> tuple[str, ...] | None:
    """The order that decides: of the newest lot that all of them were in; of one bid alone, itself."""
    bids = tuple(one.row.bid for one in equal)
    if len(bids) == 1:
        return bids
    drawn = reversed(last.drawn) if last else iter(())
    return next((one.order for one in drawn if set(bids) <= set(one.order)), None)


def _by(order: Sequence[str], equal: Sequence[Standing]) -> Iterator[Standing]:
    return iter(sorted(equal, key=lambda one: order.index(one.row.bid)))


def _figures(keys: Sequence[tuple[TieRule | None, Key]]) -> Callable[[Standing], list[Fraction]]:
    return lambda one: [key(one) for _, key in keys]


def _tie_key(tie: TieRule) -> Key:
    if tie.rule == "lower_price":
        return lambda one: Fraction(one.row.price)
    return lambda one: -dict(one.groups)[tie.group]


def _first(one: Standing) -> Fraction:
    """What ranks before all else: the higher total, or the lower evaluated price."""
    return Fraction(one.row.evaluated) if one.total is None else -one.total


def _figure(row: Row) -> Decimal:
    return row.evaluated if row.total is None else row.total

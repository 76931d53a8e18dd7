"""The values of a tally: what goes in, what comes out, and the steps between. No arithmetic and no reading here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = str | int | tuple[str, ...]
"""What a step holds under one name: a figure as spelled, a name, a count, or a list of either."""


@dataclass(frozen=True, slots=True)
class TrimTier:
    """From `count` figures on, drop so many of the highest and lowest before the mean."""

    count: int
    high: int
    low: int


@dataclass(frozen=True, slots=True)
class CapitalAmount:
    """The amount in words beats the amount in figures (12号令 Art. 19)."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class UnitPriceAmount:
    """Quantity times unit price beats the amount written for the item (12号令 Art. 19)."""

    quantity: Decimal
    unit_price: Decimal
    written: Decimal


Correction: TypeAlias = CapitalAmount | UnitPriceAmount


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid as opened: its price in yuan, corrections the bidder confirmed, policy deduction, facts that adjust it."""

    id: str
    price: Decimal
    corrections: tuple[Correction, ...]
    deduction_percent: Decimal
    facts: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A bid the committee rejected, with its ground code."""

    bid: str
    ground: str


@dataclass(frozen=True, slots=True)
class BenchmarkDeviation:
    """Formulas P1 and P3: points are lost for each percent away from a benchmark made of the mean price."""

    weight: Decimal
    counts_opened: bool
    trim: tuple[TrimTier, ...]
    reduction_percent: Decimal
    slope_above: Decimal
    slope_below: Decimal
    floor: Decimal
    base_places: int | None
    deviation_places: int | None
    score_places: int


@dataclass(frozen=True, slots=True)
class LowPriceFirst:
    """Formula P2: the lowest evaluated price has full marks, the others in inverse proportion (87号令 Art. 55)."""

    weight: Decimal
    score_places: int


@dataclass(frozen=True, slots=True)
class AdjustmentRule:
    """For each `unit` by which a fact is worse than `base`, add `percent` of the price."""

    id: str
    base: Decimal
    unit: Decimal
    percent: Decimal
    is_worse_above: bool


@dataclass(frozen=True, slots=True)
class LowestEvaluated:
    """Formula P6: no scores, the lowest evaluated price comes first (12号令 Arts. 30–33)."""

    adjustments: tuple[AdjustmentRule, ...]


PriceRule: TypeAlias = BenchmarkDeviation | LowPriceFirst | LowestEvaluated


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is scored; on an objective item all members must agree."""

    id: str
    minimum: Decimal
    maximum: Decimal
    step: Decimal
    is_objective: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are added to one figure (technical, commercial) and how members' figures become one."""

    id: str
    maximum: Decimal
    by_item: bool
    trim: tuple[TrimTier, ...]
    places: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One member's scores of one bid."""

    member: str
    bid: str
    scores: tuple[tuple[str, Decimal], ...]

    def of(self, item: str) -> Decimal:
        """The score of one item."""
        return next(score for name, score in self.scores if name == item)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A member's figure the committee found abnormal: the mean of the others stands for it (重庆条例 Art. 32)."""

    member: str
    bid: str
    group: str


@dataclass(frozen=True, slots=True)
class TieRule:
    """`lower_price`, `higher_group` (with its group), `lot` (with the order, once drawn) or `joint`."""

    rule: str
    group: str
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TallyCase:
    """All that a tally depends on. `members` are those whose sheets count, in the order of their aliases."""

    name: str
    method: str
    limit: Decimal | None
    bids: tuple[Bid, ...]
    rejections: tuple[Rejection, ...]
    price: PriceRule
    members: tuple[str, ...]
    groups: tuple[Group, ...]
    sheets: tuple[Sheet, ...]
    replacements: tuple[Replacement, ...]
    ties: tuple[TieRule, ...]
    candidates: int

    @property
    def valid_bids(self) -> tuple[Bid, ...]:
        """The bids nobody rejected, as opened."""
        rejected = {rejection.bid for rejection in self.rejections}
        return tuple(bid for bid in self.bids if bid.id not in rejected)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the tally done by hand: its kind, the bid it is about ("" for all), its figures as spelled."""

    kind: str
    bid: str
    values: tuple[tuple[str, Value], ...]

    def get(self, name: str) -> Value:
        """One figure by its name."""
        return dict(self.values)[name]


@dataclass(frozen=True, slots=True)
class Row:
    """One valid bid's line. `price` is the contract price in yuan (corrected), never the evaluated one."""

    bid: str
    price: Decimal
    evaluated: Decimal
    deviation: str | None
    price_score: Decimal | None
    groups: tuple[tuple[str, Decimal], ...]
    total: Decimal | None
    rank: int

    def group(self, name: str) -> Decimal:
        """The score of one group."""
        return dict(self.groups)[name]


@dataclass(frozen=True, slots=True)
class TallyResult:
    """Rows in the order of rank; `base` is the benchmark price where the formula has one; `steps` as done by hand."""

    base: Decimal | None
    rows: tuple[Row, ...]
    candidates: tuple[str, ...]
    steps: tuple[Step, ...]

    def row(self, bid: str) -> Row:
        """One bid's line."""
        return next(row for row in self.rows if row.bid == bid)

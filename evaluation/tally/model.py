"""The values of a tally: what goes in, what comes out, and the steps between. No arithmetic and no reading here."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

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
class Slopes:
    """From `at_base` points so many are lost (a negative slope: gained) for each percent, down to `floor`."""

    at_base: Decimal
    above: Decimal
    below: Decimal
    floor: Decimal


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A break point of a price table: this score at this deviation in percent."""

    deviation: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Formula P5: linear between neighbouring points (内插); beyond the ends the end's score."""

    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class BenchmarkDeviation:
    """Formulas P1, P3, P4, P5: a score by the deviation from a benchmark of mean price and, with P4, limit."""

    weight: Decimal
    counts_opened: bool
    trim: tuple[TrimTier, ...]
    limit_percent: Decimal | None
    reduction_percent: Decimal
    curve: Slopes | PriceTable
    base_places: int | None
    deviation_places: int | None
    score_places: int | None


@dataclass(frozen=True, slots=True)
class LowPriceFirst:
    """Formula P2: the lowest evaluated price has full marks, the others in inverse proportion (87号令 Art. 55)."""

    weight: Decimal
    score_places: int | None


@dataclass(frozen=True, slots=True)
class AdjustmentRule:
    """For each `unit` by which a fact is worse than `base`, add `percent` of the price, `most_percent` at most."""

    id: str
    base: Decimal
    unit: Decimal
    percent: Decimal
    is_worse_above: bool
    most_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LowestEvaluated:
    """Formula P6: no scores, the lowest evaluated price comes first (12号令 Arts. 30–33)."""

    adjustments: tuple[AdjustmentRule, ...]


PriceRule: TypeAlias = BenchmarkDeviation | LowPriceFirst | LowestEvaluated


@dataclass(frozen=True, slots=True)
class LowLine:
    """Formula P7: whoever bids below this line must be asked. `safety_fee` and `tax` belong to `cost_warning`."""

    line: Literal["of_limit", "of_mean", "of_next", "cost_warning"]
    counts_opened: bool
    percent: Decimal
    safety_fee: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is scored, or for which points are taken off; on an objective item all members must agree."""

    id: str
    minimum: Decimal
    maximum: Decimal
    step: Decimal
    is_objective: bool


Over: TypeAlias = Literal["subtotal", "item", "deduction"]


@dataclass(frozen=True, slots=True)
class Group:
    """Items that make one figure (technical, commercial) and how members' figures become one.

    `members_percent` belongs to deductions: so many of the members must take something off for it to count.
    """

    id: str
    maximum: Decimal
    over: Over
    members_percent: Decimal
    trim: tuple[TrimTier, ...]
    places: int | None
    items: tuple[Item, ...]

    @property
    def is_by_subtotal(self) -> bool:
        """Whether each member's sum over the items is one figure that is trimmed and averaged."""
        return self.over == "subtotal"

    def subtotal(self, points: Iterable[Decimal]) -> Decimal:
        """A member's own figure of the group, as it stands on the sheet: the sum, or what deductions leave."""
        total = sum(points, Decimal(0))
        return max(Decimal(0), self.maximum - total) if self.over == "deduction" else total


@dataclass(frozen=True, slots=True)
class Sheet:
    """One member's scores of one bid."""

    member: str
    bid: str
    scores: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A member's figure the committee found abnormal: the mean of the others stands for it (重庆条例 Art. 32)."""

    member: str
    bid: str
    group: str


@dataclass(frozen=True, slots=True)
class DrawnOrder:
    """The order that a public draw gave to bids which were equal, and the name of that draw (`ties`)."""

    draw: str
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TieRule:
    """`lower_price`, `higher_group` (with its group), `lot` (with the orders drawn, oldest first) or `joint`."""

    rule: str
    group: str
    drawn: tuple[DrawnOrder, ...]


@dataclass(frozen=True, slots=True)
class TallyCase:
    """All that a tally depends on. `members` are those whose sheets count, in the order of their aliases."""

    name: str
    method: str
    limit: Decimal | None
    bids: tuple[Bid, ...]
    rejections: tuple[Rejection, ...]
    price: PriceRule
    abnormal_low: tuple[LowLine, ...]
    members: tuple[str, ...]
    groups: tuple[Group, ...]
    sheets: tuple[Sheet, ...]
    replacements: tuple[Replacement, ...]
    ties: tuple[TieRule, ...]
    candidates: int
    total_places: int | None

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
    """Rows in the order of rank; `base` is the benchmark price where the formula has one; `steps` as done by hand.

    `asked` are the bids below a line of abnormally low prices; None where the document draws no line.
    """

    base: Decimal | None
    asked: tuple[str, ...] | None
    rows: tuple[Row, ...]
    candidates: tuple[str, ...]
    steps: tuple[Step, ...]

    def row(self, bid: str) -> Row:
        """One bid's line."""
        return next(row for row in self.rows if row.bid == bid)

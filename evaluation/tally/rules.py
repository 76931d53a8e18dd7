"""What the tender document says of the reckoning, read strictly: price rule, groups and items, low lines, ties.

Tally documents and criteria share these readers, so that neither can mean something else by the same words.
"""

from decimal import Decimal
from typing import Final, Literal, cast

from evaluation.tally.model import (
    AdjustmentRule,
    BenchmarkDeviation,
    CurvePoint,
    DrawnOrder,
    Group,
    Item,
    LowestEvaluated,
    LowLine,
    LowPriceFirst,
    Over,
    PriceRule,
    PriceTable,
    Slopes,
    TieRule,
    TrimTier,
)
from evaluation.tally.reading import DocumentRefused, Reader, different

METHODS: Final = ("comprehensive_evaluation", "composite_scoring", "lowest_evaluated_price")
MOST_CANDIDATES: Final = 3
FULL_MARKS: Final = Decimal(100)
MOST_PLACES: Final = 6
ZERO: Final = Decimal(0)
SMALLEST: Final = Decimal("0.000001")
_MOST_MEMBERS: Final = 99
_LINES: Final = ("of_limit", "of_mean", "of_next", "cost_warning")
_OVER: Final = ("subtotal", "item", "deduction")


def price_rule(reader: Reader) -> PriceRule:
    """Read the price rule; `formula` says which."""
    formula = reader.choice("formula", ("benchmark_deviation", "low_price_first", "lowest_evaluated"))
    rule: PriceRule
    if formula == "benchmark_deviation":
        rule = _benchmark_deviation(reader)
    elif formula == "low_price_first":
        places = reader.part("places")
        rule = LowPriceFirst(
            weight=reader.number("weight", SMALLEST, FULL_MARKS),
            score_places=places.optional_whole("score", 0, MOST_PLACES),
        )
        places.end()
    else:
        rule = LowestEvaluated(tuple(_adjustment(row) for row in reader.rows("adjustments")))
        different((adjustment.id for adjustment in rule.adjustments), f"{reader.path}.adjustments")
    reader.end()
    return rule


def _benchmark_deviation(reader: Reader) -> BenchmarkDeviation:
    places = reader.part("places")
    weight = reader.number("weight", SMALLEST, FULL_MARKS)
    rule = BenchmarkDeviation(
        weight=weight,
        counts_opened=_counts_opened(reader),
        trim=trim_tiers(reader.rows("trim")),
        limit_percent=reader.number("limit_percent", ZERO, FULL_MARKS) if "limit_percent" in reader else None,
        reduction_percent=reader.number("reduction_percent", -FULL_MARKS, FULL_MARKS),
        curve=_table(reader, weight) if "table" in reader else _slopes(reader, weight),
        base_places=places.optional_whole("base", 0, MOST_PLACES),
        deviation_places=places.optional_whole("deviation", 0, MOST_PLACES),
        score_places=places.optional_whole("score", 0, MOST_PLACES),
    )
    places.end()
    if rule.reduction_percent == FULL_MARKS:
        reader.refuse("out_of_range", "reduction_percent")
    return rule


def _counts_opened(reader: Reader) -> bool:
    return reader.choice("counts", ("valid", "opened")) == "opened"


def _slopes(reader: Reader, weight: Decimal) -> Slopes:
    """Only where points at the base are less than all can a slope be negative: there is something to gain."""
    has_start = "at_base" in reader
    at_base = reader.number("at_base", ZERO, weight) if has_start else weight
    least = -FULL_MARKS if has_start else ZERO
    return Slopes(
        at_base=at_base,
        above=reader.number("slope_above", least),
        below=reader.number("slope_below", least),
        floor=reader.number("floor", ZERO, weight),
    )


def _table(reader: Reader, weight: Decimal) -> PriceTable:
    points: list[CurvePoint] = []
    for row in reader.rows("table"):
        point = CurvePoint(row.number("deviation"), row.number("score", ZERO, weight))
        row.end()
        if points and point.deviation <= points[-1].deviation:
            row.refuse("points_not_rising", "deviation")
        points.append(point)
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        reader.refuse("too_few_points", "table")
    return PriceTable(tuple(points))


def _adjustment(reader: Reader) -> AdjustmentRule:
    rule = AdjustmentRule(
        id=reader.text("id"),
        base=reader.number("base"),
        unit=reader.number("unit", SMALLEST),
        percent=reader.number("percent", ZERO),
        is_worse_above=reader.choice("worse", ("above", "below")) == "above",
        most_percent=reader.number("most_percent", ZERO) if "most_percent" in reader else None,
    )
    reader.end()
    return rule


def low_line(reader: Reader) -> LowLine:
    """Read one line below which a bidder must be asked."""
    line = cast(Literal["of_limit", "of_mean", "of_next", "cost_warning"], reader.choice("line", _LINES))
    is_cost = line == "cost_warning"
    found = LowLine(
        line=line,
        counts_opened=_counts_opened(reader),
        percent=reader.number("percent", SMALLEST, FULL_MARKS),
        safety_fee=reader.number("safety_fee", ZERO) if is_cost else ZERO,
        tax=reader.number("tax", ZERO) if is_cost else ZERO,
    )
    reader.end()
    return found


def trim_tiers(rows: list[Reader]) -> tuple[TrimTier, ...]:
    """Read a trim table: tiers in rising order of `from`, each leaving at least one figure."""
    tiers: list[TrimTier] = []
    for row in rows:
        tier = TrimTier(
            count=row.whole("from", 1, _MOST_MEMBERS),
            high=row.whole("high", 0, _MOST_MEMBERS),
            low=row.whole("low", 0, _MOST_MEMBERS),
        )
        row.end()
        if tier.high + tier.low >= tier.count:
            row.refuse("trim_leaves_nothing", "from")
        if tiers and tier.count <= tiers[-1].count:
            row.refuse("tiers_not_rising", "from")
        tiers.append(tier)
    return tuple(tiers)


def group_of(reader: Reader) -> Group:
    """Read a group of items; maxima of scored items must add up to the group's, deductions start at nothing."""
    over = cast(Over, reader.choice("over", _OVER))
    is_deduction = over == "deduction"
    group = Group(
        id=reader.text("id"),
        maximum=reader.number("max", SMALLEST, FULL_MARKS),
        over=over,
        members_percent=reader.number("members_percent", SMALLEST, FULL_MARKS) if is_deduction else ZERO,
        trim=trim_tiers(reader.rows("trim")),
        places=reader.optional_whole("places", 0, MOST_PLACES),
        items=tuple(item_of(row) for row in reader.rows("items")),
    )
    reader.end()
    if is_deduction:
        _check_deductions(reader, group)
    elif sum((item.maximum for item in group.items), ZERO) != group.maximum:
        reader.refuse("items_do_not_add_up", "items")
    return group


def _check_deductions(reader: Reader, group: Group) -> None:
    if group.trim:
        reader.refuse("deductions_not_trimmed", "trim")
    if not group.items:
        reader.refuse("items_do_not_add_up", "items")
    for index, item in enumerate(group.items):
        if item.minimum != ZERO:
            reader.refuse("out_of_range", f"items[{index}].min")


def item_of(reader: Reader) -> Item:
    """Read one item that is scored or deducted for."""
    item = Item(
        id=reader.text("id"),
        minimum=reader.number("min", ZERO),
        maximum=reader.number("max", SMALLEST, FULL_MARKS),
        step=reader.number("step", SMALLEST, FULL_MARKS),
        is_objective=reader.fact("objective"),
    )
    reader.end()
    if item.minimum >= item.maximum:
        reader.refuse("out_of_range", "min")
    return item


def score_problem(item: Item, score: Decimal) -> str | None:
    """What is wrong with a score: `score_out_of_range`, `score_off_step`, or nothing."""
    if not item.minimum <= score <= item.maximum:
        return "score_out_of_range"
    return "score_off_step" if (score - item.minimum) % item.step else None


def tie_rule(reader: Reader) -> TieRule:
    """Read one tie rule; a lot has what was `drawn` only once it is."""
    rule = reader.choice("rule", ("lower_price", "higher_group", "lot", "joint"))
    tie = TieRule(
        rule=rule,
        group=reader.text("group") if rule == "higher_group" else "",
        drawn=tuple(_drawn(row) for row in reader.rows("drawn")) if rule == "lot" and "drawn" in reader else (),
    )
    reader.end()
    return tie


def _drawn(reader: Reader) -> DrawnOrder:
    drawn = DrawnOrder(reader.text("draw"), reader.words("order"))
    reader.end()
    return drawn


def check_method(method: str, price: PriceRule, groups: tuple[Group, ...]) -> None:
    """The method and the formula belong together, and scored weights add up to 100 (R-23 binds 综合评分法 to P2)."""
    lowest = isinstance(price, LowestEvaluated)
    if lowest != (method == "lowest_evaluated_price"):
        raise DocumentRefused("formula_of_another_method", "$.price.formula")
    if method == "composite_scoring" and not isinstance(price, LowPriceFirst):
        raise DocumentRefused("formula_of_another_method", "$.price.formula")
    different((group.id for group in groups), "$.groups")
    different((item.id for group in groups for item in group.items), "$.groups.items")
    if isinstance(price, LowestEvaluated):
        if groups:
            raise DocumentRefused("method_has_no_scores", "$.groups")
        return
    if price.weight + sum((group.maximum for group in groups), ZERO) != FULL_MARKS:
        raise DocumentRefused("weights_do_not_add_up", "$.groups")


def check_ties(ties: tuple[TieRule, ...], groups: tuple[Group, ...]) -> None:
    """A tie rule speaks only of groups that exist."""
    for index, tie in enumerate(ties):
        if tie.rule == "higher_group" and tie.group not in {group.id for group in groups}:
            raise DocumentRefused("unknown_group", f"$.ties[{index}].group")


def check_places(price: PriceRule, groups: tuple[Group, ...], total_places: int | None) -> None:
    """What is not rounded on the way is rounded in the total: a figure without an end has no spelling."""
    scored = not isinstance(price, LowestEvaluated) and price.score_places is None
    if total_places is None and (scored or any(group.places is None for group in groups)):
        raise DocumentRefused("places_missing", "$.total_places")


def check_limit(limit: Decimal | None, price: PriceRule, lines: tuple[LowLine, ...]) -> None:
    """What is reckoned from the limit needs one."""
    if limit is not None:
        return
    if isinstance(price, BenchmarkDeviation) and price.limit_percent is not None:
        raise DocumentRefused("limit_missing", "$.price.limit_percent")
    for index, line in enumerate(lines):
        if line.line in {"of_limit", "cost_warning"}:
            raise DocumentRefused("limit_missing", f"$.abnormal_low[{index}].line")

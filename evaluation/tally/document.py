"""The JSON form of a tally, `bid-tally/1` (docs/tally.md), read strictly into a `TallyCase`.

Whatever would make the result doubtful is refused here by fault and path: a blank is never a zero, a missing sheet
never shrinks a mean, an unknown key is never passed over.
"""

from decimal import Decimal
from typing import Final

from evaluation.tally.model import (
    AdjustmentRule,
    BenchmarkDeviation,
    Bid,
    CapitalAmount,
    Correction,
    Group,
    Item,
    LowestEvaluated,
    LowPriceFirst,
    PriceRule,
    Rejection,
    Replacement,
    Sheet,
    TallyCase,
    TieRule,
    TrimTier,
    UnitPriceAmount,
)
from evaluation.tally.reading import DocumentRefused, Reader, different, load_json

FORMAT: Final = "bid-tally/1"
METHODS: Final = ("comprehensive_evaluation", "composite_scoring", "lowest_evaluated_price")
# The seven grounds on which a bid is rejected: 实施条例 Art. 51, R-14.
GROUNDS: Final = (
    "not_sealed_or_signed",
    "no_joint_venture_agreement",
    "not_qualified",
    "several_bids_or_prices",
    "below_cost_or_above_limit",
    "not_responsive",
    "collusion_fraud_or_bribe",
)

MOST_CANDIDATES: Final = 3
FULL_MARKS: Final = Decimal(100)
_ZERO: Final = Decimal(0)
_SMALLEST: Final = Decimal("0.000001")
_MOST_PLACES: Final = 6
_MOST_MEMBERS: Final = 99


def load(text: str | bytes) -> TallyCase:
    """Read the JSON text of a tally. Raises `DocumentRefused`."""
    return parse_case(load_json(text))


def parse_case(document: object) -> TallyCase:
    """Read a parsed tally document. Raises `DocumentRefused` naming the JSON path."""
    reader = Reader(document)
    reader.choice("format", (FORMAT,))
    case = TallyCase(
        name=reader.text("case"),
        method=reader.choice("method", METHODS),
        limit=reader.optional_number("limit"),
        bids=tuple(_bid(row) for row in reader.rows("bids")),
        rejections=tuple(_rejection(row) for row in reader.rows("rejections")),
        price=price_rule(reader.part("price")),
        members=reader.words("members"),
        groups=tuple(group_of(row) for row in reader.rows("groups")),
        sheets=tuple(_sheet(row) for row in reader.rows("sheets")),
        replacements=tuple(_replacement(row) for row in reader.optional_rows("replacements")),
        ties=tuple(tie_rule(row) for row in reader.rows("ties")),
        candidates=reader.whole("candidates", 1, MOST_CANDIDATES),
    )
    reader.end()
    _check_bids(case)
    check_method(case.method, case.price, case.groups)
    check_ties(case.ties, case.groups)
    _check_sheets(case)
    _check_replacements(case)
    return case


def price_rule(reader: Reader) -> PriceRule:
    """Read the price rule; `formula` says which."""
    formula = reader.choice("formula", ("benchmark_deviation", "low_price_first", "lowest_evaluated"))
    rule: PriceRule
    if formula == "benchmark_deviation":
        rule = _benchmark_deviation(reader)
    elif formula == "low_price_first":
        places = reader.part("places")
        rule = LowPriceFirst(
            weight=reader.number("weight", _SMALLEST, FULL_MARKS),
            score_places=places.whole("score", 0, _MOST_PLACES),
        )
        places.end()
    else:
        rule = LowestEvaluated(tuple(_adjustment(row) for row in reader.rows("adjustments")))
        different((adjustment.id for adjustment in rule.adjustments), f"{reader.path}.adjustments")
    reader.end()
    return rule


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
    """Read a group of items; the items' maxima must add up to the group's."""
    group = Group(
        id=reader.text("id"),
        maximum=reader.number("max", _SMALLEST, FULL_MARKS),
        by_item=reader.choice("over", ("subtotal", "item")) == "item",
        trim=trim_tiers(reader.rows("trim")),
        places=reader.whole("places", 0, _MOST_PLACES),
        items=tuple(item_of(row) for row in reader.rows("items")),
    )
    reader.end()
    if sum((item.maximum for item in group.items), _ZERO) != group.maximum:
        reader.refuse("items_do_not_add_up", "items")
    return group


def item_of(reader: Reader) -> Item:
    """Read one scored item."""
    item = Item(
        id=reader.text("id"),
        minimum=reader.number("min", _ZERO),
        maximum=reader.number("max", _SMALLEST, FULL_MARKS),
        step=reader.number("step", _SMALLEST, FULL_MARKS),
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
    if price.weight + sum((group.maximum for group in groups), _ZERO) != FULL_MARKS:
        raise DocumentRefused("weights_do_not_add_up", "$.groups")


def check_ties(ties: tuple[TieRule, ...], groups: tuple[Group, ...]) -> None:
    """A tie rule speaks only of groups that exist."""
    for index, tie in enumerate(ties):
        if tie.rule == "higher_group" and tie.group not in {group.id for group in groups}:
            raise DocumentRefused("unknown_group", f"$.ties[{index}].group")


def _benchmark_deviation(reader: Reader) -> BenchmarkDeviation:
    places = reader.part("places")
    rule = BenchmarkDeviation(
        weight=reader.number("weight", _SMALLEST, FULL_MARKS),
        counts_opened=reader.choice("counts", ("valid", "opened")) == "opened",
        trim=trim_tiers(reader.rows("trim")),
        reduction_percent=reader.number("reduction_percent", -FULL_MARKS, FULL_MARKS),
        slope_above=reader.number("slope_above", _ZERO),
        slope_below=reader.number("slope_below", _ZERO),
        floor=reader.number("floor", _ZERO),
        base_places=places.optional_whole("base", 0, _MOST_PLACES),
        deviation_places=places.optional_whole("deviation", 0, _MOST_PLACES),
        score_places=places.whole("score", 0, _MOST_PLACES),
    )
    places.end()
    if rule.reduction_percent == FULL_MARKS:
        reader.refuse("out_of_range", "reduction_percent")
    return rule


def _adjustment(reader: Reader) -> AdjustmentRule:
    rule = AdjustmentRule(
        id=reader.text("id"),
        base=reader.number("base"),
        unit=reader.number("unit", _SMALLEST),
        percent=reader.number("percent", _ZERO),
        is_worse_above=reader.choice("worse", ("above", "below")) == "above",
    )
    reader.end()
    return rule


def _bid(reader: Reader) -> Bid:
    bid = Bid(
        id=reader.text("id"),
        price=reader.number("price", _SMALLEST),
        corrections=tuple(_correction(row) for row in reader.optional_rows("corrections")),
        deduction_percent=reader.optional_number("deduction_percent") or _ZERO,
        facts=reader.decimals("facts") if "facts" in reader else (),
    )
    reader.end()
    if not _ZERO <= bid.deduction_percent < FULL_MARKS:
        reader.refuse("out_of_range", "deduction_percent")
    return bid


def _correction(reader: Reader) -> Correction:
    correction: Correction
    if reader.choice("kind", ("capital_amount", "unit_price")) == "capital_amount":
        correction = CapitalAmount(reader.number("amount", _SMALLEST))
    else:
        correction = UnitPriceAmount(
            quantity=reader.number("quantity", _ZERO),
            unit_price=reader.number("unit_price", _ZERO),
            written=reader.number("written", _ZERO),
        )
    reader.end()
    return correction


def _rejection(reader: Reader) -> Rejection:
    rejection = Rejection(bid=reader.text("bid"), ground=reader.choice("ground", GROUNDS))
    reader.end()
    return rejection


def _sheet(reader: Reader) -> Sheet:
    sheet = Sheet(member=reader.text("member"), bid=reader.text("bid"), scores=reader.decimals("scores"))
    reader.end()
    return sheet


def _replacement(reader: Reader) -> Replacement:
    replacement = Replacement(reader.text("member"), reader.text("bid"), reader.text("group"))
    reader.end()
    return replacement


def tie_rule(reader: Reader) -> TieRule:
    """Read one tie rule; a lot has an `order` only once it is drawn."""
    rule = reader.choice("rule", ("lower_price", "higher_group", "lot", "joint"))
    tie = TieRule(
        rule=rule,
        group=reader.text("group") if rule == "higher_group" else "",
        order=reader.words("order") if rule == "lot" and "order" in reader else (),
    )
    reader.end()
    return tie


def _check_bids(case: TallyCase) -> None:
    different((bid.id for bid in case.bids), "$.bids")
    different((rejection.bid for rejection in case.rejections), "$.rejections")
    known = {bid.id for bid in case.bids}
    for index, rejection in enumerate(case.rejections):
        if rejection.bid not in known:
            raise DocumentRefused("unknown_bid", f"$.rejections[{index}].bid")
    if not case.valid_bids:
        raise DocumentRefused("no_valid_bid", "$.bids")


def _check_sheets(case: TallyCase) -> None:
    """Exactly one sheet for each member and valid bid, each with exactly the items, each score in range and on step."""
    wanted = {(member, bid.id) for member in case.members for bid in case.valid_bids} if case.groups else set()
    items = {item.id: item for group in case.groups for item in group.items}
    different((f"{sheet.member} {sheet.bid}" for sheet in case.sheets), "$.sheets")
    for index, sheet in enumerate(case.sheets):
        path = f"$.sheets[{index}]"
        if (sheet.member, sheet.bid) not in wanted:
            raise DocumentRefused("sheet_of_nobody", path)
        if {item for item, _ in sheet.scores} != set(items):
            raise DocumentRefused("items_differ", f"{path}.scores")
        for item, score in sheet.scores:
            problem = score_problem(items[item], score)
            if problem:
                raise DocumentRefused(problem, f"{path}.scores.{item}")
    if len(case.sheets) != len(wanted) or (case.groups and not case.members):
        raise DocumentRefused("sheet_missing", "$.sheets")


def _check_replacements(case: TallyCase) -> None:
    by_subtotal = {group.id for group in case.groups if not group.by_item}
    sheets = {(sheet.member, sheet.bid) for sheet in case.sheets}
    different((f"{one.member} {one.bid} {one.group}" for one in case.replacements), "$.replacements")
    for index, one in enumerate(case.replacements):
        if one.group not in by_subtotal:
            raise DocumentRefused("unknown_group", f"$.replacements[{index}].group")
        if (one.member, one.bid) not in sheets:
            raise DocumentRefused("sheet_of_nobody", f"$.replacements[{index}]")

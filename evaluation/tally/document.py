"""The JSON form of a tally, `bid-tally/1` (docs/tally.md), read strictly into a `TallyCase`.

Whatever would make the result doubtful is refused here by fault and path: a blank is never a zero, a missing sheet
never shrinks a mean, an unknown key is never passed over.
"""

from decimal import Decimal
from operator import itemgetter
from typing import Final

from evaluation.tally.model import (
    Bid,
    CapitalAmount,
    Correction,
    Rejection,
    Replacement,
    Sheet,
    TallyCase,
    UnitPriceAmount,
)
from evaluation.tally.reading import DocumentRefused, Reader, different, load_json
from evaluation.tally.rules import (
    FULL_MARKS,
    METHODS,
    MOST_CANDIDATES,
    MOST_PLACES,
    SMALLEST,
    ZERO,
    check_limit,
    check_method,
    check_places,
    check_ties,
    group_of,
    low_line,
    price_rule,
    score_problem,
    tie_rule,
)

FORMAT: Final = "bid-tally/1"
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
        abnormal_low=tuple(low_line(row) for row in reader.optional_rows("abnormal_low")),
        members=reader.words("members"),
        groups=tuple(group_of(row) for row in reader.rows("groups")),
        sheets=tuple(_sheet(row) for row in reader.rows("sheets")),
        replacements=tuple(_replacement(row) for row in reader.optional_rows("replacements")),
        ties=tuple(tie_rule(row) for row in reader.rows("ties")),
        candidates=reader.whole("candidates", 1, MOST_CANDIDATES),
        total_places=reader.whole("total_places", 0, MOST_PLACES) if "total_places" in reader else None,
    )
    reader.end()
    _check_bids(case)
    check_method(case.method, case.price, case.groups)
    check_places(case.price, case.groups, case.total_places)
    check_limit(case.limit, case.price, case.abnormal_low)
    check_ties(case.ties, case.groups)
    _check_sheets(case)
    _check_replacements(case)
    return case


def _bid(reader: Reader) -> Bid:
    bid = Bid(
        id=reader.text("id"),
        price=reader.number("price", SMALLEST),
        corrections=tuple(parse_correction(row) for row in reader.optional_rows("corrections")),
        deduction_percent=reader.optional_number("deduction_percent") or ZERO,
        facts=reader.decimals("facts") if "facts" in reader else (),
    )
    reader.end()
    if not ZERO <= bid.deduction_percent < FULL_MARKS:
        reader.refuse("out_of_range", "deduction_percent")
    return bid


def parse_correction(reader: Reader) -> Correction:
    """One correction of a bid's price. Raises `DocumentRefused`."""
    correction: Correction
    if reader.choice("kind", ("capital_amount", "unit_price")) == "capital_amount":
        correction = CapitalAmount(reader.number("amount", SMALLEST))
    else:
        correction = UnitPriceAmount(
            quantity=reader.number("quantity", ZERO),
            unit_price=reader.number("unit_price", ZERO),
            written=reader.number("written", ZERO),
        )
    reader.end()
    return correction


def _rejection(reader: Reader) -> Rejection:
    rejection = Rejection(bid=reader.text("bid"), ground=reader.choice("ground", GROUNDS))
    reader.end()
    return rejection


def _sheet(reader: Reader) -> Sheet:
    sheet = Sheet(member=reader.text("member"), bid=reader.text("bid"), scores=reader.scores("scores"))
    reader.end()
    return sheet


def _replacement(reader: Reader) -> Replacement:
    replacement = Replacement(reader.text("member"), reader.text("bid"), reader.text("group"))
    reader.end()
    return replacement


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
    names, sound = tuple(sorted(items)), set[tuple[str, Decimal]]()
    different((f"{sheet.member} {sheet.bid}" for sheet in case.sheets), "$.sheets")
    for index, sheet in enumerate(case.sheets):
        path = f"$.sheets[{index}]"
        if (sheet.member, sheet.bid) not in wanted:
            raise DocumentRefused("sheet_of_nobody", path)
        if tuple(map(itemgetter(0), sheet.scores)) != names:
            raise DocumentRefused("items_differ", f"{path}.scores")
        for pair in sheet.scores:
            if pair in sound:
                continue
            name, score = pair
            problem = score_problem(items[name], score)
            if problem:
                raise DocumentRefused(problem, f"{path}.scores.{name}")
            sound.add(pair)
    if len(case.sheets) != len(wanted) or (case.groups and not case.members):
        raise DocumentRefused("sheet_missing", "$.sheets")


def _check_replacements(case: TallyCase) -> None:
    by_subtotal = {group.id for group in case.groups if group.is_by_subtotal}
    sheets = {(sheet.member, sheet.bid) for sheet in case.sheets}
    different((f"{one.member} {one.bid} {one.group}" for one in case.replacements), "$.replacements")
    for index, one in enumerate(case.replacements):
        if one.group not in by_subtotal:
            raise DocumentRefused("unknown_group", f"$.replacements[{index}].group")
        if (one.member, one.bid) not in sheets:
            raise DocumentRefused("sheet_of_nobody", f"$.replacements[{index}]")

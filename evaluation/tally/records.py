"""From what was stated to what is tallied: criteria, opening package, signed sheets and rejections make one document.

The server and a stranger's verifier both call this, so they cannot tally different things.
Shapes: docs/records-evaluation.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from evaluation.tally.document import FORMAT, parse_case
from evaluation.tally.figures import sum_of
from evaluation.tally.low_lines import must_be_asked
from evaluation.tally.model import TallyCase
from evaluation.tally.prices import evaluate
from evaluation.tally.ranking import LAST_RULES
from evaluation.tally.reading import DocumentRefused, Reader, decimal_of, decimals_in

CRITERIA_FORMAT: Final = "bid-criteria/1"
OPENING_FORMAT: Final = "bid-opening/1"
SUBTOTAL_PLACES: Final = 2
_ITEM_FIELDS: Final = ("id", "min", "max", "step", "objective")
_GROUP_FIELDS: Final = ("id", "max", "over", "members_percent", "trim", "places")
_BID_FIELDS: Final = ("id", "price", "deduction_percent", "facts")
_PARTS: Final = ("scores", "subtotals", "comments")
CHOICES: Final = {"reduction_choices": "reduction_percent", "limit_choices": "limit_percent"}


@dataclass(frozen=True, slots=True)
class Records:
    """What a tally is made of.

    `criteria` and `opening` are the packages as received; `members` are those whose sheets count; `sheets` are the
    bodies of their latest signed sheets; `rejections` are objects with `bid` and `ground`; `corrections` maps a bid to
    its corrections; `replacements` are abnormal figures voted out; `drawn` are the orders drawn for ties, oldest first,
    as objects with `draw` and `order`; `ties_left` is what the profile does with bids that the tender document's rules
    leave equal: `lot`, `joint`, or nothing.
    """

    criteria: Mapping[str, Any]
    opening: Mapping[str, Any]
    members: Sequence[str]
    sheets: Sequence[Mapping[str, Any]]
    rejections: Sequence[Mapping[str, Any]]
    corrections: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    replacements: Sequence[Mapping[str, Any]] = ()
    drawn: Sequence[Mapping[str, Any]] = ()
    ties_left: str = ""


def case_from_records(records: Records) -> TallyCase:
    """The tally of a case, from its records. Raises `DocumentRefused`, `subtotal_wrong` among others."""
    return parse_case(document_from_records(records))


def low_priced(records: Records) -> tuple[str, ...]:
    """The bids below a line of abnormally low prices, which must be asked: of prices alone, before anybody scores.

    Raises `DocumentRefused`.
    """
    if not records.criteria.get("abnormal_low"):
        return ()
    priced = replace(records, sheets=(), replacements=())
    prices_alone = {
        "method": "lowest_evaluated_price",
        "price": {"formula": "lowest_evaluated", "adjustments": []},
        "groups": [],
        "ties": [],
    }
    document = {key: value for key, value in document_from_records(priced).items() if key != "total_places"}
    case = parse_case(document | prices_alone)
    opened, _ = evaluate(case)
    asked, _ = must_be_asked(case, list(opened.values()), [opened[bid.id] for bid in case.valid_bids])
    return asked or ()


def document_from_records(records: Records) -> dict[str, Any]:
    """The `bid-tally/1` document of a case: plain JSON, fit to be kept beside the records and tallied again."""
    Reader(records.criteria, "$criteria").choice("format", (CRITERIA_FORMAT,))
    Reader(records.opening, "$opening").choice("format", (OPENING_FORMAT,))
    rejected = {rejection["bid"] for rejection in records.rejections}
    groups = records.criteria["groups"]
    kept = [sheet for sheet in records.sheets if sheet["bid"] not in rejected]
    document = {
        "format": FORMAT,
        "case": records.criteria["title"],
        "method": records.criteria["method"],
        "limit": records.criteria["limit"],
        "bids": [_bid(bid, records) for bid in records.opening["bids"]],
        "rejections": [{"bid": one["bid"], "ground": one["ground"]} for one in records.rejections],
        "price": price_of(records.criteria["price"], records.opening),
        "members": list(records.members),
        "groups": [_group(group) for group in groups],
        "sheets": [_sheet(sheet, groups) for sheet in kept],
        "ties": _ties(records),
        "candidates": records.criteria["candidates"],
    }
    for key in ("abnormal_low", "total_places"):
        if key in records.criteria:
            document[key] = records.criteria[key]
    if records.replacements:
        document["replacements"] = [dict(one) for one in records.replacements]
    return document


def joined(sheets: Sequence[Mapping[str, Any]], codes: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Bodies of signed sheets with those under a code (code → bid) put together with their bid's own.

    A sheet under a code that nobody has opened stays under it.
    """
    whole: dict[tuple[str, str], Mapping[str, Any]] = {}
    for sheet in sorted(sheets, key=lambda body: str(body["bid"]) not in codes):
        key = (str(sheet["member"]), str(codes.get(sheet["bid"], sheet["bid"])))
        parts = {part: {**whole.get(key, {}).get(part, {}), **sheet[part]} for part in _PARTS}
        whole[key] = {**sheet, "bid": key[1], **parts}
    return list(whole.values())


def price_of(price: Mapping[str, Any], opening: Mapping[str, Any]) -> dict[str, Any]:
    """The tender document's price rule completed by the coefficients drawn at the opening, each one of its choices."""
    rule = {key: value for key, value in price.items() if key not in CHOICES}
    for choices, name in CHOICES.items():
        if choices in price:
            drawn = opening.get("coefficients", {}).get(name)
            if drawn not in price[choices]:
                raise DocumentRefused("coefficient_not_a_choice", f"$opening.coefficients.{name}")
            rule[name] = drawn
    return rule


def subtotals(scores: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], path: str) -> dict[str, Decimal]:
    """Each group's figure on a sheet, by its items. Raises `items_differ` when the sheet leaves one out."""
    figures: dict[str, Decimal] = {}
    place = f"{path}.scores"
    for group in groups:
        names = [item["id"] for item in group["items"]]
        if not scores.keys() >= set(names):
            raise DocumentRefused("items_differ", place)
        total = sum_of(decimals_in(scores, names, place))
        is_deduction = group["over"] == "deduction"
        figures[group["id"]] = max(Decimal(0), Decimal(group["max"]) - total) if is_deduction else total
    return figures


def _bid(bid: Mapping[str, Any], records: Records) -> dict[str, Any]:
    """A bid as opened; a policy deduction is one of those the tender document grants (R-13)."""
    row = {field: bid[field] for field in _BID_FIELDS if field in bid}
    if "deduction_percent" in bid and bid["deduction_percent"] not in records.criteria.get("deduction_percents", ()):
        raise DocumentRefused("deduction_not_granted", f"$opening.bids[id={bid['id']}].deduction_percent")
    corrections = records.corrections or {}
    if bid["id"] in corrections:
        row["corrections"] = [dict(one) for one in corrections[bid["id"]]]
    return row


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    row = {field: group[field] for field in _GROUP_FIELDS if field in group}
    row["items"] = [{field: item[field] for field in _ITEM_FIELDS} for item in group["items"]]
    return row


def _sheet(sheet: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A signed sheet's subtotals must be what its items add up to: the signer saw both."""
    path = f"$sheet[{sheet['member']} {sheet['bid']}]"
    for group, total in subtotals(sheet["scores"], groups, path).items():
        if decimal_of(sheet["subtotals"].get(group), f"{path}.subtotals.{group}") != total:
            raise DocumentRefused("subtotal_wrong", f"{path}.subtotals.{group}")
    return {"member": sheet["member"], "bid": sheet["bid"], "scores": dict(sheet["scores"])}


def _ties(records: Records) -> list[dict[str, Any]]:
    """The tender document's rules, and the profile's behind them where none of these leaves no tie; lots as drawn."""
    ties = [dict(tie) for tie in records.criteria["ties"]]
    if records.ties_left and not any(tie["rule"] in LAST_RULES for tie in ties):
        ties.append({"rule": records.ties_left})
    drawn = [{"draw": one["draw"], "order": list(one["order"])} for one in records.drawn]
    return [{**tie, "drawn": drawn} if tie["rule"] == "lot" and drawn else tie for tie in ties]

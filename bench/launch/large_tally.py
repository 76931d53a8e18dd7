"""`python large_tally.py BIDS MEMBERS ITEMS`: one large tally, a figure a line, best of several rounds in milliseconds.

Processor time of this process alone. The floor is what no tally can do without: each score read as an exact fraction
and added up, once.
"""

import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from evaluation.tally import compute, parse_case
from evaluation.tally.records import Records, document_from_records
from evaluation.tally.written import result_document

ROUNDS = 7
GROUPS = 4
WEIGHT = 20
TEN = 10
MS = 1000
Json = dict[str, Any]


def best(act: Callable[[], object]) -> float:
    """The least processor time of several rounds, milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        spent.append(time.process_time() - began)
    return min(spent) * MS


def criteria(items: int) -> Json:
    """Example A's formula; the items in groups of equal size, one of them objective, one trimmed by item."""
    each = items // GROUPS
    item = {"min": "0", "max": str((100 - WEIGHT) / GROUPS / each), "step": "0.1"}
    return {
        "format": "bid-criteria/1",
        "title": "bench",
        "method": "comprehensive_evaluation",
        "limit": None,
        "clauses": [],
        "price": {
            "formula": "benchmark_deviation",
            "weight": str(WEIGHT),
            "counts": "valid",
            "trim": [{"from": 5, "high": 1, "low": 1}],
            "reduction_percent": "2",
            "slope_above": "2",
            "slope_below": "1",
            "floor": "0",
            "places": {"base": 2, "deviation": 2, "score": 2},
        },
        "groups": [
            {
                "id": f"G{group}",
                "name": f"G{group}",
                "max": str((100 - WEIGHT) // GROUPS),
                "over": "item" if group == 1 else "subtotal",
                "trim": [{"from": 5, "high": 1, "low": 1}],
                "places": 2,
                "items": [{"id": f"G{group}-{n}", "objective": group == GROUPS, **item} for n in range(each)],
            }
            for group in range(1, GROUPS + 1)
        ],
        "ties": [{"rule": "lower_price"}, {"rule": "joint"}],
        "candidates": 3,
    }


def records(bids: int, members: int, items: int) -> Records:
    """Every member's sheet on every bid, scores in tenths as people give them, the last group agreed upon."""
    rules = criteria(items)
    people, sheets = [f"m{n}" for n in range(members)], []
    for bid in range(bids):
        for member in range(members):
            tenths = {
                item["id"]: (bid * 7 + n * 3 + (0 if item["objective"] else member * 5)) % 11
                for group in rules["groups"]
                for n, item in enumerate(group["items"])
            }
            scores = {name: "1" if ten == TEN else f"0.{ten}" if ten else "0" for name, ten in tenths.items()}
            sums = {group["id"]: sum(tenths[item["id"]] for item in group["items"]) for group in rules["groups"]}
            subtotals = {group: f"{ten // TEN}.{ten % TEN}0" for group, ten in sums.items()}
            sheets.append({"member": people[member], "bid": f"B{bid}", "scores": scores, "subtotals": subtotals})
    prices = [{"id": f"B{bid}", "price": f"{9_000_000 + bid * 12_345}.00"} for bid in range(bids)]
    return Records(rules, {"format": "bid-opening/1", "bids": prices}, people, sheets, rejections=())


def plain_sum(stated: Records) -> Fraction:
    """Each score as a fraction, added up."""
    return sum((Fraction(score) for sheet in stated.sheets for score in sheet["scores"].values()), Fraction(0))


def main(bids: int, members: int, items: int) -> None:
    """Print the floor and the parts of the tally, then the whole."""
    stated = records(bids, members, items)
    document = document_from_records(stated)
    case = parse_case(document)
    result = compute(case)
    print("floor", best(lambda: plain_sum(stated)))
    print("gather", best(lambda: document_from_records(stated)))
    print("read", best(lambda: parse_case(document)))
    print("compute", best(lambda: compute(case)))
    print("write", best(lambda: result_document(result)))
    print("tally", best(lambda: result_document(compute(parse_case(document_from_records(stated))))))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

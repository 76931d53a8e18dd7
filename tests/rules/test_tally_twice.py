"""Two tallies, one of them naive and from the manual alone, agree on the vectors and on thousands of made-up cases."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evaluation.tally import TallyRefused, compute, parse_case
from evaluation.tally.reading import load_json
from evaluation.tally.written import result_document
from tests.rules import naive_tally
from tests.rules.naive_tally import Document

VECTORS = Path(__file__).parent.parent / "vectors" / "accept"
TRIMS: list[list[Document]] = [
    [],
    [{"from": 4, "high": 1, "low": 1}],
    [{"from": 5, "high": 1, "low": 1}],
    [{"from": 6, "high": 1, "low": 0}, {"from": 7, "high": 1, "low": 1}],
    [{"from": 5, "high": 1, "low": 1}, {"from": 7, "high": 2, "low": 1}],
]


def both(document: Document) -> tuple[Any, Any]:
    """What the two make of a document: base, rows and candidates, or that a tie has no rule."""
    try:
        first = result_document(compute(parse_case(document)))
        one: Any = {key: first[key] for key in ("base", "asked", "rows", "candidates") if key in first}
    except TallyRefused as refused:
        one = refused.fault
    try:
        other: Any = naive_tally.tally(document)
    except naive_tally.TieUnresolved:
        other = "tie_unresolved"
    return one, other


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_both_reckon_the_examples_alike(name: str) -> None:
    document = load_json((VECTORS / f"tally-example-{name}.json").read_bytes())
    assert isinstance(document, dict)
    one, other = both(document)
    assert one == other


def test_example_a_with_a_score_replaced_by_vote_is_83_25_in_both() -> None:
    document = load_json((VECTORS / "tally-example-a.json").read_bytes())
    assert isinstance(document, dict)
    document["replacements"] = [{"member": "m5", "bid": "A", "group": "technical"}]
    for result in both(document):
        assert {row["bid"]: row["total"] for row in result["rows"]}["A"] == "83.25"


def test_both_agree_on_a_thousand_cases() -> None:
    agree(range(1_000))


@pytest.mark.full
def test_both_agree_on_ten_thousand_cases() -> None:
    agree(range(1_000, 11_000))


def agree(seeds: range) -> None:
    """Each seed makes one case; every formula, curve, group, line and tie of the manual occurs among them."""
    met: Counter[str] = Counter()
    for seed in seeds:
        document = made_up(random.Random(seed))
        one, other = both(document)
        assert one == other, seed
        met.update(features(document, one))
    assert set(met) == FEATURES, f"the cases say nothing of {FEATURES - set(met)}"


FEATURES = {
    "low_price_first", "lowest_evaluated", "slopes", "at_base", "table", "limit_percent", "most_percent", "asked",
    "subtotal", "item", "deduction", "replaced", "unrounded", "corrected", "deducted", "unresolved", "joint", "drawn",
}  # fmt: skip


def features(document: Document, result: Any) -> set[str]:  # noqa: ANN401 - a result, or the word for none
    """What of the manual a case has in it."""
    price, bids = document["price"], document["bids"]
    is_benchmark = price["formula"] == "benchmark_deviation"
    has = {
        price["formula"]: not is_benchmark,
        "slopes": is_benchmark and "slope_above" in price,
        **{key: key in price for key in ("at_base", "table", "limit_percent")},
        "most_percent": any("most_percent" in rule for rule in price.get("adjustments", [])),
        **{group["over"]: True for group in document["groups"]},
        "replaced": "replacements" in document,
        "unrounded": "total_places" in document,
        "corrected": any("corrections" in bid for bid in bids),
        "deducted": any("deduction_percent" in bid for bid in bids),
        "unresolved": result == "tie_unresolved",
    }
    if result != "tie_unresolved":
        has["asked"] = bool(result.get("asked"))
        by_lot = any(tie["rule"] == "lot" for tie in document["ties"]) and compute(parse_case(document)).steps
        has["drawn"] = any(one.kind == "tie" and one.get("rule") == "lot" for one in by_lot or ())
        has["joint"] = len({row["rank"] for row in result["rows"]}) < len(result["rows"])
    return {name for name, there in has.items() if there}


def made_up(dice: random.Random) -> Document:
    """A sound case of one of the three methods."""
    limit = dice.choice((None, "1100000.00"))
    method = dice.choice(("comprehensive_evaluation", "composite_scoring", "lowest_evaluated_price"))
    bids = [_bid(dice, chr(65 + n), method) for n in range(dice.randint(2, 9))]
    members = [f"m{n + 1}" for n in range(dice.choice((5, 7, 9)))]
    rejected = dice.sample(bids, dice.randint(0, len(bids) - 1)) if dice.random() < 0.5 else []
    valid = [bid["id"] for bid in bids if bid not in rejected]
    scored = method != "lowest_evaluated_price"
    weight = dice.choice((30, 40))
    groups = _groups(dice, 100 - weight) if scored else []
    document: Document = {
        "format": "bid-tally/1",
        "case": "made up",
        "method": method,
        "limit": limit,
        "bids": bids,
        "rejections": [{"bid": bid["id"], "ground": "not_responsive"} for bid in rejected],
        "price": _price(dice, method, str(weight), limit),
        "members": members,
        "groups": groups,
        "sheets": _sheets(dice, members, valid, groups),
        "ties": _ties(dice, valid, groups),
        "candidates": dice.randint(1, 3),
    }
    if dice.random() < 0.5:
        document["abnormal_low"] = _lines(dice, limit)
    if scored and dice.random() < 0.3:
        document["total_places"] = dice.choice((1, 2, 3))
        document["price"]["places"]["score"] = dice.choice((None, 2))
        for group in groups:
            group["places"] = dice.choice((None, 2))
    by_sum = [group["id"] for group in groups if group["over"] == "subtotal"]
    if by_sum and dice.random() < 0.3:
        document["replacements"] = [
            {"member": dice.choice(members), "bid": dice.choice(valid), "group": dice.choice(by_sum)}
        ]
    return document


def _bid(dice: random.Random, name: str, method: str) -> Document:
    """Few different prices, so that equal ones occur."""
    bid: Document = {
        "id": name,
        "price": f"{dice.choice((90, 91, 95, 99, 100, 107)) * 10_000}.{dice.choice(('00', '37'))}",
    }
    if dice.random() < 0.2:
        bid["corrections"] = [
            dice.choice(
                (
                    {"kind": "capital_amount", "amount": "955000.10"},
                    {"kind": "unit_price", "quantity": "1200.5", "unit_price": "3.333", "written": "4001.00"},
                )
            )
        ]
    if dice.random() < 0.2:
        bid["deduction_percent"] = dice.choice(("10", "6.5"))
    if method == "lowest_evaluated_price" and dice.random() < 0.7:
        bid["facts"] = {"days": str(dice.randint(170, 200)), "months": str(dice.choice((12, 24, 36)))}
    return bid


def _price(dice: random.Random, method: str, weight: str, limit: str | None) -> Document:
    if method == "lowest_evaluated_price":
        days = {"id": "days", "worse": "above", "base": "180", "unit": "1", "percent": "0.05"}
        months = {"id": "months", "worse": "below", "base": "24", "unit": "12", "percent": "1.0"}
        if dice.random() < 0.5:
            days["most_percent"] = "0.6"
        return {"formula": "lowest_evaluated", "adjustments": [days, months]}
    if method == "composite_scoring":
        return {"formula": "low_price_first", "weight": weight, "places": {"score": 2}}
    rule: Document = {
        "formula": "benchmark_deviation",
        "weight": weight,
        "counts": dice.choice(("valid", "opened")),
        "trim": dice.choice(TRIMS),
        "reduction_percent": dice.choice(("0", "1.5", "2.0", "5")),
        "places": {"base": dice.choice((0, 2, None)), "deviation": dice.choice((2, 4, None)), "score": 2},
    }
    if limit is not None and dice.random() < 0.5:
        rule["limit_percent"] = dice.choice(("30", "45.5", "100"))
    return rule | _curve(dice, weight)


def _curve(dice: random.Random, weight: str) -> Document:
    kind = dice.choice(("slopes", "from base", "table"))
    slopes = {"slope_above": dice.choice(("2.0", "1.2")), "slope_below": dice.choice(("1.0", "0.8")), "floor": "0"}
    if kind == "slopes":
        return slopes
    if kind == "from base":
        return slopes | {"at_base": "25", "slope_below": "-1.5", "floor": "5"}
    scores = ("12", "20.5", weight, "25", "0")
    at = ("-10", "-3.5", "0", "2", "9.75")
    return {"table": [{"deviation": one, "score": score} for one, score in zip(at, scores, strict=True)]}


def _lines(dice: random.Random, limit: str | None) -> list[Document]:
    """Lines near where the prices lie, one of them at a price exactly."""
    counts = dice.choice(("valid", "opened"))
    lines: list[Document] = [
        {"line": "of_mean", "counts": counts, "percent": "95"},
        {"line": "of_next", "counts": counts, "percent": "97.5"},
    ]
    if limit is not None:
        cost = {"safety_fee": "30000.00", "tax": "70000.55", "percent": "15"}
        lines.append({"line": "of_limit", "counts": counts, "percent": "90"})
        lines.append({"line": "cost_warning", "counts": counts, **cost})
    return dice.sample(lines, dice.randint(1, len(lines)))


def _groups(dice: random.Random, points: int) -> list[Document]:
    technical = dice.choice((20, 40))
    rest = points - technical
    groups = [_group(dice, "technical", technical, objective=False)]
    if dice.random() < 0.3:
        groups.append(_deductions(dice, "conduct", 6))
        rest -= 6
    return [*groups, _group(dice, "business", rest, objective=dice.random() < 0.5)]


def _group(dice: random.Random, name: str, points: int, *, objective: bool) -> Document:
    step = dice.choice(("0.5", "0.1", "1"))
    half = {"min": "0", "max": str(points // 2), "step": step, "objective": objective}
    return {
        "id": name,
        "max": str(points // 2 * 2),
        "over": dice.choice(("subtotal", "item")),
        "trim": dice.choice(TRIMS),
        "places": 2,
        "items": [{"id": f"{name[0].upper()}{n}", **half} for n in (1, 2)],
    }


def _deductions(dice: random.Random, name: str, points: int) -> Document:
    """Two things to take points off for, more than the group has if all do."""
    item = {"min": "0", "max": "4", "step": "0.5", "objective": False}
    return {
        "id": name,
        "max": str(points),
        "over": "deduction",
        "members_percent": dice.choice(("40", "60", "66.7", "100")),
        "trim": [],
        "places": 2,
        "items": [{"id": f"{name[0].upper()}{n}", **item} for n in (1, 2)],
    }


def _sheets(dice: random.Random, members: list[str], bids: list[str], groups: list[Document]) -> list[Document]:
    sheets = []
    for bid in bids:
        agreed = {item["id"]: _score(dice, item) for group in groups for item in group["items"]}
        for member in members:
            scores = {
                item["id"]: agreed[item["id"]] if item["objective"] or dice.random() < 0.5 else _score(dice, item)
                for group in groups
                for item in group["items"]
            }
            if scores:
                sheets.append({"member": member, "bid": bid, "scores": scores})
    return sheets


def _score(dice: random.Random, item: Document) -> str:
    """On the item's step, spelled as short as it is exact."""
    tenths = {"0.5": 5, "0.1": 1, "1": 10}[item["step"]]
    value = dice.randint(0, int(item["max"]) * 10 // tenths) * tenths
    if item["id"].startswith("C") and dice.random() < 0.5:
        value = 0
    whole, rest = divmod(value, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _ties(dice: random.Random, bids: list[str], groups: list[Document]) -> list[Document]:
    ties: list[Document] = [{"rule": "lower_price"}] if dice.random() < 0.7 else []
    if groups and dice.random() < 0.3:
        ties.append({"rule": "higher_group", "group": groups[0]["id"]})
    last = dice.choice(("joint", "lot", "lot", "nothing"))
    if last == "lot":
        lots = [dice.sample(bids, dice.randint(min(2, len(bids)), len(bids))) for _ in range(dice.randint(1, 4))]
        ties.append({"rule": "lot", "drawn": [{"draw": f"ties{n}", "order": order} for n, order in enumerate(lots)]})
    if last == "joint":
        ties.append({"rule": "joint"})
    after = dice.choice(({"rule": "joint"}, {"rule": "lower_price"}, {"rule": "lot"}))
    return [*ties, after] if dice.random() < 0.2 else ties

"""A second tally, deliberately simple: written from docs/tally.md alone, in fractions, sharing nothing with the first.

It reads the plain `bid-tally/1` document, makes no steps and checks nothing that the document's reader refuses.
"""

from fractions import Fraction
from math import floor
from typing import Any

Document = dict[str, Any]


class TieUnresolved(Exception):
    """No rule of the document breaks a tie."""


def tally(document: Document) -> Document:
    """`base`, `rows` in the order of rank, `candidates`, all decimals as the first tally spells them."""
    rejected = {one["bid"] for one in document["rejections"]}
    evaluated = {bid["id"]: evaluated_price(bid, document["price"]) for bid in document["bids"]}
    valid = [bid["id"] for bid in document["bids"] if bid["id"] not in rejected]
    base, scored = price_scores(document["price"], evaluated, valid)
    rows = []
    for name in valid:
        price, sum_ = evaluated[name]
        groups = {group["id"]: group_score(document, group, name) for group in document["groups"]}
        score = scored[name]["price_score"]
        total = None if score is None else score + sum(groups.values())
        rows.append({"bid": name, "price": price, "evaluated": sum_, "groups": groups, "total": total, **scored[name]})
    ranked = ranks(document, rows)
    most = document["candidates"]
    return {
        "base": base,
        "rows": [spelled(row, document) for row in ranked],
        "candidates": [row["bid"] for row in ranked if row["rank"] <= most],
    }


def half_up(figure: Fraction, places: int) -> Fraction:
    """Nearest at so many decimals, halves away from zero."""
    scale = 10**places
    return Fraction(floor(abs(figure) * scale + Fraction(1, 2)), scale) * (1 if figure >= 0 else -1)


def fixed(figure: Fraction, places: int) -> str:
    """A figure that has no more than these decimals, with all of them."""
    whole = round(abs(figure) * 10**places)
    digits = str(whole).rjust(places + 1, "0")
    text = digits if not places else f"{digits[:-places]}.{digits[-places:]}"
    return f"-{text}" if figure < 0 and whole else text


def evaluated_price(bid: Document, rule: Document) -> tuple[Fraction, Fraction]:
    """The corrected price, and what is compared: less the deduction, plus the adjustments, to the cent."""
    price = Fraction(bid["price"])
    for one in bid.get("corrections", []):
        if one["kind"] == "capital_amount":
            price = Fraction(one["amount"])
        else:
            price += half_up(Fraction(one["quantity"]) * Fraction(one["unit_price"]), 2) - Fraction(one["written"])
    compared = price * (1 - Fraction(bid.get("deduction_percent", "0")) / 100)
    for rule_ in rule.get("adjustments", []):
        fact = bid.get("facts", {}).get(rule_["id"])
        if fact is not None:
            worse = Fraction(fact) - Fraction(rule_["base"])
            worse = worse if rule_["worse"] == "above" else -worse
            if worse > 0:
                compared += half_up(price * worse / Fraction(rule_["unit"]) * Fraction(rule_["percent"]) / 100, 2)
    return price, half_up(compared, 2)


def trimmed(values: list[Fraction], tiers: list[Document]) -> list[Fraction]:
    """The values without the highest and lowest of the last tier they reach."""
    high = low = 0
    for tier in tiers:
        if len(values) >= tier["from"]:
            high, low = tier["high"], tier["low"]
    return sorted(values)[low : len(values) - high]


def mean(values: list[Fraction]) -> Fraction:
    """The arithmetic mean."""
    return sum(values, Fraction(0)) / len(values)


def price_scores(
    rule: Document, evaluated: dict[str, tuple[Fraction, Fraction]], valid: list[str]
) -> tuple[str | None, dict[str, Document]]:
    """The base as spelled (or None), and by bid its deviation as spelled and its price score."""
    if rule["formula"] == "lowest_evaluated":
        return None, {name: {"deviation": None, "price_score": None} for name in valid}
    if rule["formula"] == "low_price_first":
        lowest = min(evaluated[name][1] for name in valid)
        places, weight = rule["places"]["score"], Fraction(rule["weight"])
        scores = {name: half_up(lowest / evaluated[name][1] * weight, places) for name in valid}
        return fixed(lowest, 2), {name: {"deviation": None, "price_score": score} for name, score in scores.items()}
    counted = evaluated if rule["counts"] == "opened" else valid
    prices = trimmed([evaluated[name][1] for name in counted], rule["trim"])
    base = half_up(mean(prices) * (1 - Fraction(rule["reduction_percent"]) / 100), rule["places"]["base"])
    found = {}
    for name in valid:
        deviation = half_up((evaluated[name][1] - base) / base * 100, rule["places"]["deviation"])
        slope = Fraction(rule["slope_above"] if deviation > 0 else rule["slope_below"])
        score = max(Fraction(rule["floor"]), Fraction(rule["weight"]) - slope * abs(deviation))
        found[name] = {
            "deviation": fixed(deviation, rule["places"]["deviation"]),
            "price_score": half_up(score, rule["places"]["score"]),
        }
    return fixed(base, rule["places"]["base"]), found


def group_score(document: Document, group: Document, bid: str) -> Fraction:
    """The members' figures of a group as one: of each item and then the sum, or of each member's sum."""
    sheets = {one["member"]: one["scores"] for one in document["sheets"] if one["bid"] == bid}
    items, places = [item["id"] for item in group["items"]], group["places"]
    if group["over"] == "item":
        by_item = [[Fraction(sheets[member][item]) for member in document["members"]] for item in items]
        return sum((half_up(mean(trimmed(values, group["trim"])), places) for values in by_item), Fraction(0))
    sums = {member: sum(Fraction(sheets[member][item]) for item in items) for member in document["members"]}
    out = {
        one["member"] for one in document.get("replacements", []) if (one["bid"], one["group"]) == (bid, group["id"])
    }
    others = [Fraction(value) for member, value in sums.items() if member not in out]
    figures = [half_up(mean(others), 2) if member in out else Fraction(value) for member, value in sums.items()]
    return half_up(mean(trimmed(figures, group["trim"])), places)


def ranks(document: Document, rows: list[Document]) -> list[Document]:
    """Rows by rank; equal figures go by the tie rules in turn, and share a rank only where `joint` says so."""

    def order(row: Document) -> list[Fraction]:
        first = row["evaluated"] if row["total"] is None else -row["total"]
        key = [first]
        for tie in document["ties"]:
            if tie["rule"] == "lower_price":
                key.append(half_up(row["price"], 2))
            elif tie["rule"] == "higher_group":
                key.append(-row["groups"][tie["group"]])
            elif tie["rule"] == "lot":
                drawn = tie.get("order", [])
                key.append(Fraction(drawn.index(row["bid"]) if row["bid"] in drawn else len(drawn)))
        return key

    ordered = sorted(rows, key=order)
    is_joint = any(tie["rule"] == "joint" for tie in document["ties"])
    for row in ordered:
        row["rank"] = 1 + sum(order(other) < order(row) for other in rows)
        if not is_joint and sum(order(other) == order(row) for other in rows) > 1:
            raise TieUnresolved
    return ordered


def spelled(row: Document, document: Document) -> Document:
    """A row as the first tally writes it."""
    price_places = document["price"].get("places", {}).get("score")
    places = {group["id"]: group["places"] for group in document["groups"]}
    score = row["price_score"]
    return {
        "bid": row["bid"],
        "rank": row["rank"],
        "price": fixed(half_up(row["price"], 2), 2),
        "evaluated": fixed(row["evaluated"], 2),
        "deviation": row["deviation"],
        "price_score": None if score is None else fixed(score, price_places),
        "groups": {group: fixed(figure, places[group]) for group, figure in row["groups"].items()},
        "total": None if row["total"] is None else fixed(row["total"], max([price_places, *places.values()])),
    }

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
    """`base`, `asked` where lines are drawn, `rows` in the order of rank, `candidates`, spelled as in the document."""
    rejected = {one["bid"] for one in document["rejections"]}
    evaluated = {bid["id"]: evaluated_price(bid, document["price"]) for bid in document["bids"]}
    valid = [bid["id"] for bid in document["bids"] if bid["id"] not in rejected]
    base, scored = price_scores(document, evaluated, valid)
    rows = []
    for name in valid:
        price, sum_ = evaluated[name]
        groups = {group["id"]: group_score(document, group, name) for group in document["groups"]}
        score = scored[name]["price_score"]
        total = None if score is None else rounded(score + sum(groups.values()), document.get("total_places"))
        rows.append({"bid": name, "price": price, "evaluated": sum_, "groups": groups, "total": total, **scored[name]})
    ranked = ranks(document, rows)
    most = document["candidates"]
    return {
        "base": base,
        **({"asked": asked(document, evaluated, valid)} if document.get("abnormal_low") else {}),
        "rows": [spelled(row, document) for row in ranked],
        "candidates": [row["bid"] for row in ranked if row["rank"] <= most],
    }


def half_up(figure: Fraction, places: int) -> Fraction:
    """Nearest at so many decimals, halves away from zero."""
    scale = 10**places
    return Fraction(floor(abs(figure) * scale + Fraction(1, 2)), scale) * (1 if figure >= 0 else -1)


def rounded(figure: Fraction, places: int | None) -> Fraction:
    """Rounded where the document says how, else as it is."""
    return figure if places is None else half_up(figure, places)


def written(figure: Fraction, places: int | None) -> str:
    """With its decimals where it was rounded, else as short as it is exact, six decimals at most."""
    if places is not None:
        return fixed(figure, places)
    text = fixed(half_up(figure, 6), 6).rstrip("0")
    return text.removesuffix(".")


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
                more = half_up(price * worse / Fraction(rule_["unit"]) * Fraction(rule_["percent"]) / 100, 2)
                if "most_percent" in rule_:
                    more = min(more, half_up(price * Fraction(rule_["most_percent"]) / 100, 2))
                compared += more
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


def asked(document: Document, evaluated: dict[str, tuple[Fraction, Fraction]], valid: list[str]) -> list[str]:
    """Whoever is below any line, in the order of opening."""
    limit = None if document["limit"] is None else Fraction(document["limit"])
    prices = {name: price for name, (price, _) in evaluated.items()}
    within = [name for name, price in prices.items() if limit is None or price <= limit]
    found = set()
    for line in document["abnormal_low"]:
        names = within if line["counts"] == "opened" else valid
        share = Fraction(line["percent"]) / 100
        looked_at = sorted(prices[name] for name in names)
        if line["line"] == "cost_warning":
            figure = limit - (limit - Fraction(line["safety_fee"]) - Fraction(line["tax"])) * share  # type: ignore[operator]
        elif line["line"] == "of_limit":
            figure = limit * share  # type: ignore[operator]
        elif line["line"] == "of_mean" and looked_at:
            figure = mean(looked_at) * share
        elif line["line"] == "of_next" and len(looked_at) > 1:
            figure = looked_at[1] * share
        else:
            continue
        found |= {name for name in names if prices[name] < half_up(figure, 2)}
    return [name for name in prices if name in found]


def price_scores(
    document: Document, evaluated: dict[str, tuple[Fraction, Fraction]], valid: list[str]
) -> tuple[str | None, dict[str, Document]]:
    """The base as spelled (or None), and by bid its deviation as spelled and its price score."""
    rule = document["price"]
    if rule["formula"] == "lowest_evaluated":
        return None, {name: {"deviation": None, "price_score": None} for name in valid}
    places, weight = rule["places"], Fraction(rule["weight"])
    if rule["formula"] == "low_price_first":
        lowest = min(evaluated[name][1] for name in valid)
        scores = {name: rounded(lowest / evaluated[name][1] * weight, places["score"]) for name in valid}
        return fixed(lowest, 2), {name: {"deviation": None, "price_score": score} for name, score in scores.items()}
    counted = evaluated if rule["counts"] == "opened" else valid
    prices = trimmed([evaluated[name][1] for name in counted], rule["trim"])
    blend = mean(prices)
    if "limit_percent" in rule:
        share = Fraction(rule["limit_percent"]) / 100
        blend = Fraction(document["limit"]) * share + blend * (1 - share)
    base = rounded(blend * (1 - Fraction(rule["reduction_percent"]) / 100), places["base"])
    found = {}
    for name in valid:
        deviation = rounded((evaluated[name][1] - base) / base * 100, places["deviation"])
        found[name] = {
            "deviation": written(deviation, places["deviation"]),
            "price_score": rounded(curve(rule, deviation), places["score"]),
        }
    return written(base, places["base"]), found


def curve(rule: Document, deviation: Fraction) -> Fraction:
    """What a deviation scores before it is rounded."""
    if "table" in rule:
        points = [(Fraction(point["deviation"]), Fraction(point["score"])) for point in rule["table"]]
        if deviation <= points[0][0]:
            return points[0][1]
        for place in range(1, len(points)):
            (left, low), (right, high) = points[place - 1], points[place]
            if deviation <= right:
                return low + (high - low) * (deviation - left) / (right - left)
        return points[-1][1]
    slope = Fraction(rule["slope_above"] if deviation > 0 else rule["slope_below"])
    start = Fraction(rule["at_base"] if "at_base" in rule else rule["weight"])
    return min(Fraction(rule["weight"]), max(Fraction(rule["floor"]), start - slope * abs(deviation)))


def group_score(document: Document, group: Document, bid: str) -> Fraction:
    """The members' figures of a group as one: by item and then the sum, by each member's sum, or what is taken off."""
    sheets = {one["member"]: one["scores"] for one in document["sheets"] if one["bid"] == bid}
    items, places = [item["id"] for item in group["items"]], group["places"]
    by_item = [[Fraction(sheets[member][item]) for member in document["members"]] for item in items]
    if group["over"] == "item":
        return sum((rounded(mean(trimmed(values, group["trim"])), places) for values in by_item), Fraction(0))
    if group["over"] == "deduction":
        left = Fraction(group["max"])
        for values in by_item:
            taken = [value for value in values if value > 0]
            if taken and Fraction(len(taken), len(values)) >= Fraction(group["members_percent"]) / 100:
                left -= rounded(mean(taken), places)
        return max(Fraction(0), left)
    sums = {member: sum(Fraction(sheets[member][item]) for item in items) for member in document["members"]}
    out = {
        one["member"] for one in document.get("replacements", []) if (one["bid"], one["group"]) == (bid, group["id"])
    }
    others = [Fraction(value) for member, value in sums.items() if member not in out]
    figures = [half_up(mean(others), 2) if member in out else Fraction(value) for member, value in sums.items()]
    return rounded(mean(trimmed(figures, group["trim"])), places)


def ranks(document: Document, rows: list[Document]) -> list[Document]:
    """Rows by rank: each row's rank is one more than the rows before it, as the tie rules in turn put them."""
    for row in rows:
        row["rank"] = 1 + sum(is_before(document, other, row, rows) for other in rows if other is not row)
    return sorted(rows, key=lambda row: row["rank"])


def is_before(document: Document, one: Document, other: Document, rows: list[Document]) -> bool:
    """Whether one row goes before another: by the first rule that tells them apart, a lot of all equals or none."""
    equals = rows
    for rule in ({"rule": "first"}, *document["ties"]):
        if rule["rule"] == "joint":
            return False
        if rule["rule"] == "lot":
            bids = {row["bid"] for row in equals}
            fitting = [lot["order"] for lot in rule.get("drawn", []) if bids <= set(lot["order"])]
            if not fitting:
                raise TieUnresolved
            return bool(fitting[-1].index(one["bid"]) < fitting[-1].index(other["bid"]))
        mine, theirs = compared(rule, one), compared(rule, other)
        if mine != theirs:
            return mine < theirs
        equals = [row for row in equals if compared(rule, row) == mine]
    raise TieUnresolved


def compared(rule: Document, row: Document) -> Fraction:
    """What a rule compares; the smaller goes first."""
    if rule["rule"] == "lower_price":
        return half_up(row["price"], 2)
    if rule["rule"] == "higher_group":
        return Fraction(-row["groups"][rule["group"]])
    return Fraction(row["evaluated"] if row["total"] is None else -row["total"])


def spelled(row: Document, document: Document) -> Document:
    """A row as the first tally writes it."""
    price_places = document["price"].get("places", {}).get("score")
    places = {group["id"]: group["places"] for group in document["groups"]}
    longest = max([place or 0 for place in (price_places, *places.values())])
    score = row["price_score"]
    return {
        "bid": row["bid"],
        "rank": row["rank"],
        "price": fixed(half_up(row["price"], 2), 2),
        "evaluated": fixed(row["evaluated"], 2),
        "deviation": row["deviation"],
        "price_score": None if score is None else written(score, price_places),
        "groups": {group: written(figure, places[group]) for group, figure in row["groups"].items()},
        "total": None if row["total"] is None else fixed(row["total"], document.get("total_places", longest)),
    }

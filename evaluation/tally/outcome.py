"""The tally itself: prices, scores, totals, ranks. A pure function of the case."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from evaluation.tally.figures import half_up
from evaluation.tally.model import LowestEvaluated, Row, Step, TallyCase, TallyResult, TieRule
from evaluation.tally.prices import Priced, PriceOutcome, run_prices, step
from evaluation.tally.reading import DocumentRefused
from evaluation.tally.scores import run_group

_MONEY = 2


class TallyRefused(DocumentRefused):
    """A well-formed case that has no result: `price_above_limit`, `tie_unresolved`."""

    code = "tally.refused"


def compute(case: TallyCase) -> TallyResult:
    """Work out the result and its steps.

    Raises `TallyRefused` when a valid bid is above the limit or a tie has no rule, `DocumentRefused` with
    `objective_mismatch` when members differ on an objective item.
    """
    steps = [step("rejected", one.bid, ground=one.ground) for one in case.rejections]
    prices = run_prices(case)
    _check_limit(case, prices)
    steps.extend(prices.steps)
    rows = [_row(case, priced, steps) for priced in prices.priced]
    ranked = _ranked(case, rows, steps)
    candidates = tuple(row.bid for row in ranked if row.rank <= case.candidates)
    steps.append(step("candidates", bids=candidates))
    return TallyResult(prices.base, tuple(ranked), candidates, tuple(steps))


def _check_limit(case: TallyCase, prices: PriceOutcome) -> None:
    for priced in prices.priced:
        if case.limit is not None and priced.price > case.limit:
            raise TallyRefused("price_above_limit", f"$.bids[id={priced.bid}].price")


def _row(case: TallyCase, priced: Priced, steps: list[Step]) -> Row:
    groups = tuple((group.id, run_group(case, group, priced.bid, steps)) for group in case.groups)
    total = None
    if priced.score is not None:
        total = sum((score for _, score in groups), priced.score)
        parts = tuple(f"{group}={score}" for group, score in groups)
        steps.append(step("total", priced.bid, price=str(priced.score), groups=parts, total=str(total)))
    price, evaluated = half_up(priced.price, _MONEY), half_up(priced.evaluated, _MONEY)
    return Row(priced.bid, price, evaluated, priced.deviation, priced.score, groups, total, rank=0)


def _ranked(case: TallyCase, rows: list[Row], steps: list[Step]) -> list[Row]:
    """Order by total (or evaluated price), break ties by the rules in turn; equal ranks only where a rule says so."""
    first = _evaluated_price if isinstance(case.price, LowestEvaluated) else _total
    keys: list[tuple[TieRule | None, Callable[[Row], Fraction]]] = [(None, first)]
    keys += [(tie, _tie_key(tie)) for tie in case.ties if tie.rule != "joint"]
    may_be_joint = any(tie.rule == "joint" for tie in case.ties)
    ordered = sorted(rows, key=lambda row: [key(row) for _, key in keys])
    ranked: list[Row] = []
    for place, row in enumerate(ordered, start=1):
        rank, before = place, ordered[place - 2] if place > 1 else None
        if before and first(before) == first(row):
            decisive = next((tie for tie, key in keys if key(before) != key(row)), None)
            if decisive and decisive.rule == "lot" and not {before.bid, row.bid} <= set(decisive.order):
                decisive = None
            if decisive is None and not may_be_joint:
                raise TallyRefused("tie_unresolved", "$.ties")
            rank = place if decisive else ranked[-1].rank
            rule = decisive.rule if decisive else "joint"
            steps.append(step("tie", bids=(before.bid, row.bid), rule=rule))
        ranked.append(replace(row, rank=rank))
    steps.extend(step("rank", row.bid, rank=row.rank, figure=str(_figure(row))) for row in ranked)
    return ranked


def _tie_key(tie: TieRule) -> Callable[[Row], Fraction]:
    if tie.rule == "lower_price":
        return lambda row: Fraction(row.price)
    if tie.rule == "higher_group":
        return lambda row: -Fraction(row.group(tie.group))
    places = {bid: place for place, bid in enumerate(tie.order)}
    return lambda row: Fraction(places.get(row.bid, len(places)))


def _total(row: Row) -> Fraction:
    return -Fraction(row.total or 0)


def _evaluated_price(row: Row) -> Fraction:
    return Fraction(row.evaluated)


def _figure(row: Row) -> Decimal:
    return row.evaluated if row.total is None else row.total

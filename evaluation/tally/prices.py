"""Prices become evaluated prices, a benchmark and price scores. Formulas P1, P2, P3 and P6 of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluation.tally.figures import half_up, rounded, shown, total_of
from evaluation.tally.model import (
    BenchmarkDeviation,
    Bid,
    CapitalAmount,
    LowestEvaluated,
    LowPriceFirst,
    PriceRule,
    Step,
    TallyCase,
    TrimTier,
    Value,
)

_MONEY = 2
_PERCENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Priced:
    """A valid bid's prices and, where the formula scores, its deviation in percent and its score."""

    bid: str
    price: Fraction
    evaluated: Fraction
    deviation: str | None
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceOutcome:
    """The benchmark (none for P6), each valid bid's prices, and the steps."""

    base: Decimal | None
    priced: tuple[Priced, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Evaluated:
    id: str
    price: Fraction
    evaluated: Fraction


def step(kind: str, bid: str = "", **values: Value) -> Step:
    """One line of the tally done by hand."""
    return Step(kind, bid, tuple(values.items()))


def trim(values: Sequence[tuple[str, Fraction]], tiers: Sequence[TrimTier]) -> tuple[list[tuple[str, Fraction]], Step]:
    """Drop the highest and lowest figures the table asks for; of equal figures it does not matter which."""
    tier = next((tier for tier in reversed(tiers) if tier.count <= len(values)), TrimTier(0, 0, 0))
    ordered = sorted(values, key=lambda pair: pair[1])
    last = len(ordered) - tier.high
    low, kept, high = ordered[: tier.low], ordered[tier.low : last], ordered[last:]
    line = step(
        "trim",
        count=len(values),
        low=_named(low),
        high=_named(high),
        kept=_named([pair for pair in values if pair in kept]),
    )
    return kept, line


def run_prices(case: TallyCase) -> PriceOutcome:
    """Evaluate and, where the formula does, score the prices of the valid bids."""
    steps: list[Step] = []
    evaluated = {bid.id: _evaluate(bid, case.price, steps) for bid in case.bids}
    valid = [evaluated[bid.id] for bid in case.valid_bids]
    if isinstance(case.price, BenchmarkDeviation):
        counted = list(evaluated.values()) if case.price.counts_opened else valid
        base, priced = _benchmark_deviation(case.price, counted, valid, steps)
    elif isinstance(case.price, LowPriceFirst):
        base, priced = _low_price_first(case.price, valid, steps)
    else:
        base, priced = None, _lowest(case, list(evaluated.values()), valid, steps)
    return PriceOutcome(base, tuple(priced), tuple(steps))


def _evaluate(bid: Bid, rule: PriceRule, steps: list[Step]) -> _Evaluated:
    price = _corrected(bid, steps)
    evaluated = price
    if bid.deduction_percent:
        evaluated = price * (1 - Fraction(bid.deduction_percent) * _PERCENT)
        steps.append(
            step(
                "deducted",
                bid.id,
                price=shown(price, _MONEY),
                percent=str(bid.deduction_percent),
                evaluated=shown(evaluated, _MONEY),
            )
        )
    if isinstance(rule, LowestEvaluated):
        evaluated += _adjustments(bid, price, rule, steps)
    return _Evaluated(bid.id, price, Fraction(half_up(evaluated, _MONEY)))


def _corrected(bid: Bid, steps: list[Step]) -> Fraction:
    price = Fraction(bid.price)
    for correction in bid.corrections:
        before = price
        if isinstance(correction, CapitalAmount):
            price = Fraction(correction.amount)
            line = step("capital_amount", bid.id, figure=shown(before, _MONEY), price=shown(price, _MONEY))
        else:
            product = Fraction(half_up(Fraction(correction.quantity) * Fraction(correction.unit_price), _MONEY))
            price += product - Fraction(correction.written)
            line = step(
                "unit_price",
                bid.id,
                quantity=str(correction.quantity),
                unit_price=str(correction.unit_price),
                product=shown(product, _MONEY),
                written=str(correction.written),
                before=shown(before, _MONEY),
                price=shown(price, _MONEY),
            )
        steps.append(line)
    return price


def _adjustments(bid: Bid, price: Fraction, rule: LowestEvaluated, steps: list[Step]) -> Fraction:
    facts, added = dict(bid.facts), Fraction(0)
    for adjustment in rule.adjustments:
        fact = facts.get(adjustment.id)
        if fact is None:
            continue
        worse = (fact - adjustment.base) if adjustment.is_worse_above else (adjustment.base - fact)
        if worse <= 0:
            continue
        amount = price * Fraction(worse) / Fraction(adjustment.unit) * Fraction(adjustment.percent) * _PERCENT
        amount = Fraction(half_up(amount, _MONEY))
        steps.append(
            step(
                "adjusted",
                bid.id,
                rule=adjustment.id,
                worse=shown(Fraction(worse)),
                unit=str(adjustment.unit),
                percent=str(adjustment.percent),
                price=shown(price, _MONEY),
                amount=shown(amount, _MONEY),
            )
        )
        added += amount
    return added


def _benchmark_deviation(
    rule: BenchmarkDeviation, counted: list[_Evaluated], valid: list[_Evaluated], steps: list[Step]
) -> tuple[Decimal, list[Priced]]:
    kept, line = trim([(bid.id, bid.evaluated) for bid in counted], rule.trim)
    steps.append(Step("prices_counted", "", line.values))
    total = total_of([price for _, price in kept])
    mean = total / len(kept)
    base = rounded(mean * (1 - Fraction(rule.reduction_percent) * _PERCENT), rule.base_places)
    spelled_base = shown(base, rule.base_places)
    steps.append(step("price_mean", sum=shown(total, _MONEY), count=len(kept), mean=shown(mean)))
    steps.append(step("base", mean=shown(mean), percent=str(rule.reduction_percent), base=spelled_base))
    return Decimal(spelled_base), [_deviating(rule, bid, base, steps) for bid in valid]


def _deviating(rule: BenchmarkDeviation, bid: _Evaluated, base: Fraction, steps: list[Step]) -> Priced:
    deviation = rounded((bid.evaluated - base) / base * 100, rule.deviation_places)
    slope = rule.slope_above if deviation > 0 else rule.slope_below
    exact = max(Fraction(rule.floor), Fraction(rule.weight) - Fraction(slope) * abs(deviation))
    score = half_up(exact, rule.score_places)
    spelled = shown(deviation, rule.deviation_places)
    steps.append(
        step(
            "deviation",
            bid.id,
            evaluated=shown(bid.evaluated, _MONEY),
            base=shown(base, rule.base_places),
            deviation=spelled,
        )
    )
    steps.append(
        step(
            "price_score",
            bid.id,
            weight=str(rule.weight),
            slope=str(slope),
            deviation=shown(abs(deviation), rule.deviation_places),
            floor=str(rule.floor),
            score=str(score),
        )
    )
    return Priced(bid.id, bid.price, bid.evaluated, spelled, score)


def _low_price_first(rule: LowPriceFirst, valid: list[_Evaluated], steps: list[Step]) -> tuple[Decimal, list[Priced]]:
    lowest = min(valid, key=lambda bid: bid.evaluated)
    benchmark = half_up(lowest.evaluated, _MONEY)
    steps.append(step("benchmark", lowest.id, benchmark=str(benchmark)))
    priced = []
    for bid in valid:
        score = half_up(lowest.evaluated / bid.evaluated * Fraction(rule.weight), rule.score_places)
        steps.append(
            step(
                "price_ratio",
                bid.id,
                benchmark=str(benchmark),
                evaluated=shown(bid.evaluated, _MONEY),
                weight=str(rule.weight),
                score=str(score),
            )
        )
        priced.append(Priced(bid.id, bid.price, bid.evaluated, None, score))
    return benchmark, priced


def _lowest(case: TallyCase, opened: list[_Evaluated], valid: list[_Evaluated], steps: list[Step]) -> list[Priced]:
    """Show each opened bid within the limit against the limit and their mean, where an abnormally low price is seen."""
    limit = None if case.limit is None else Fraction(case.limit)
    within = [bid for bid in opened if limit is None or bid.price <= limit]
    mean = total_of([bid.price for bid in within]) / len(within)
    for bid in within:
        of_limit = "" if limit is None else shown(bid.price / limit * 100, _MONEY)
        of_mean = shown(bid.price / mean * 100, _MONEY)
        line = step("share", bid.id, price=shown(bid.price, _MONEY), mean=shown(mean), of_mean=of_mean)
        steps.append(Step(line.kind, bid.id, (*line.values, ("of_limit", of_limit))) if of_limit else line)
    for bid in valid:
        steps.append(step("evaluated", bid.id, price=shown(bid.price, _MONEY), evaluated=shown(bid.evaluated, _MONEY)))
    return [Priced(bid.id, bid.price, bid.evaluated, None, None) for bid in valid]


def _named(pairs: Sequence[tuple[str, Fraction]]) -> tuple[str, ...]:
    return tuple(f"{name}={shown(value)}" for name, value in pairs)

"""Prices become evaluated prices, then scores: corrections, deductions, adjustments, and each formula's own way."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from evaluation.tally.benchmark import benchmark_deviation
from evaluation.tally.figures import half_up, rounded, shown
from evaluation.tally.model import (
    AdjustmentRule,
    BenchmarkDeviation,
    Bid,
    CapitalAmount,
    Correction,
    LowestEvaluated,
    LowPriceFirst,
    PriceRule,
    Step,
    TallyCase,
)
from evaluation.tally.priced import MONEY, PERCENT, Evaluated, Priced, PriceOutcome, step


def evaluate(case: TallyCase) -> tuple[dict[str, Evaluated], list[Step]]:
    """Each opened bid's corrected and evaluated price, and the steps to them."""
    steps: list[Step] = []
    return {bid.id: _evaluate(bid, case.price, steps) for bid in case.bids}, steps


def score_prices(case: TallyCase, opened: Sequence[Evaluated], valid: Sequence[Evaluated]) -> PriceOutcome:
    """What the formula makes of the evaluated prices of the valid bids."""
    steps: list[Step] = []
    if isinstance(case.price, BenchmarkDeviation):
        counted = opened if case.price.counts_opened else valid
        base, priced = benchmark_deviation(case.price, case.limit, counted, valid, steps)
        return PriceOutcome(base, tuple(priced), tuple(steps))
    if isinstance(case.price, LowPriceFirst):
        return _low_price_first(case.price, valid)
    return PriceOutcome(None, tuple(_lowest(case, opened, valid, steps)), tuple(steps))


def _evaluate(bid: Bid, rule: PriceRule, steps: list[Step]) -> Evaluated:
    price = _corrected(bid, steps)
    evaluated = price
    if bid.deduction_percent:
        evaluated = price * (1 - Fraction(bid.deduction_percent) * PERCENT)
        steps.append(
            step(
                "deducted",
                bid.id,
                price=shown(price, MONEY),
                percent=str(bid.deduction_percent),
                evaluated=shown(evaluated, MONEY),
            )
        )
    if isinstance(rule, LowestEvaluated):
        evaluated += _adjustments(bid, price, rule, steps)
    return Evaluated(bid.id, price, half_up(evaluated, MONEY))


def _corrected(bid: Bid, steps: list[Step]) -> Fraction:
    price = Fraction(bid.price)
    for correction in bid.corrections:
        before = price
        if isinstance(correction, CapitalAmount):
            price = Fraction(correction.amount)
            line = step("capital_amount", bid.id, figure=shown(before, MONEY), price=shown(price, MONEY))
        else:
            product = Fraction(half_up(Fraction(correction.quantity) * Fraction(correction.unit_price), MONEY))
            price += product - Fraction(correction.written)
            line = step(
                "unit_price",
                bid.id,
                quantity=str(correction.quantity),
                unit_price=str(correction.unit_price),
                product=shown(product, MONEY),
                written=str(correction.written),
                before=shown(before, MONEY),
                price=shown(price, MONEY),
            )
        steps.append(line)
    return price


def corrected_price(price: Decimal, corrections: Sequence[Correction]) -> Decimal:
    """A price in yuan after these corrections, in their order."""
    return half_up(_corrected(Bid("", price, tuple(corrections), Decimal(0), ()), []), MONEY)


def _adjustments(bid: Bid, price: Fraction, rule: LowestEvaluated, steps: list[Step]) -> Fraction:
    facts, added = dict(bid.facts), Fraction(0)
    for adjustment in rule.adjustments:
        fact = facts.get(adjustment.id)
        if fact is None:
            continue
        worse = (fact - adjustment.base) if adjustment.is_worse_above else (adjustment.base - fact)
        if worse > 0:
            added += _adjustment(bid.id, price, adjustment, Fraction(worse), steps)
    return added


def _adjustment(bid: str, price: Fraction, rule: AdjustmentRule, worse: Fraction, steps: list[Step]) -> Fraction:
    """What a fact that is worse adds, to the cent, and no more than the rule's most."""
    amount = half_up(price * worse / Fraction(rule.unit) * Fraction(rule.percent) * PERCENT, MONEY)
    steps.append(
        step(
            "adjusted",
            bid,
            rule=rule.id,
            worse=shown(worse),
            unit=str(rule.unit),
            percent=str(rule.percent),
            price=shown(price, MONEY),
            amount=str(amount),
        )
    )
    if rule.most_percent is not None:
        most = half_up(price * Fraction(rule.most_percent) * PERCENT, MONEY)
        if amount > most:
            amount = most
            told = {"rule": rule.id, "most": str(rule.most_percent), "price": shown(price, MONEY)}
            steps.append(step("adjusted_at_most", bid, **told, amount=str(amount)))
    return Fraction(amount)


def _low_price_first(rule: LowPriceFirst, valid: Sequence[Evaluated]) -> PriceOutcome:
    lowest = min(valid, key=lambda bid: bid.evaluated)
    benchmark = str(lowest.evaluated)
    steps = [step("benchmark", lowest.id, benchmark=benchmark)]
    priced = []
    for bid in valid:
        ratio = Fraction(lowest.evaluated) / Fraction(bid.evaluated)
        score = rounded(ratio * Fraction(rule.weight), rule.score_places)
        steps.append(
            step(
                "price_ratio",
                bid.id,
                benchmark=benchmark,
                evaluated=str(bid.evaluated),
                weight=str(rule.weight),
                score=shown(score, rule.score_places),
            )
        )
        priced.append(Priced(bid.id, bid.price, bid.evaluated, None, score))
    return PriceOutcome(lowest.evaluated, tuple(priced), tuple(steps))


def _lowest(
    case: TallyCase, opened: Sequence[Evaluated], valid: Sequence[Evaluated], steps: list[Step]
) -> list[Priced]:
    """Show each opened bid within the limit against the limit and their mean, where an abnormally low price is seen."""
    limit = None if case.limit is None else Fraction(case.limit)
    within = [bid for bid in opened if limit is None or bid.price <= limit]
    mean = sum((bid.price for bid in within), Fraction(0)) / len(within)
    for bid in within:
        of_limit = "" if limit is None else shown(bid.price / limit * 100, MONEY)
        of_mean = shown(bid.price / mean * 100, MONEY)
        line = step("share", bid.id, price=shown(bid.price, MONEY), mean=shown(mean), of_mean=of_mean)
        steps.append(Step(line.kind, bid.id, (*line.values, ("of_limit", of_limit))) if of_limit else line)
    for bid in valid:
        steps.append(step("evaluated", bid.id, price=shown(bid.price, MONEY), evaluated=str(bid.evaluated)))
    return [Priced(bid.id, bid.price, bid.evaluated, None, None) for bid in valid]

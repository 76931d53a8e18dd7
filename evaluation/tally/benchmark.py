"""A benchmark price, and each bid's score by its deviation from it: formulas P1, P3, P4 and P5 of the catalogue."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from evaluation.tally.figures import rounded, shown, sum_of
from evaluation.tally.model import BenchmarkDeviation, CurvePoint, PriceTable, Slopes, Step
from evaluation.tally.priced import MONEY, PERCENT, Evaluated, Priced, step
from evaluation.tally.reading import DocumentRefused
from evaluation.tally.trimming import trim


def benchmark_deviation(
    rule: BenchmarkDeviation,
    limit: Decimal | None,
    counted: Sequence[Evaluated],
    valid: Sequence[Evaluated],
    steps: list[Step],
) -> tuple[Decimal, list[Priced]]:
    """The benchmark of the counted bids, and what each valid bid scores by it; steps are added to `steps`.

    Raises `DocumentRefused` (`deviation_undefined`) where the base is rounded to nothing.
    """
    kept, line = trim([(bid.id, bid.evaluated) for bid in counted], rule.trim)
    steps.append(Step("prices_counted", "", line))
    total = Fraction(sum_of(price for _, price in kept))
    mean = total / len(kept)
    steps.append(step("price_mean", sum=shown(total, MONEY), count=len(kept), mean=shown(mean)))
    base = _base(rule, limit, mean, steps)
    if not base:
        raise DocumentRefused("deviation_undefined", "$.price.places.base")
    return Decimal(shown(base, rule.base_places)), [_deviating(rule, bid, base, steps) for bid in valid]


def _base(rule: BenchmarkDeviation, limit: Decimal | None, mean: Fraction, steps: list[Step]) -> Fraction:
    """Of the mean alone, or with P4 of limit and mean, less the reduction."""
    blended, left = mean, 1 - Fraction(rule.reduction_percent) * PERCENT
    percent = str(rule.reduction_percent)
    if rule.limit_percent is None or limit is None:
        base = rounded(blended * left, rule.base_places)
        steps.append(step("base", mean=shown(mean), percent=percent, base=shown(base, rule.base_places)))
        return base
    share = Fraction(rule.limit_percent) * PERCENT
    base = rounded((Fraction(limit) * share + mean * (1 - share)) * left, rule.base_places)
    steps.append(
        step(
            "base_of_limit",
            limit=str(limit),
            limit_percent=str(rule.limit_percent),
            mean=shown(mean),
            percent=percent,
            base=shown(base, rule.base_places),
        )
    )
    return base


def _deviating(rule: BenchmarkDeviation, bid: Evaluated, base: Fraction, steps: list[Step]) -> Priced:
    evaluated = Fraction(bid.evaluated)
    deviation = rounded((evaluated - base) / base * 100, rule.deviation_places)
    spelled = shown(deviation, rule.deviation_places)
    shown_base = shown(base, rule.base_places)
    steps.append(step("deviation", bid.id, evaluated=shown(evaluated, MONEY), base=shown_base, deviation=spelled))
    if isinstance(rule.curve, PriceTable):
        score = _in_table(rule, rule.curve, bid.id, deviation, steps)
    else:
        score = _on_slope(rule, rule.curve, bid.id, deviation, steps)
    return Priced(bid.id, bid.price, bid.evaluated, spelled, score)


def _on_slope(rule: BenchmarkDeviation, curve: Slopes, bid: str, deviation: Fraction, steps: list[Step]) -> Fraction:
    slope = curve.above if deviation > 0 else curve.below
    points = Fraction(curve.at_base) - Fraction(slope) * abs(deviation)
    score = rounded(min(Fraction(rule.weight), max(Fraction(curve.floor), points)), rule.score_places)
    figures = {
        "slope": str(slope),
        "deviation": shown(abs(deviation), rule.deviation_places),
        "floor": str(curve.floor),
    }
    spelled = shown(score, rule.score_places)
    if curve.at_base == rule.weight:
        steps.append(step("price_score", bid, weight=str(rule.weight), **figures, score=spelled))
    else:
        start = {"at_base": str(curve.at_base), **figures, "weight": str(rule.weight)}
        steps.append(step("price_from_base", bid, **start, score=spelled))
    return score


def _in_table(
    rule: BenchmarkDeviation, table: PriceTable, bid: str, deviation: Fraction, steps: list[Step]
) -> Fraction:
    """Linear between two neighbouring points; beyond the ends the end's score."""
    said = shown(deviation, rule.deviation_places)
    first, last = table.points[0], table.points[-1]
    if not first.deviation < deviation < last.deviation:
        end = first if deviation <= first.deviation else last
        score = rounded(Fraction(end.score), rule.score_places)
        spelled = shown(score, rule.score_places)
        steps.append(step("price_at_end", bid, deviation=said, end=str(end.deviation), score=spelled))
        return score
    before, after = next(pair for pair in pairwise(table.points) if deviation <= pair[1].deviation)
    score = rounded(_between(before, after, deviation), rule.score_places)
    steps.append(
        step(
            "price_between",
            bid,
            deviation=said,
            before=str(before.deviation),
            before_score=str(before.score),
            after=str(after.deviation),
            after_score=str(after.score),
            score=shown(score, rule.score_places),
        )
    )
    return score


def _between(before: CurvePoint, after: CurvePoint, deviation: Fraction) -> Fraction:
    run = Fraction(after.deviation) - Fraction(before.deviation)
    rise = Fraction(after.score) - Fraction(before.score)
    return Fraction(before.score) + rise * (deviation - Fraction(before.deviation)) / run

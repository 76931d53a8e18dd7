"""The tally itself: prices, scores, totals, ranks. A pure function of the case."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from evaluation.tally.figures import half_up, rounded, shown
from evaluation.tally.low_lines import must_be_asked
from evaluation.tally.model import LowestEvaluated, Row, Step, TallyCase, TallyResult
from evaluation.tally.priced import MONEY, Evaluated, Priced, step
from evaluation.tally.prices import evaluate, score_prices
from evaluation.tally.ranking import Standing, TallyRefused, ranked
from evaluation.tally.scores import OfBid, by_bid, run_group


def compute(case: TallyCase) -> TallyResult:
    """Work out the result and its steps.

    Raises `TallyRefused` when a valid bid is above the limit or a tie has no rule, `DocumentRefused` with
    `objective_mismatch` when members differ on an objective item.
    """
    steps = [step("rejected", one.bid, ground=one.ground) for one in case.rejections]
    evaluated, evaluating = evaluate(case)
    opened, valid = list(evaluated.values()), [evaluated[bid.id] for bid in case.valid_bids]
    _check_limit(case, valid)
    asked, asking = must_be_asked(case, opened, valid)
    prices = score_prices(case, opened, valid)
    steps += [*evaluating, *asking, *prices.steps]
    scores = by_bid(case)
    standings = [_standing(case, priced, scores[priced.bid], steps) for priced in prices.priced]
    rows = ranked(case, standings, steps)
    candidates = tuple(row.bid for row in rows if row.rank <= case.candidates)
    steps.append(step("candidates", bids=candidates))
    return TallyResult(prices.base, asked, rows, candidates, tuple(steps))


def _check_limit(case: TallyCase, valid: Iterable[Evaluated]) -> None:
    for bid in valid:
        if case.limit is not None and bid.price > case.limit:
            raise TallyRefused("price_above_limit", f"$.bids[id={bid.id}].price")


def _standing(case: TallyCase, priced: Priced, scores: OfBid, steps: list[Step]) -> Standing:
    """A valid bid's line: its groups, its price score where the formula has one, and their total."""
    figures = tuple((group.id, run_group(case, group, priced.bid, scores, steps)) for group in case.groups)
    spelled = {group.id: shown(figure, group.places) for group, (_, figure) in zip(case.groups, figures, strict=True)}
    row = Row(
        bid=priced.bid,
        price=half_up(priced.price, MONEY),
        evaluated=priced.evaluated,
        deviation=priced.deviation,
        price_score=None,
        groups=tuple((group, Decimal(figure)) for group, figure in spelled.items()),
        total=None,
        rank=0,
    )
    if priced.score is None or isinstance(case.price, LowestEvaluated):
        return Standing(row, None, figures)
    score = shown(priced.score, case.price.score_places)
    exact = sum((figure for _, figure in figures), priced.score)
    places = [case.price.score_places, *(group.places for group in case.groups)]
    total = rounded(exact, case.total_places)
    told = shown(total, max(place or 0 for place in places) if case.total_places is None else case.total_places)
    parts = tuple(f"{group}={figure}" for group, figure in spelled.items())
    if total == exact:
        steps.append(step("total", priced.bid, price=score, groups=parts, total=told))
    else:
        steps.append(step("total", priced.bid, price=score, groups=parts, total=shown(exact)))
        steps.append(step("total_rounded", priced.bid, sum=shown(exact), total=told))
    return Standing(replace(row, price_score=Decimal(score), total=Decimal(told)), total, figures)

"""Members' scores become one figure for each bid and group. A mismatch on an objective item stops the tally (R-20)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from evaluation.tally.figures import canonical_spelling, half_up, rounded, rounded_and_shown, shown, sum_of
from evaluation.tally.model import Group, Item, Step, TallyCase
from evaluation.tally.priced import step
from evaluation.tally.reading import DocumentRefused
from evaluation.tally.trimming import Named, trim

_REPLACED_PLACES: Final = 2
_ZERO: Final = Decimal(0)
OfBid: TypeAlias = Mapping[str, Mapping[str, Decimal]]
"""One bid's scores: member → item → score, in the order of members."""


def by_bid(case: TallyCase) -> dict[str, OfBid]:
    """All scores by bid, laid out once so that none is looked for twice."""
    sheets = {(sheet.member, sheet.bid): sheet for sheet in case.sheets}
    return {
        bid.id: {member: dict(sheets[member, bid.id].scores) for member in case.members if (member, bid.id) in sheets}
        for bid in case.valid_bids
    }


def run_group(case: TallyCase, group: Group, bid: str, scores: OfBid, steps: list[Step]) -> Fraction:
    """One bid's figure for one group, rounded at the group's places; steps are added to `steps`."""
    for item in group.items:
        if item.is_objective:
            _agree(item, bid, scores)
    if group.over == "deduction":
        return _deducted(group, bid, scores, steps)
    if group.over == "item":
        return _by_item(group, bid, scores, steps)
    return _mean(group, group.id, _replaced(case, group, bid, scores, steps), bid, steps)


def _of_item(item: Item, scores: OfBid) -> list[Named]:
    return [(member, own[item.id]) for member, own in scores.items()]


def _agree(item: Item, bid: str, scores: OfBid) -> None:
    if len({own[item.id] for own in scores.values()}) > 1:
        raise DocumentRefused("objective_mismatch", f"$.sheets[bid={bid}].scores.{item.id}")


def _by_item(group: Group, bid: str, scores: OfBid, steps: list[Step]) -> Fraction:
    means = [_mean(group, item.id, _of_item(item, scores), bid, steps) for item in group.items]
    score = sum(means, Fraction(0))
    told = tuple(shown(mean, group.places) for mean in means)
    steps.append(step("group_sum", bid, group=group.id, means=told, score=shown(score, group.places)))
    return score


def _deducted(group: Group, bid: str, scores: OfBid, steps: list[Step]) -> Fraction:
    """扣分制: a deduction counts where enough members take something off, and is the mean of what those take off."""
    points = [_points(group, item, bid, scores, steps) for item in group.items]
    score = max(Fraction(0), Fraction(group.maximum) - sum(points, Fraction(0)))
    told = tuple(shown(one, group.places) for one in points)
    left = shown(score, group.places)
    steps.append(step("group_deducted", bid, group=group.id, max=str(group.maximum), points=told, score=left))
    return score


def _points(group: Group, item: Item, bid: str, scores: OfBid, steps: list[Step]) -> Fraction:
    taken = [(member, value) for member, value in _of_item(item, scores) if value]
    percent = str(group.members_percent)
    counts: dict[str, str | int] = {"item": item.id, "members": len(taken), "count": len(scores), "percent": percent}
    if not taken or len(taken) * 100 < group.members_percent * len(scores):
        steps.append(step("deduction_passed_over", bid, **counts))
        return Fraction(0)
    points = rounded(Fraction(sum_of(value for _, value in taken)) / len(taken), group.places)
    named = tuple(f"{member}={canonical_spelling(value)}" for member, value in taken)
    steps.append(step("deduction", bid, **counts, taken=named, points=shown(points, group.places)))
    return points


def _replaced(case: TallyCase, group: Group, bid: str, scores: OfBid, steps: list[Step]) -> list[Named]:
    """Each member's sum over the items, those found abnormal replaced by the mean of the others."""
    names = [item.id for item in group.items]
    subtotals = [(member, sum(map(own.__getitem__, names), _ZERO)) for member, own in scores.items()]
    abnormal = {one.member for one in case.replacements if one.bid == bid and one.group == group.id}
    if not abnormal:
        return subtotals
    others = [value for member, value in subtotals if member not in abnormal]
    if not others:
        raise DocumentRefused("nothing_left_to_replace_by", "$.replacements")
    mean = half_up(Fraction(sum_of(others)) / len(others), _REPLACED_PLACES)
    result = []
    for member, value in subtotals:
        if member in abnormal:
            before = canonical_spelling(value)
            steps.append(step("replaced", bid, group=group.id, member=member, before=before, after=str(mean)))
        result.append((member, mean if member in abnormal else value))
    return result


def _mean(group: Group, name: str, values: Sequence[Named], bid: str, steps: list[Step]) -> Fraction:
    kept, line = trim(values, group.trim)
    total = sum_of(value for _, value in kept)
    mean, score = rounded_and_shown(Fraction(total) / len(kept), group.places)
    result = (("sum", canonical_spelling(total)), ("kept_count", len(kept)), ("score", score))
    steps.append(Step("group_mean", bid, (("group", name), *line, *result)))
    return mean

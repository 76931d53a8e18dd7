"""Members' scores become one figure for each bid and group. A mismatch on an objective item stops the tally (R-20)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from evaluation.tally.figures import half_up, shown, total_of
from evaluation.tally.model import Group, Item, Step, TallyCase
from evaluation.tally.prices import step, trim
from evaluation.tally.reading import DocumentRefused

_REPLACED_PLACES = 2


def run_group(case: TallyCase, group: Group, bid: str, steps: list[Step]) -> Decimal:
    """One bid's figure for one group, rounded at the group's places; steps are added to `steps`."""
    for item in group.items:
        if item.is_objective:
            _agree(case, item, bid)
    if group.by_item:
        means = [_mean(group, item.id, _of_item(case, item.id, bid), bid, steps) for item in group.items]
        score = sum(means, Decimal(0))
        steps.append(step("group_sum", bid, group=group.id, means=tuple(str(mean) for mean in means), score=str(score)))
        return score
    subtotals = _replaced(case, group, bid, steps)
    return _mean(group, group.id, subtotals, bid, steps)


def subtotals_of(case: TallyCase, group: Group, bid: str) -> list[tuple[str, Fraction]]:
    """Each member's sum over the group's items, in the order of members."""
    sheets = {sheet.member: sheet for sheet in case.sheets if sheet.bid == bid}
    return [
        (member, total_of([Fraction(sheets[member].of(item.id)) for item in group.items])) for member in case.members
    ]


def _of_item(case: TallyCase, item: str, bid: str) -> list[tuple[str, Fraction]]:
    sheets = {sheet.member: sheet for sheet in case.sheets if sheet.bid == bid}
    return [(member, Fraction(sheets[member].of(item))) for member in case.members]


def _agree(case: TallyCase, item: Item, bid: str) -> None:
    if len({score for _, score in _of_item(case, item.id, bid)}) > 1:
        raise DocumentRefused("objective_mismatch", f"$.sheets[bid={bid}].scores.{item.id}")


def _replaced(case: TallyCase, group: Group, bid: str, steps: list[Step]) -> list[tuple[str, Fraction]]:
    subtotals = subtotals_of(case, group, bid)
    abnormal = {one.member for one in case.replacements if one.bid == bid and one.group == group.id}
    others = [value for member, value in subtotals if member not in abnormal]
    if abnormal and not others:
        raise DocumentRefused("nothing_left_to_replace_by", "$.replacements")
    result = []
    for member, value in subtotals:
        if member not in abnormal:
            result.append((member, value))
            continue
        mean = half_up(total_of(others) / len(others), _REPLACED_PLACES)
        steps.append(step("replaced", bid, group=group.id, member=member, before=shown(value), after=str(mean)))
        result.append((member, Fraction(mean)))
    return result


def _mean(group: Group, name: str, values: Sequence[tuple[str, Fraction]], bid: str, steps: list[Step]) -> Decimal:
    kept, line = trim(values, group.trim)
    total = total_of([value for _, value in kept])
    mean = half_up(total / len(kept), group.places)
    steps.append(
        Step(
            "group_mean",
            bid,
            (
                ("group", name),
                *line.values,
                ("sum", shown(total)),
                ("kept_count", len(kept)),
                ("score", str(mean)),
            ),
        )
    )
    return mean

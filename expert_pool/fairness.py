"""Whether the draws of a deployment look as chance would have them: counts alone, in integers and fractions.

docs/fairness.md says what is counted, what the test can see and what it cannot. No expert is named here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from draw.pool import MAX_WEIGHT, Entry
from draw.request import Regions, Request, matches
from draw.selection import Selection
from expert_pool.meetings import Sitting, pairs

# Cochran's rule: a class in which fewer are expected says nothing by itself and is joined with the next.
LEAST_EXPECTED = 5
# Quantiles of chi-square at 99 % for 1 … 7 degrees of freedom, in thousandths (NIST/SEMATECH e-Handbook, 1.3.6.7.4).
CRITICAL_1_PERCENT = (6635, 9210, 11345, 13277, 15086, 16812, 18475)
CLASSES = tuple(range(1, MAX_WEIGHT + 1))


@dataclass(frozen=True, slots=True)
class Drawn:
    """One quota of one draw: by number of tickets 1 … 8, how many candidates fitted and how many were taken."""

    quarter: str
    category: str
    fitted: tuple[int, ...]
    taken: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Candidates with `lowest` to `highest` tickets: taken, and expected if every ticket is as good as another."""

    lowest: int
    highest: int
    taken: int
    expected: Fraction


@dataclass(frozen=True, slots=True)
class Trial:
    """Chi-square of one category in one quarter; `critical` is None where there are too few draws to say anything."""

    quarter: str
    category: str
    draws: int
    cells: tuple[Cell, ...]
    statistic: Fraction
    critical: Fraction | None

    @property
    def is_beyond(self) -> bool:
        """Whether chance alone gives so much in fewer than one of a hundred such trials."""
        return self.critical is not None and self.statistic > self.critical


def drawn_of(quarter: str, request: Request, regions: Regions, pool: Sequence[Entry],
             selections: Iterable[Selection]) -> tuple[Drawn, ...]:  # fmt: skip
    """What one opened draw says: a row a quota, members and alternates together."""
    weights = {entry.label: entry.record.weight for entry in pool}
    taken: dict[int, list[int]] = {}
    for selection in selections:
        taken.setdefault(selection.want.quota, []).extend(weights[label] for label in selection.taken)
    rows = []
    for index, quota in enumerate(request.quotas):
        fitting = Counter(one.record.weight for one in pool if matches(quota, one.record, regions) is None)
        out = Counter(taken.get(index, []))
        rows.append(Drawn(quarter, quota.category, _by_class(fitting), _by_class(out)))
    return tuple(rows)


def _by_class(counts: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(counts.get(tickets, 0) for tickets in CLASSES)


def trials(rows: Iterable[Drawn]) -> tuple[Trial, ...]:
    """A trial for each quarter and category, ascending."""
    ordered = sorted(rows, key=lambda row: (row.quarter, row.category))
    grouped = groupby(ordered, key=lambda row: (row.quarter, row.category))
    return tuple(_trial(quarter, category, tuple(some)) for (quarter, category), some in grouped)


def _trial(quarter: str, category: str, rows: tuple[Drawn, ...]) -> Trial:
    cells = _joined(tuple(Cell(tickets, tickets, *_class(rows, tickets)) for tickets in CLASSES))
    statistic = sum(((cell.taken - cell.expected) ** 2 / cell.expected for cell in cells if cell.expected), Fraction())
    enough = len(cells) > 1 and all(cell.expected >= LEAST_EXPECTED for cell in cells)
    critical = Fraction(CRITICAL_1_PERCENT[len(cells) - 2], 1000) if enough else None
    return Trial(quarter, category, len(rows), cells, statistic, critical)


def _class(rows: tuple[Drawn, ...], tickets: int) -> tuple[int, Fraction]:
    """Taken and expected in one class: of each draw the share of its tickets that the class holds."""
    expected = Fraction()
    for row in rows:
        all_tickets = sum(number * count for number, count in zip(CLASSES, row.fitted, strict=True))
        if all_tickets:
            expected += Fraction(tickets * row.fitted[tickets - 1] * sum(row.taken), all_tickets)
    return sum(row.taken[tickets - 1] for row in rows), expected


def _joined(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Neighbours joined from the left until each expects enough; what is left over joins the last."""
    made: list[Cell] = []
    for cell in (one for one in cells if one.expected or one.taken):
        if made and made[-1].expected < LEAST_EXPECTED:
            made[-1] = _one(made[-1], cell)
        else:
            made.append(cell)
    if len(made) > 1 and made[-1].expected < LEAST_EXPECTED:
        made[-2:] = [_one(made[-2], made[-1])]
    return tuple(made)


def _one(left: Cell, right: Cell) -> Cell:
    return Cell(left.lowest, right.highest, left.taken + right.taken, left.expected + right.expected)


def times_sat(sittings: Iterable[Sitting]) -> tuple[tuple[int, int], ...]:
    """(how often, how many experts sat so often), ascending; who never sat is not in it."""
    by_expert = Counter(expert for one in sittings for expert in set(one.experts))
    return tuple(sorted(Counter(by_expert.values()).items()))


def times_together(sittings: Iterable[Sitting]) -> tuple[tuple[int, int], ...]:
    """(how often, how many pairs of experts sat together so often), ascending."""
    return tuple(sorted(Counter(pairs(sittings, {}).values()).items()))

"""Fair draws look fair, a draw that favours somebody does not, and too few draws say nothing."""

import random
from datetime import date
from fractions import Fraction

from expert_pool.fairness import CLASSES, Drawn, times_sat, times_together, trials
from expert_pool.meetings import Sitting

FITTED = (40, 0, 0, 30, 0, 0, 0, 30)


def _drawn(count: int, weigh: bool, quarter: str = "2026Q4", seed: int = 7) -> list[Drawn]:
    """So many draws of four; every ticket counts, or (unfairly) every person."""
    chance = random.Random(seed)
    classes = [tickets for tickets, people in zip(CLASSES, FITTED, strict=True) for _ in range(people)]
    rows = []
    for _ in range(count):
        taken = chance.choices(classes, weights=classes if weigh else None, k=4)
        rows.append(Drawn(quarter, "A08", FITTED, tuple(taken.count(tickets) for tickets in CLASSES)))
    return rows


def test_what_is_expected_follows_the_tickets_exactly() -> None:
    [found] = trials(_drawn(100, weigh=True))
    assert [(cell.lowest, cell.highest) for cell in found.cells] == [(1, 1), (4, 4), (8, 8)]
    assert [cell.expected for cell in found.cells] == [Fraction(400 * tickets, 400) for tickets in (40, 120, 240)]
    assert sum(cell.taken for cell in found.cells) == 400
    assert found.statistic == sum(
        ((cell.taken - cell.expected) ** 2 / cell.expected for cell in found.cells), Fraction()
    )


def test_a_lot_by_tickets_is_within_and_one_that_ignores_them_is_beyond() -> None:
    [fair], [unfair] = trials(_drawn(100, weigh=True)), trials(_drawn(100, weigh=False))
    assert fair.critical == unfair.critical == Fraction("9.210")
    assert not fair.is_beyond
    assert unfair.is_beyond


def test_of_a_hundred_and_fifty_fair_quarters_about_one_in_a_hundred_is_beyond() -> None:
    beyond = sum(trials(_drawn(50, weigh=True, seed=seed))[0].is_beyond for seed in range(150))
    assert beyond <= 6


def test_too_few_draws_say_nothing() -> None:
    [found] = trials(_drawn(2, weigh=True))
    assert found.critical is None
    assert not found.is_beyond
    assert trials([]) == ()


def test_a_class_that_expects_too_few_is_joined_with_its_neighbour() -> None:
    [found] = trials(_drawn(10, weigh=True))
    assert [(cell.lowest, cell.highest) for cell in found.cells] == [(1, 4), (8, 8)]


def test_quarters_and_categories_are_tested_apart() -> None:
    found = trials([*_drawn(5, weigh=True), *_drawn(5, weigh=True, quarter="2026Q3")])
    assert [(one.quarter, one.draws) for one in found] == [("2026Q3", 5), ("2026Q4", 5)]


def test_how_often_experts_and_pairs_sat_is_counted_without_a_name() -> None:
    day = date(2026, 11, 25)
    sat = [Sitting(day, (), ("a", "b", "c")), Sitting(day, (), ("a", "b")), Sitting(day, (), ("d",))]
    assert times_sat(sat) == ((1, 2), (2, 2))
    assert times_together(sat) == ((1, 2), (2, 1))

"""The table of the law is true: forty rules, each once, its modules there, its test named after it and there."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.house.tree import files, text

PAGE = Path("docs/rules.md")
RULES = [f"R-{number:02}" for number in range(1, 41)]
LEVELS = {"H", "W", "L", "–"}
DEFINED = re.compile(r"^(?:async )?def (test_r_\d\d_\w+)", re.MULTILINE)
Row = list[str]


def rows(page: str) -> list[Row]:
    """The cells of each rule: number, demand, article, level, where kept, test."""
    return [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `R-")]


def numbered_tests() -> set[str]:
    """Every test that bears a rule's number."""
    pages = [path for path in files() if path.parts[0] == "tests" and path.suffix == ".py"]
    return {name for path in pages for name in DEFINED.findall(text(path))}


def faults(page: str, modules: Iterable[Path], tests: set[str]) -> list[str]:
    """What a table says that is not so, as `R-01: what`."""
    found = rows(page)
    numbers = [cells[0].strip(" `") for cells in found]
    wrong = [
        f"{rule}: not once" for rule in sorted({*RULES, *numbers}) if numbers.count(rule) != 1 or rule not in RULES
    ]
    there = {str(path) for path in modules}
    for rule, (_, _, article, levels, kept, test) in zip(numbers, found, strict=True):
        named = re.findall(r"`([a-z_/]+\.py)`", kept)
        named_test = test.strip(" `")
        wrong += [f"{rule}: no article"] * (not article.strip())
        wrong += [f"{rule}: level"] * (not {word[-1] for word in levels.strip().split(", ")} <= LEVELS)
        wrong += [f"{rule}: no module {name}" for name in named if name not in there] or [f"{rule}: nowhere"] * (
            not named
        )
        is_named_after = named_test.startswith(f"test_r_{rule[2:]}_")
        wrong += [f"{rule}: no test"] * (not is_named_after or named_test not in tests)
    return wrong


def test_every_rule_of_the_law_has_its_place_and_its_test() -> None:
    assert not faults(text(PAGE), files(), numbered_tests())


def test_every_test_that_bears_a_rules_number_bears_one_of_the_forty() -> None:
    assert not [name for name in numbered_tests() if f"R-{name[7:9]}" not in RULES]


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("| `R-01` |", "| `R-41` |", "R-01: not once"),
        ("| `R-02` |", "| `R-01` |", "R-01: not once"),
        ("招标投标法 37; 12号令 9", " ", "R-01: no article"),
        (
            "`evaluation/committee.py`, asked",
            "`evaluation/committees.py`, asked",
            "R-01: no module evaluation/committees.py",
        ),
        ("`evaluation/committee.py`, asked", "asked", "R-01: nowhere"),
        ("`test_r_01_a_committee", "`test_r_02_a_committee", "R-01: no test"),
        ("`test_r_01_a_committee_is_odd", "`test_r_01_a_committee_is_even", "R-01: no test"),
        ("12号令 9 | H |", "12号令 9 | X |", "R-01: level"),
    ],
)
def test_a_table_that_says_what_is_not_so_is_found(good: str, bad: str, fault: str) -> None:
    page = text(PAGE)
    assert good in page
    assert fault in faults(page.replace(good, bad, 1), files(), numbered_tests())

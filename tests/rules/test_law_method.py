"""The law on method and result, rule by rule: candidates, the tenderer's own estimate, and what a machine may say."""

import json
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo import case_example_a as example
from evaluation.criteria import MethodNotAllowed, check_allowed, parse_criteria
from evaluation.profiles import load_profile
from evaluation.selfcheck import check
from evaluation.sheet import complete_sheet
from evaluation.tally import DocumentRefused, compute, parse_case

VECTOR = Path(__file__).parent.parent / "vectors" / "accept" / "tally-example-a.json"
WORKS = load_profile("works").rules


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(VECTOR.read_text(encoding="utf-8"))
    return loaded


def test_r_16_at_most_three_candidates_are_named_and_ranked() -> None:
    ranked = compute(parse_case(document()))
    assert ranked.candidates == tuple(row.bid for row in ranked.rows[:3])
    with pytest.raises(DocumentRefused) as refusal:
        parse_case(document() | {"candidates": 4})
    assert refusal.value.path == "$.candidates"
    two = replace(WORKS, report=replace(WORKS.report, most_candidates=2))
    with pytest.raises(MethodNotAllowed, match="candidates"):
        check_allowed(parse_criteria(deepcopy(example.CRITERIA)), two)


@pytest.mark.parametrize("key", ["estimate", "base_price", "estimate_percent"])
def test_r_25_no_formula_knows_the_tenderers_own_estimate(key: str) -> None:
    """标底 may be looked at, but nearness to it wins nothing: the catalogue has no place for it."""
    changed = document()
    changed["price"][key] = "9000000.00"
    with pytest.raises(DocumentRefused) as refusal:
        parse_case(changed)
    assert (refusal.value.fault, refusal.value.path) == ("unknown_key", f"$.price.{key}")


def test_r_38_what_the_system_notices_changes_no_figure() -> None:
    """The one thing it notices by itself is a deviation: the score it points at counts as it stands."""
    criteria = parse_criteria(deepcopy(example.CRITERIA))
    bids = tuple(example.EXPECTED)
    sheets = [
        complete_sheet(criteria, f"m{n}", alias, bid, example.scores_of(alias, bid), {})
        for n, alias in enumerate(example.MEMBERS, start=1)
        for bid in bids
    ]
    found = check(criteria, [f"m{n}" for n in range(1, 6)], bids, sheets, WORKS.scoring)
    assert [(flag.member, flag.bid) for flag in found.flags] == [("m5", "A")]
    assert not found.is_blocking
    plain = document()
    assert "replacements" not in plain
    assert compute(parse_case(plain)).row("A").total == Decimal("83.67")

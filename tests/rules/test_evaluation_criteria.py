"""Criteria as they come in the tender package: read whole or refused by name and place."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from demo import case_example_a as example
from evaluation.criteria import parse_criteria
from evaluation.tally import DocumentRefused

Change = Callable[[dict[str, Any]], object]


def test_r_13_the_criteria_say_all_that_is_reviewed_and_scored() -> None:
    criteria = parse_criteria(example.CRITERIA)
    assert [clause.id for clause in criteria.clauses] == ["X1", "X2", "Z1", "Z2", "R1", "R2", "R3"]
    assert [item.item.id for item in criteria.items] == ["T1", "T2", "T3", "T4", "T5", "T6", "B1", "B2", "B3"]
    assert [group.is_objective for group in criteria.groups] == [False, True]
    assert criteria.choices == {"reduction_percent": ("1.0", "1.5", "2.0", "2.5", "3.0")}
    clause = criteria.clause("R2")
    assert clause is not None
    assert clause.type == "response"
    assert criteria.clause("R9") is None


@pytest.mark.parametrize(
    ("change", "fault", "path"),
    [
        (lambda d: d["price"].update(reduction_percent="2.0"), "unknown_key", "$.price.reduction_percent"),
        (lambda d: d["price"].update(reduction_choices=[]), "missing", "$.price.reduction_choices"),
        (lambda d: d["price"].update(limit_choices=["30", "101"]), "out_of_range", "$.price.limit_percent"),
        (lambda d: d.update(deduction_percents=["0"]), "out_of_range", "$.deduction_percents[0]"),
        (lambda d: d.update(deduction_percents=["10%"]), "not_a_decimal_string", "$.deduction_percents[0]"),
        (lambda d: d["groups"][0].update(places=None), "places_missing", "$.total_places"),
        (lambda d: d["price"].update(reduction_choices=["2%"]), "not_a_decimal_string", "$.price.reduction_choices[0]"),
        (lambda d: d["price"].update(reduction_choices=["1", "100"]), "out_of_range", "$.price.reduction_percent"),
        (lambda d: d["ties"][1].update(group="beauty"), "unknown_group", "$.ties[1].group"),
        (lambda d: d["clauses"][1].update(id="X1"), "repeated", "$.clauses[1]"),
        (lambda d: d["clauses"][0].update(type="mood"), "unknown_word", "$.clauses[0].type"),
        (lambda d: d["groups"][0]["items"][0].pop("name"), "missing", "$.groups[0].items[0].name"),
        (lambda d: d["groups"][0]["items"][0].update(bonus="1"), "unknown_key", "$.groups[0].items[0].bonus"),
        (lambda d: d["groups"][0].update(bonus="1"), "unknown_key", "$.groups[0].bonus"),
        (lambda d: d["groups"][0].update(max="51"), "items_do_not_add_up", "$.groups[0].items"),
        (lambda d: d["groups"].pop(), "weights_do_not_add_up", "$.groups"),
        (lambda d: d["groups"][1]["items"][0].update(id="T1"), "repeated", "$.groups.items[6]"),
        (lambda d: d.update(format="bid-criteria/2"), "unknown_word", "$.format"),
    ],
)
def test_criteria_at_odds_with_themselves_are_refused(change: Change, fault: str, path: str) -> None:
    document = copy.deepcopy(example.CRITERIA)
    change(document)
    with pytest.raises(DocumentRefused) as refusal:
        parse_criteria(document)
    assert (refusal.value.fault, refusal.value.path) == (fault, path)


def test_a_rule_without_a_drawn_coefficient_states_its_own() -> None:
    document = copy.deepcopy(example.CRITERIA)
    del document["price"]["reduction_choices"]
    document["price"]["reduction_percent"] = "3.0"
    assert parse_criteria(document).choices == {}

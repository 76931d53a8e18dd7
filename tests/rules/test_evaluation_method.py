"""R-23, R-24: what a profile allows a tender document to use; the vectors of Examples A and B say what is meant."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from demo import case_example_a as example
from evaluation.criteria import Criteria, MethodNotAllowed, check_allowed, parse_criteria
from evaluation.profiles import load_profile
from evaluation.tally import parse_case
from evaluation.tally.model import LowPriceFirst, TieRule
from evaluation.tally.reading import load_json

VECTORS = Path(__file__).parent.parent / "vectors" / "accept"
WORKS, GOODS, SERVICES = (load_profile(name).rules for name in ("works", "procurement", "procurement_services"))


def procurement() -> Criteria:
    """Example B's method in the clothes of a tender document."""
    case = parse_case(load_json((VECTORS / "tally-example-b.json").read_bytes()))
    works = parse_criteria(json.loads(json.dumps(example.CRITERIA)))
    return replace(works, method=case.method, price=case.price, ties=case.ties)


def refused(criteria: Criteria, rules: object) -> str:
    with pytest.raises(MethodNotAllowed) as refusal:
        check_allowed(criteria, rules)  # type: ignore[arg-type]
    return refusal.value.detail


def test_r_23_a_mean_of_prices_is_no_method_of_procurement_nor_the_other_way_round() -> None:
    works = parse_criteria(json.loads(json.dumps(example.CRITERIA)))
    check_allowed(works, WORKS)
    check_allowed(procurement(), GOODS)
    assert refused(works, GOODS) == "method"
    assert refused(procurement(), WORKS) == "method"


def test_r_23_the_price_of_goods_counts_at_least_30_and_of_services_at_least_10() -> None:
    criteria = procurement()
    assert isinstance(criteria.price, LowPriceFirst)
    for weight, goods, services in (
        ("30", "", ""),
        ("29.99", "price.weight", ""),
        ("9.99", "price.weight", "price.weight"),
    ):
        light = replace(criteria, price=replace(criteria.price, weight=Decimal(weight)))
        for rules, fault in ((GOODS, goods), (SERVICES, services)):
            if fault:
                assert refused(light, rules) == fault
            else:
                check_allowed(light, rules)


def test_r_24_a_tie_in_procurement_goes_to_the_lower_price_then_stands() -> None:
    lower, joint, lot = (TieRule(rule, "", ()) for rule in ("lower_price", "joint", "lot"))
    check_allowed(replace(procurement(), ties=(lower, joint)), GOODS)
    for ties in ((), (joint,), (joint, lower), (lower, lot), (lower, joint, joint)):
        assert refused(replace(procurement(), ties=ties), GOODS) == "ties"

"""Examples A to C to the last digit, and the named wrong ways to reckon, each shown to end in its own wrong figures."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from evaluation.tally import TallyRefused, TallyResult, compute, parse_case
from evaluation.tally.reading import DocumentRefused

ACCEPT = Path(__file__).parent.parent / "vectors" / "accept"


def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ACCEPT / f"tally-{name}.json").read_text(encoding="utf-8"))
    return loaded


def tally(changed: dict[str, Any]) -> TallyResult:
    return compute(parse_case(changed))


def prices(result: TallyResult) -> dict[str, str]:
    return {row.bid: str(row.price_score) for row in result.rows}


def totals(result: TallyResult) -> dict[str, str]:
    return {row.bid: str(row.total) for row in result.rows}


def ranks(result: TallyResult) -> str:
    return "".join(row.bid for row in result.rows)


def test_example_a_comes_out_to_the_last_digit() -> None:
    result = tally(document("example-a"))
    assert str(result.base) == "9213323.00"
    table = [
        (row.bid, row.deviation, str(row.price_score), str(row.group("technical")), str(row.group("commercial")))
        for row in result.rows
    ]
    assert table == [
        ("B", "0.79", "28.42", "44.00", "16.50"),
        ("E", "2.08", "25.84", "44.00", "17.50"),
        ("A", "3.25", "23.50", "42.17", "18.00"),
        ("D", "-2.42", "27.58", "37.00", "15.00"),
        ("C", "4.84", "20.32", "38.83", "19.00"),
    ]
    assert totals(result) == {"B": "88.92", "E": "87.34", "A": "83.67", "D": "79.58", "C": "78.15"}
    assert [row.rank for row in result.rows] == [1, 2, 3, 4, 5]
    assert result.candidates == ("B", "E", "A")


def test_counting_the_rejected_bid_moves_the_base_to_9146842_25() -> None:
    wrong = document("example-a")
    wrong["price"]["counts"] = "opened"
    assert str(tally(wrong).base) == "9146842.25"


def test_not_trimming_prices_moves_the_base_to_9183237_00() -> None:
    wrong = document("example-a")
    wrong["price"]["trim"] = []
    assert str(tally(wrong).base) == "9183237.00"


def test_an_unrounded_deviation_shifts_four_price_scores_by_a_cent() -> None:
    wrong = document("example-a")
    wrong["price"]["places"]["deviation"] = None
    assert prices(tally(wrong)) == {"A": "23.51", "B": "28.41", "C": "20.33", "D": "27.58", "E": "25.83"}


def test_a_plain_mean_of_members_gives_other_totals() -> None:
    wrong = document("example-a")
    for group in wrong["groups"]:
        group["trim"] = []
    assert totals(tally(wrong)) == {"A": "84.60", "B": "89.02", "C": "78.12", "D": "79.68", "E": "87.24"}


def test_r_19_the_mean_of_the_others_replaces_an_abnormal_score() -> None:
    voted = document("example-a")
    voted["replacements"] = [{"member": "m5", "bid": "A", "group": "technical"}]
    result = tally(voted)
    assert str(result.row("A").group("technical")) == "41.75"
    assert str(result.row("A").total) == "83.25"
    assert ranks(result) == "BEADC"


def test_example_b_comes_out_to_the_last_digit_and_the_lower_bid_wins_the_tie() -> None:
    result = tally(document("example-b"))
    assert str(result.base) == "1782000.00"
    assert [(row.bid, str(row.evaluated)) for row in result.rows] == [
        ("Q", "1795000.00"),
        ("P", "1860000.00"),
        ("R", "1782000.00"),
    ]
    assert prices(result) == {"P": "28.74", "Q": "29.78", "R": "30.00"}
    assert [str(result.row(bid).group("technical")) for bid in "PQR"] == ["44.28", "43.24", "41.00"]
    assert totals(result) == {"P": "89.02", "Q": "89.02", "R": "85.00"}
    assert {row.bid: row.rank for row in result.rows} == {"Q": 1, "P": 2, "R": 3}
    assert result.row("R").price == Decimal("1980000.00")


def test_without_the_deduction_the_benchmark_is_1795000() -> None:
    wrong = document("example-b")
    del wrong["bids"][2]["deduction_percent"]
    result = tally(wrong)
    assert str(result.base) == "1795000.00"
    assert prices(result) == {"P": "28.95", "Q": "30.00", "R": "27.20"}


def test_r_20_one_member_off_on_an_objective_item_blocks_the_tally() -> None:
    wrong = document("example-b")
    wrong["sheets"][0]["scores"]["certificate"] = "5"
    with pytest.raises(DocumentRefused) as refusal:
        tally(wrong)
    assert (refusal.value.fault, refusal.value.path) == ("objective_mismatch", "$.sheets[bid=P].scores.certificate")


def test_example_c_ranks_by_evaluated_price_and_contracts_at_the_corrected_one() -> None:
    result = tally(document("example-c"))
    assert [(row.bid, str(row.evaluated), str(row.price)) for row in result.rows] == [
        ("Y", "5341875.00", "5250000.00"),
        ("W", "5480000.00", "5480000.00"),
        ("X", "5480260.00", "5426000.00"),
    ]
    shares = {step.bid: (step.get("of_limit"), step.get("of_mean")) for step in result.steps if step.kind == "share"}
    assert shares["Z"] == ("69.67", "82.22")
    assert "V" not in shares
    assert {step.get("mean") for step in result.steps if step.kind == "share"} == {"5084000"}
    added = {(step.bid, step.get("rule")): step.get("amount") for step in result.steps if step.kind == "adjusted"}
    assert added == {
        ("Y", "prepayment_percent"): "52500.00",
        ("Y", "delivery_days"): "39375.00",
        ("X", "warranty_months"): "54260.00",
    }


def test_taking_the_stated_total_of_x_swaps_it_before_w() -> None:
    wrong = document("example-c")
    del wrong["bids"][2]["corrections"]
    result = tally(wrong)
    assert str(result.row("X").evaluated) == "5443900.00"
    assert ranks(result) == "YXW"


def test_taking_the_figure_of_w_gives_5408000() -> None:
    wrong = document("example-c")
    del wrong["bids"][1]["corrections"]
    assert str(tally(wrong).row("W").evaluated) == "5408000.00"


def test_r_14_a_price_above_the_limit_must_have_been_rejected() -> None:
    wrong = document("example-c")
    del wrong["rejections"][0]
    with pytest.raises(TallyRefused) as refusal:
        tally(wrong)
    assert (refusal.value.fault, refusal.value.path) == ("price_above_limit", "$.bids[id=V].price")


def test_r_24_equal_totals_and_prices_are_joint_only_where_the_rules_say_so() -> None:
    equal = document("example-b")
    equal["bids"][0]["price"] = "1795000.00"
    for index in range(5):
        equal["sheets"][index]["scores"] = copy.deepcopy(equal["sheets"][5 + index]["scores"])
    assert {row.bid: row.rank for row in tally(equal).rows} == {"P": 1, "Q": 1, "R": 3}
    del equal["ties"][1]
    with pytest.raises(TallyRefused) as refusal:
        tally(equal)
    assert refusal.value.fault == "tie_unresolved"
    equal["ties"].append({"rule": "lot", "drawn": [{"draw": "ties", "order": ["Q", "P"]}]})
    assert ranks(tally(equal)) == "QPR"
    equal["ties"][-1]["drawn"] = [{"draw": "ties", "order": ["Q"]}]
    with pytest.raises(TallyRefused):
        tally(equal)


def test_p3_is_the_same_formula_with_other_numbers() -> None:
    """Mean less 5 %, slopes 1.2 above and 0.8 below, 100 points, deviation not rounded: 100 − 100·n·|x − B| / B."""
    case = document("example-a")
    case["price"] |= {
        "weight": "30",
        "trim": [],
        "reduction_percent": "5",
        "slope_above": "1.2",
        "slope_below": "0.8",
        "places": {"base": None, "deviation": None, "score": 2},
    }
    result = tally(case)
    assert str(result.base) == "8902117.5"
    assert str(result.row("D").price_score) == "28.81"  # 30 − 1.2 × 88,282.50 / 8,902,117.50 × 100 = 28.80995…
    case["price"]["reduction_percent"] = "-5"
    below = tally(case)
    assert str(below.base) == "9839182.5"
    assert str(below.row("A").price_score) == "27.34"  # 30 − 0.8 × 326,882.50 / 9,839,182.50 × 100 = 27.3422…

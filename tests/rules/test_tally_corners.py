"""Corners of the tally: each is one change to example A, refused by name or reckoned by hand."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from evaluation.tally import DocumentRefused, TallyResult, TieUnresolved, compute, parse_case

EXAMPLE = (Path(__file__).parent.parent / "vectors" / "accept" / "tally-example-a.json").read_text(encoding="utf-8")
Change = Callable[[dict[str, Any]], object]


def tallied(change: Change) -> TallyResult:
    document = json.loads(EXAMPLE)
    change(document)
    return compute(parse_case(document))


def fault_of(change: Change) -> tuple[str, str]:
    with pytest.raises(DocumentRefused) as refusal:
        tallied(change)
    return refusal.value.fault, refusal.value.path


def set_scores(document: dict[str, Any], bid: str, item: str, scores: list[str]) -> None:
    sheets = [sheet for sheet in document["sheets"] if sheet["bid"] == bid]
    for sheet, score in zip(sheets, scores, strict=True):
        sheet["scores"][item] = score


def test_the_highest_tier_that_fits_is_taken() -> None:
    """Five prices under `3: one low` and `5: one high, one low`: (A + B + E) ÷ 3."""

    def change(document: dict[str, Any]) -> None:
        document["price"]["trim"].insert(0, {"from": 3, "high": 0, "low": 1})

    assert str(tallied(change).base) == "9213323.00"


def test_a_price_score_never_falls_below_the_floor() -> None:
    def change(document: dict[str, Any]) -> None:
        document["price"] |= {"slope_above": "10", "floor": "5"}

    scores = {row.bid: str(row.price_score) for row in tallied(change).rows}
    assert scores == {"B": "22.10", "E": "9.20", "D": "27.58", "A": "5.00", "C": "5.00"}


def test_trimming_by_item_drops_one_high_and_one_low_of_each_item() -> None:
    """Bid A by hand: T1 (8.5+8.5+8)/3 8.33, T2 (8.5+9+9)/3 8.83, T3 (7.5+6+6.5)/3 6.67, T4 (6+6.5+7)/3 6.50,
    T5 (7+7.5+7)/3 7.17, T6 (5.5+4.5+5.5)/3 5.17: 42.67."""

    def change(document: dict[str, Any]) -> None:
        document["groups"][0]["over"] = "item"

    result = tallied(change)
    means = next(line for line in result.steps if line.kind == "group_sum" and line.bid == "A").get("means")
    assert means == ("8.33", "8.83", "6.67", "6.50", "7.17", "5.17")
    assert str(result.row("A").group("technical")) == "42.67"


def test_steps_are_counted_from_the_minimum() -> None:
    def from_a_quarter(document: dict[str, Any]) -> None:
        document["groups"][0]["items"][0]["min"] = "0.25"

    assert fault_of(from_a_quarter) == ("score_off_step", "$.sheets[0].scores.T1")

    def all_on_it(document: dict[str, Any]) -> None:
        from_a_quarter(document)
        for bid in "ABCDE":
            set_scores(document, bid, "T1", ["8.25"] * 5)

    assert tallied(all_on_it).rows


def _replace(document: dict[str, Any], **one: str) -> None:
    document["replacements"] = [{"member": "m5", "bid": "A", "group": "technical"} | one]


@pytest.mark.parametrize(
    ("change", "fault", "path"),
    [
        (lambda d: d["groups"][0]["items"].pop(), "items_do_not_add_up", "$.groups[0].items"),
        (lambda d: d["groups"][0]["items"][0].update(min="10"), "out_of_range", "$.groups[0].items[0].min"),
        (lambda d: d["price"].update(reduction_percent="100"), "out_of_range", "$.price.reduction_percent"),
        (lambda d: d["bids"][0].update(deduction_percent="100"), "out_of_range", "$.bids[0].deduction_percent"),
        (lambda d: _replace(d, bid="F"), "sheet_of_nobody", "$.replacements[0]"),
        (lambda d: _replace(d, group="price"), "unknown_group", "$.replacements[0].group"),
        (lambda d: d["ties"][1].update(group="beauty"), "unknown_group", "$.ties[1].group"),
        (lambda d: d["rejections"][0].update(bid="G"), "unknown_bid", "$.rejections[0].bid"),
        (lambda d: d.update(bids=d["bids"][5:]), "no_valid_bid", "$.bids"),
        (lambda d: d.update(candidates=True), "not_a_whole_number", "$.candidates"),
        (lambda d: d.update(candidates=4), "out_of_range", "$.candidates"),
        (lambda d: d.update(members=[]), "sheet_of_nobody", "$.sheets[0]"),
        (lambda d: d.update(members=[], sheets=[]), "sheet_missing", "$.sheets"),
        (lambda d: d.update(method="lowest_evaluated_price"), "formula_of_another_method", "$.price.formula"),
        (
            lambda d: d.update(
                method="lowest_evaluated_price", price={"formula": "lowest_evaluated", "adjustments": []}
            ),
            "method_has_no_scores",
            "$.groups",
        ),
    ],
)
def test_a_document_at_odds_with_itself_is_refused(change: Change, fault: str, path: str) -> None:
    assert fault_of(change) == (fault, path)


def test_when_all_figures_are_abnormal_nothing_can_replace_them() -> None:
    def change(document: dict[str, Any]) -> None:
        members = document["members"]
        document["replacements"] = [{"member": one, "bid": "A", "group": "technical"} for one in members]

    assert fault_of(change)[0] == "nothing_left_to_replace_by"


def test_a_tie_on_points_goes_to_the_lower_price_then_to_the_better_technical_score() -> None:
    def equal(document: dict[str, Any]) -> None:
        document["price"] |= {"slope_above": "0", "slope_below": "0"}
        for bid in "ABCDE":
            for item in ("T1", "T2", "T3", "T4", "T5", "T6"):
                set_scores(document, bid, item, ["6"] * 5)
            for item in ("B1", "B2", "B3"):
                set_scores(document, bid, item, ["5"] * 5)

    assert "".join(row.bid for row in tallied(equal).rows) == "DBEAC"

    def technical_first(document: dict[str, Any]) -> None:
        equal(document)
        set_scores(document, "C", "T1", ["7"] * 5)
        set_scores(document, "C", "B1", ["4"] * 5)
        document["ties"] = [{"rule": "higher_group", "group": "technical"}, {"rule": "lower_price"}]

    assert "".join(row.bid for row in tallied(technical_first).rows) == "CDBEA"


def all_equal(document: dict[str, Any], ties: tuple[dict[str, Any], ...]) -> None:
    """Five bids with the same points, of which B and C ask the same price."""
    document["price"] |= {"slope_above": "0", "slope_below": "0"}
    document["bids"][2]["price"] = document["bids"][1]["price"]
    for item in ("T1", "T2", "T3", "T4", "T5", "T6", "B1", "B2", "B3"):
        for bid in "ABCDE":
            set_scores(document, bid, item, ["5"] * 5)
    document["ties"] = list(ties)


def lots(*orders: str) -> dict[str, Any]:
    return {"rule": "lot", "drawn": [{"draw": f"ties{n}", "order": list(order)} for n, order in enumerate(orders)]}


def test_bids_that_a_lot_must_decide_are_named_until_it_is_drawn() -> None:
    price: dict[str, Any] = {"rule": "lower_price"}
    for ties, groups in (
        ((price, {"rule": "lot"}), (("B", "C"),)),
        ((price,), (("B", "C"),)),
        (({"rule": "lot"}, price), (("A", "B", "C", "D", "E"),)),
        ((price, lots("BD", "CE")), (("B", "C"),)),
    ):
        with pytest.raises(TieUnresolved) as refusal:
            tallied(partial(all_equal, ties=ties))
        assert refusal.value.groups == groups


def test_the_newest_lot_that_all_the_equals_were_in_decides() -> None:
    price: dict[str, Any] = {"rule": "lower_price"}
    for ties, order in (
        ((price, lots("CB")), "DCBEA"),
        ((price, lots("CB", "ABC")), "DBCEA"),
        ((price, lots("CB", "BD")), "DCBEA"),
        ((lots("EDCBA"), price), "EDCBA"),
        ((price, lots("CB"), {"rule": "joint"}), "DCBEA"),
    ):
        result = tallied(partial(all_equal, ties=ties))
        assert "".join(row.bid for row in result.rows) == order
        assert [row.rank for row in result.rows] == [1, 2, 3, 4, 5]
    joint = tallied(partial(all_equal, ties=(price, {"rule": "joint"}, lots("CB"))))
    assert [row.rank for row in joint.rows] == [1, 2, 2, 4, 5]

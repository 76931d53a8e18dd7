"""Each vector has one fault, named by its file: the tally refuses it by that fault and names the place."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.tally import DocumentRefused, compute, load, parse_case
from evaluation.tally.reading import Reader
from evaluation.tally.rules import trim_tiers

VECTORS = Path(__file__).parent.parent / "vectors"
PLACES = {
    "float": "$",
    "formula_of_another_method": "$.price.formula",
    "items_differ": "$.sheets[1].scores",
    "not_a_decimal_string": "$.bids[0].price",
    "objective_mismatch": "$.sheets[bid=A].scores.B1",
    "price_above_limit": "$.bids[id=C].price",
    "repeated": "$.sheets[25]",
    "repeated_key": "$",
    "score_off_step": "$.sheets[1].scores.T1",
    "score_out_of_range": "$.sheets[1].scores.T1",
    "sheet_missing": "$.sheets",
    "sheet_of_nobody": "$.sheets[25]",
    "tie_unresolved": "$.ties",
    "trim_leaves_nothing": "$.price.trim[0].from",
    "unknown_key": "$.bonus",
    "unknown_word": "$.rejections[0].ground",
    "weights_do_not_add_up": "$.groups",
}


def example() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / "accept" / "tally-example-a.json").read_text(encoding="utf-8"))
    return loaded


def test_every_vector_has_its_place_in_this_table() -> None:
    named = {path.stem.removeprefix("tally-") for path in (VECTORS / "reject").glob("tally-*.json")}
    assert named == set(PLACES)


@pytest.mark.parametrize("fault", sorted(PLACES))
def test_a_faulty_document_is_refused_by_fault_and_place(fault: str) -> None:
    text = (VECTORS / "reject" / f"tally-{fault}.json").read_bytes()
    with pytest.raises(DocumentRefused) as refusal:
        compute(load(text))
    assert (refusal.value.fault, refusal.value.path) == (fault, PLACES[fault])


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[]", b'"x"', b"[" * 20_000])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(DocumentRefused):
        load(text)


@pytest.mark.parametrize("spelling", ["1.", ".5", "+1", "01", "1e3", "１", "1,000", " 1", "", "NaN", "1.0000001"])
def test_a_decimal_has_one_way_to_be_written(spelling: str) -> None:
    changed = example()
    changed["bids"][0]["price"] = spelling
    with pytest.raises(DocumentRefused) as refusal:
        parse_case(changed)
    assert refusal.value.fault == "not_a_decimal_string"


def places_of(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a document something could be left out."""
    if isinstance(value, dict):
        return [path] + [place for key, inner in value.items() for place in places_of(inner, (*path, key))]
    if isinstance(value, list):
        return [path] + [place for index, inner in enumerate(value) for place in places_of(inner, (*path, index))]
    return [path]


@given(st.sampled_from([place for place in places_of(example()) if place]))
def test_whatever_is_left_out_is_refused_or_shows_in_the_result(place: tuple[Any, ...]) -> None:
    """Only a tie rule or the limit can be left out unseen: this case has no tie and no price near the limit."""
    changed = example()
    holder = changed
    for key in place[:-1]:
        holder = holder[key]
    del holder[place[-1]]
    harmless = {"ties", "limit"}
    try:
        result = compute(parse_case(changed))
    except DocumentRefused:
        return
    whole = compute(parse_case(example()))
    assert result != whole or harmless & set(place)


def test_trim_tables_found_in_the_field_are_read() -> None:
    def tiers(*rows: dict[str, int]) -> list[tuple[int, int, int]]:
        read = trim_tiers([Reader(row) for row in rows])
        return [(tier.count, tier.high, tier.low) for tier in read]

    assert tiers({"from": 6, "high": 1, "low": 0}, {"from": 7, "high": 1, "low": 1}) == [(6, 1, 0), (7, 1, 1)]
    with pytest.raises(DocumentRefused) as refusal:
        tiers({"from": 7, "high": 1, "low": 1}, {"from": 6, "high": 1, "low": 0})
    assert refusal.value.fault == "tiers_not_rising"


@pytest.mark.parametrize(
    ("counted", "base"),
    [(3, "9302650"), (4, "9298612.5"), (5, "9401350"), (6, "9333512.5")],
)
def test_the_trim_threshold_is_at_five_and_not_beside_it(counted: int, base: str) -> None:
    """Of A…F as opened: three and four prices are not trimmed, five and six are (`> 4`, not `> 5`)."""
    changed = example()
    changed["price"]["reduction_percent"] = "0"
    changed["price"]["places"]["base"] = 6
    order = {3: "ADE", 4: "ABDE", 5: "ABCDE", 6: "ABCDEF"}[counted]
    prices = {bid["id"]: bid for bid in changed["bids"]}
    changed["bids"] = [prices[bid] for bid in order]
    changed["rejections"] = []
    changed["sheets"] = [sheet for sheet in changed["sheets"] if sheet["bid"] in order]
    if "F" in order:
        changed["sheets"] += [copy.deepcopy(sheet) | {"bid": "F"} for sheet in changed["sheets"][:5]]
    shown = str(compute(parse_case(changed)).base)
    assert shown.rstrip("0").rstrip(".") == base

"""From criteria, opening package, signed sheets and rejections to the tally: the demo's case and its faults."""

import copy
import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo import case_example_a as example
from demo import documents
from evaluation.criteria import parse_criteria
from evaluation.sheet import SheetRefused, body_of, complete_sheet
from evaluation.tally import DocumentRefused, case_from_records, compute, document_from_records, parse_case
from evaluation.tally.__main__ import main
from evaluation.tally.records import Records, low_priced
from evaluation.tally.written import LANGUAGES, lines, result_document
from signing.canonical import canonical

MEMBERS = ("m1", "m2", "m3", "m4", "m5")
DRAWN = {"draw": "ties", "order": ["B", "E"]}
ACCEPT = Path(__file__).parent.parent / "vectors" / "accept"


def bodies() -> list[dict[str, Any]]:
    criteria = parse_criteria(example.CRITERIA)
    return [
        body_of(complete_sheet(criteria, member, alias, bid, example.scores_of(alias, bid), {}))
        for bid in "ABCDE"
        for member, alias in zip(MEMBERS, example.MEMBERS, strict=True)
    ]


def records() -> Records:
    return Records(
        criteria=copy.deepcopy(example.CRITERIA),
        opening=copy.deepcopy(example.OPENING),
        members=MEMBERS,
        sheets=bodies(),
        rejections=[{"bid": "F", "ground": "not_responsive", "clause": example.F_CLAUSE, "page": 87}],
    )


def fault_of(changed: Records) -> tuple[str, str]:
    with pytest.raises(DocumentRefused) as refusal:
        compute(case_from_records(changed))
    return refusal.value.fault, refusal.value.path


def test_the_demos_case_ends_in_the_table_it_says() -> None:
    result = compute(case_from_records(records()))
    assert str(result.base) == example.BENCHMARK
    assert result.candidates == example.CANDIDATES
    assert [row.bid for row in result.rows] == list(example.EXPECTED)
    for row in result.rows:
        expected = example.EXPECTED[row.bid]
        assert row.deviation == expected["deviation"]
        assert str(row.price_score) == expected["price"]
        assert str(row.group("technical")) == expected["technical"]
        assert str(row.group("commercial")) == expected["commercial"]
        assert (str(row.total), row.rank) == (expected["total"], expected["rank"])


def test_the_demos_own_figures_add_up() -> None:
    for bid, price in example.PRICES.items():
        assert sum(Decimal(line["amount"]) for line in documents.bill(bid)) == Decimal(price)
    for bid, totals in example.TECHNICAL_TOTALS.items():
        for alias, total in zip(example.MEMBERS, totals, strict=True):
            scores = example.scores_of(alias, bid)
            assert sum(Decimal(scores[item]) for item in scores if item.startswith("T")) == Decimal(total)


def test_the_records_of_the_demo_give_the_vector_of_example_a() -> None:
    vector = json.loads((ACCEPT / "tally-example-a.json").read_text(encoding="utf-8"))
    assert document_from_records(records()) == vector
    assert compute(parse_case(vector)) == compute(case_from_records(records()))


def test_a_signed_subtotal_that_is_not_its_items_sum_is_refused() -> None:
    changed = records()
    sheet = dict(changed.sheets[0])
    sheet["subtotals"] = {**sheet["subtotals"], "technical": "42.50"}
    wrong = dataclasses.replace(changed, sheets=[sheet, *changed.sheets[1:]])
    assert fault_of(wrong) == ("subtotal_wrong", "$sheet[m1 A].subtotals.technical")


def test_a_coefficient_that_is_none_of_the_choices_is_refused() -> None:
    for coefficients in ({"reduction_percent": "2"}, {"reduction_percent": "9.0"}, {}):
        changed = records()
        opening = {**changed.opening, "coefficients": coefficients}
        assert fault_of(dataclasses.replace(changed, opening=opening))[0] == "coefficient_not_a_choice"


def test_a_deduction_the_tender_document_does_not_grant_is_not_taken() -> None:
    """R-13: the rate stands in the tender document; the opening package only says for whom it is asked."""
    changed = records()
    opening = copy.deepcopy(changed.opening)
    opening["bids"][0]["deduction_percent"] = "10"
    asked = dataclasses.replace(changed, opening=opening)
    assert fault_of(asked) == ("deduction_not_granted", "$opening.bids[id=A].deduction_percent")
    granted = dataclasses.replace(asked, criteria={**changed.criteria, "deduction_percents": ["6", "10"]})
    assert str(compute(case_from_records(granted)).row("A").evaluated) == "8561070.00"


def test_both_coefficients_are_drawn_and_lines_and_rounding_come_from_the_tender_document() -> None:
    changed = records()
    line = {"line": "of_limit", "counts": "valid", "percent": "90"}
    price = {**changed.criteria["price"], "limit_choices": ["30", "40"]}
    criteria = {**changed.criteria, "price": price, "abnormal_low": [line], "total_places": 1}
    drawn = dataclasses.replace(changed, criteria=criteria)
    assert fault_of(drawn) == ("coefficient_not_a_choice", "$opening.coefficients.limit_percent")
    opening = {**changed.opening, "coefficients": {"reduction_percent": "2.0", "limit_percent": "40"}}
    result = compute(case_from_records(dataclasses.replace(drawn, opening=opening)))
    assert (str(result.base), result.asked, str(result.row("A").total)) == ("9447993.80", ("D",), "88.8")


def test_who_must_be_asked_is_known_before_anybody_has_scored() -> None:
    stated = dataclasses.replace(records(), sheets=[], rejections=[])
    assert low_priced(stated) == ()
    line = {"line": "of_limit", "counts": "valid", "percent": "91.5"}
    lined = dataclasses.replace(stated, criteria={**stated.criteria, "abnormal_low": [line]})
    assert low_priced(lined) == ("D", "F")
    without_f = dataclasses.replace(lined, rejections=[{"bid": "F", "ground": "not_responsive"}])
    assert low_priced(without_f) == ("D",)


def test_a_sheet_of_deductions_says_what_is_left() -> None:
    """Five points of the commercial twenty are for conduct: m1 takes two off, the sheet says three are left."""
    changed = records()
    criteria = copy.deepcopy(changed.criteria)
    item = {
        "min": "0",
        "max": "3",
        "step": "1",
        "objective": False,
        "name": "偏离",
        "clause": "第三章",
        "comment_above": "0",
    }
    criteria["groups"][1] |= {"max": "15", "items": [criteria["groups"][1]["items"][0] | {"max": "15"}]}
    criteria["groups"].append(
        {"id": "K", "name": "偏离扣分", "max": "5", "over": "deduction", "members_percent": "60", "trim": [],
         "places": 2, "items": [item | {"id": "K1"}]}
    )  # fmt: skip
    parsed = parse_criteria(criteria)
    known = {item.item.id for item in parsed.items}
    typed = {name: value for name, value in example.scores_of("评委1", "A").items() if name in known} | {"K1": "2"}
    with pytest.raises(SheetRefused) as refusal:
        complete_sheet(parsed, "m1", "评委1", "A", typed, {})
    assert [(one.item, one.fault) for one in refusal.value.problems] == [("K1", "sheet.comment_missing")]
    sheet = body_of(complete_sheet(parsed, "m1", "评委1", "A", typed, {"K1": "工期表缺一页"}))
    assert sheet["subtotals"]["K"] == "3.00"
    kept = [{**sheet, "member": member} for member in MEMBERS]
    bids = {
        "format": "bid-opening/1",
        "bids": [changed.opening["bids"][0]],
        "coefficients": {"reduction_percent": "2.0"},
    }
    case = dataclasses.replace(changed, criteria=criteria, opening=bids, sheets=kept, rejections=[])
    assert str(compute(case_from_records(case)).row("A").group("K")) == "3.00"
    wrong = {**kept[0], "subtotals": {**kept[0]["subtotals"], "K": "2.00"}}
    assert fault_of(dataclasses.replace(case, sheets=[wrong, *kept[1:]]))[0] == "subtotal_wrong"


def test_a_sheet_on_a_rejected_bid_no_longer_counts() -> None:
    changed = records()
    late = [{**sheet, "bid": "F"} for sheet in changed.sheets[:5]]
    with_late = dataclasses.replace(changed, sheets=[*changed.sheets, *late])
    assert compute(case_from_records(with_late)) == compute(case_from_records(changed))


def test_a_replaced_members_sheets_leave_the_mean() -> None:
    changed = dataclasses.replace(records(), members=MEMBERS[:4])
    assert fault_of(changed)[0] == "sheet_of_nobody"
    kept = [sheet for sheet in changed.sheets if sheet["member"] != "m5"]
    result = compute(case_from_records(dataclasses.replace(changed, sheets=kept)))
    assert str(result.row("A").group("technical")) == "41.75"


def test_corrections_and_a_drawn_lot_reach_the_document() -> None:
    corrected = {"B": [{"kind": "capital_amount", "amount": "9286600.00"}]}
    document = document_from_records(dataclasses.replace(records(), corrections=corrected, drawn=[DRAWN]))
    assert document["bids"][1]["corrections"] == corrected["B"]
    assert document["ties"][2] == {"rule": "lot", "drawn": [DRAWN]}
    assert str(compute(parse_case(document)).row("B").price) == "9286600.00"


def test_what_the_tender_document_leaves_equal_goes_by_the_profiles_rule() -> None:
    """A rule of the tender document that leaves no tie is never followed by another."""
    silent = records()
    criteria: dict[str, Any] = {**silent.criteria, "ties": [{"rule": "lower_price"}]}
    for left, added in (("", []), ("joint", [{"rule": "joint"}]), ("lot", [{"rule": "lot", "drawn": [DRAWN]}])):
        made = dataclasses.replace(silent, criteria=criteria, ties_left=left, drawn=[DRAWN])
        assert document_from_records(made)["ties"] == [{"rule": "lower_price"}, *added]
    said = dataclasses.replace(silent, criteria={**criteria, "ties": [{"rule": "joint"}]}, ties_left="lot")
    assert document_from_records(said)["ties"] == [{"rule": "joint"}]


def test_document_and_result_are_fit_to_be_sealed() -> None:
    document = document_from_records(records())
    result = result_document(compute(parse_case(document)))
    assert json.loads(canonical(document)) == document
    assert json.loads(canonical(result)) == result
    assert result["rows"][0] == {
        "bid": "B",
        "rank": 1,
        "price": "9286500.00",
        "evaluated": "9286500.00",
        "deviation": "0.79",
        "price_score": "28.42",
        "groups": {"technical": "44.00", "commercial": "16.50"},
        "total": "88.92",
    }


@pytest.mark.parametrize("name", ["example-a", "example-b", "example-c"])
def test_every_step_has_a_sentence_in_both_languages(name: str) -> None:
    case = parse_case(json.loads((ACCEPT / f"tally-{name}.json").read_text(encoding="utf-8")))
    result = compute(case)
    counts = {len(lines(case, result, language)) for language in LANGUAGES}
    assert counts == {len(result.steps) + len(result.rows) + 2}


def test_the_command_prints_the_figures_a_person_would_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ACCEPT / "tally-example-a.json")]) == 0
    printed = capsys.readouterr().out
    assert "28,204,050.00 ÷ 3 = 9,401,350" in printed
    assert "9,401,350 ×（1 − 2.0%）= 9,213,323.00" in printed
    assert "总分 88.92" in printed


def test_the_command_says_why_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ACCEPT.parent / "reject" / "tally-score_off_step.json")]) == 1
    assert capsys.readouterr().err == "score_off_step at $.sheets[1].scores.T1\n"
    assert main([str(ACCEPT / "tally-nothing.json")]) == 2


def test_names_can_stand_for_ids() -> None:
    case = case_from_records(records())
    named = "\n".join(lines(case, compute(case), "zh-CN", {"m1": "评委1", "technical": "技术部分", "B": "演示投标人B"}))
    assert "评委1 44" in named
    assert "演示投标人B 技术部分" in named

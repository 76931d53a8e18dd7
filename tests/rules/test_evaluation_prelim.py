"""Preliminary review: findings, who sees them, the majority, and what follows when few bids are left."""

import copy
import dataclasses
from typing import Any

import pytest

from demo import case_example_a as example
from evaluation import prelim
from evaluation.criteria import parse_criteria
from evaluation.profiles import load_profile
from evaluation.tally.reading import DocumentRefused

CRITERIA = parse_criteria(example.CRITERIA)
RULES = load_profile("works").rules.preliminary
MEMBERS = ("m1", "m2", "m3", "m4", "m5")
BIDS = tuple(example.PRICES)


def body(member: str) -> dict[str, Any]:
    alias = example.MEMBERS[MEMBERS.index(member)]
    findings: dict[str, Any] = {bid: {clause.id: {"pass": True} for clause in CRITERIA.clauses} for bid in BIDS}
    findings["F"][example.F_CLAUSE] = copy.deepcopy(example.F_FINDINGS[alias])
    return {"member": member, "alias": alias, "findings": findings}


def sheets() -> list[prelim.PreliminarySheet]:
    return [prelim.parse_preliminary(body(member), CRITERIA, BIDS) for member in MEMBERS]


def test_r_14_three_to_two_rejects_with_ground_and_page() -> None:
    (rejection,) = prelim.rejections(prelim.decide(sheets(), MEMBERS, RULES))
    assert (rejection.bid, rejection.clause) == ("F", "R2")
    assert (rejection.ground, rejection.page) == ("not_responsive", 87)
    assert rejection.passed == ("m2", "m4")
    assert rejection.failed == ("m1", "m3", "m5")
    assert rejection.is_disputed


def test_r_14_the_ground_most_of_the_majority_gave_is_stated() -> None:
    changed = body("m1")
    changed["findings"]["F"]["R2"] |= {"ground": "not_qualified", "page": 3}
    mixed = [prelim.parse_preliminary(changed, CRITERIA, BIDS), *sheets()[1:]]
    (rejection,) = prelim.rejections(prelim.decide(mixed, MEMBERS, RULES))
    assert (rejection.ground, rejection.page) == ("not_responsive", 87)


def test_r_14_two_to_three_rejects_nobody() -> None:
    changed = body("m1")
    changed["findings"]["F"]["R2"] = {"pass": True}
    milder = [prelim.parse_preliminary(changed, CRITERIA, BIDS), *sheets()[1:]]
    assert prelim.rejections(prelim.decide(milder, MEMBERS, RULES)) == ()


@pytest.mark.parametrize("left_out", ["ground", "reason", "page"])
def test_r_14_a_fail_needs_ground_reason_and_page(left_out: str) -> None:
    changed = body("m1")
    del changed["findings"]["F"]["R2"][left_out]
    with pytest.raises(prelim.FailWithoutGround):
        prelim.parse_preliminary(changed, CRITERIA, BIDS)


def test_r_14_an_eighth_ground_is_refused() -> None:
    changed = body("m1")
    changed["findings"]["F"]["R2"]["ground"] = "not_liked"
    with pytest.raises(DocumentRefused) as refusal:
        prelim.parse_preliminary(changed, CRITERIA, BIDS)
    assert (refusal.value.fault, refusal.value.path) == ("unknown_word", "$.findings.F.R2.ground")


def test_a_blank_finding_is_neither_pass_nor_fail() -> None:
    for bid, clause in (("A", "X1"), ("A", None)):
        changed = body("m1")
        if clause:
            del changed["findings"][bid][clause]
        else:
            del changed["findings"][bid]
        with pytest.raises(prelim.FindingMissing):
            prelim.parse_preliminary(changed, CRITERIA, BIDS)


def test_r_13_a_clause_or_bid_from_elsewhere_is_refused() -> None:
    changed = body("m1")
    changed["findings"]["A"]["X9"] = {"pass": True}
    with pytest.raises(prelim.UnknownFinding):
        prelim.parse_preliminary(changed, CRITERIA, BIDS)
    changed = body("m1")
    changed["findings"]["G"] = changed["findings"]["A"]
    with pytest.raises(prelim.UnknownFinding):
        prelim.parse_preliminary(changed, CRITERIA, BIDS)


def test_nobody_sees_anothers_findings_before_all_have_signed() -> None:
    signed = sheets()
    assert prelim.sheets_visible_to("m1", signed[:4], MEMBERS) == (signed[0],)
    assert prelim.sheets_visible_to("m5", signed[:4], MEMBERS) == ()
    assert prelim.sheets_visible_to("m1", signed, MEMBERS) == tuple(signed)


def test_nothing_is_decided_before_all_have_signed() -> None:
    with pytest.raises(prelim.PreliminaryOpen):
        prelim.decide(sheets()[:4], MEMBERS, RULES)
    with pytest.raises(prelim.PreliminaryOpen):
        prelim.decide([*sheets(), sheets()[0]], MEMBERS, RULES)


def test_a_profile_may_want_a_second_vote_before_the_majority_decides() -> None:
    strict = dataclasses.replace(RULES, decision="unanimity_first")
    with pytest.raises(prelim.SecondVoteNeeded):
        prelim.decide(sheets(), MEMBERS, strict)
    assert len(prelim.rejections(prelim.decide(sheets(), MEMBERS, strict, votes_taken=2))) == 1


def test_below_three_bids_the_profile_says_who_decides() -> None:
    assert prelim.competition(3, RULES) == "enough"
    assert prelim.competition(2, RULES) == "committee_decides"
    assert prelim.competition(2, dataclasses.replace(RULES, below_needed="must_stop")) == "must_stop"

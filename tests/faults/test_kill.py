"""A server killed at random moments loses nothing it had acknowledged: no receipt, no saved cell, no recorded byte."""

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from archive.verifier.findings import Status
from archive.verifier.verify import verify
from tests.faults.conftest import Besieged


@pytest.fixture(params=["besieged", pytest.param("besieged_long", marks=pytest.mark.full)])
def played(request: pytest.FixtureRequest) -> Besieged:
    """Ten kills in every run, thirty in the long one."""
    case: Besieged = request.getfixturevalue(request.param)
    return case


def log_of(case: Besieged) -> list[dict[str, Any]]:
    lines = (case.bag / "data" / "log" / "log.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def test_a_server_killed_again_and_again_brings_its_case_to_a_bag_that_verifies(played: Besieged) -> None:
    print("\n".join([*played.ledger.kills, f"{played.ledger.acknowledged} acknowledged"]))
    assert len(played.ledger.kills) == played.kills
    assert played.ledger.lost_answers > 0, "no kill fell into a call"
    verdict = verify(played.bag, played.trust, lambda *_: None)
    assert verdict.status is Status.RIGHT, verdict.findings


def test_every_receipt_is_found_again_in_the_verified_bag(played: Besieged) -> None:
    entries = (played.bag / "data" / "log" / "entries.txt").read_text("ascii").split()
    assert played.ledger.receipts
    for receipt in played.ledger.receipts:
        assert entries[receipt["index"]] == receipt["entry"], receipt


def test_no_act_that_was_cut_counts_twice(played: Besieged) -> None:
    signed: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in log_of(played):
        if line["kind"] in {"pledge.signed", "sheet.signed"}:
            signed[line["kind"], line["body"]["member"], line["body"].get("bid", "")] += 1
    assert len(signed) == 5 + 5 * 5
    assert set(signed.values()) == {1}


def test_what_the_dying_server_had_recorded_is_there_and_each_hole_between_takes_is_named(played: Besieged) -> None:
    takes: dict[tuple[str, str], list[int]] = defaultdict(list)
    gaps: dict[tuple[str, str], int] = defaultdict(int)
    for line in log_of(played):
        key = line["body"].get("seat", ""), line["body"].get("track", "")
        if line["kind"] == "take.started":
            takes[key].append(line["body"]["take"])
        elif (
            line["kind"] == "gap.named" and line["body"]["reason"] != "left"
        ):  # the last take ends with the seat's leaving
            gaps[key] += 1
    assert len(takes) == 10, "five seats with picture and sound"
    for key, numbers in takes.items():
        assert all(later == earlier + 1 for earlier, later in pairwise(numbers)), key
        assert len(numbers) > 1, f"{key} was not recorded again after a kill"
        assert gaps[key] == len(numbers) - 1, f"{key}: {len(numbers)} takes, {gaps[key]} named holes"

"""The bag of `bag_example` as a blind review (暗标): T1 is scored by code, T2 by name; each act can be told falsely."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import groupby
from typing import Any, cast

import pytest

from evaluation.blind import codes, commitment
from evaluation.case import BidId, CaseId
from evaluation.tally.records import joined
from tests.archive import bag_example
from tests.archive.bag_example import BIDS, CASE, MEMBERS, SERVER, Room

SALT = bytes(range(32))
LETTERS = [str(bid["id"]) for bid in BIDS]
CODES = codes(CaseId(CASE), "", SALT, LETTERS)
GROUPS = {"groups": ["technical"], "named": ["commercial"]}

Act = tuple[str, dict[str, Any]]


def honest() -> list[Act]:
    """What is stated of a blind review, in its order; a sheet's member signs it."""
    return [
        ("blind.committed", {"commitment": commitment(CaseId(CASE), SALT, LETTERS), **GROUPS}),
        ("stage.opened", {"by": SERVER, "stage": "detailed", "codes": list(CODES)}),
        *(("sheet.signed", sheet(member, bid, code)) for member in MEMBERS for code, bid in CODES.items()),
        ("blind.opened", {"by": {"role": "leader", "who": "m1"}, "salt": SALT.hex(), "codes": dict(CODES)}),
        *(("sheet.signed", sheet(member, bid)) for member in MEMBERS for bid in LETTERS),
    ]


def sheet(member: str, bid: str, code: str = "") -> dict[str, Any]:
    """One part of the example's sheet of a bid: what is under its code, or what is under its name."""
    whole = bag_example.sheet(member, bid)
    item, group = ("T1", "technical") if code else ("T2", "commercial")
    score = whole["scores"][item]
    return {**whole, "bid": code or bid, "scores": {item: score}, "subtotals": {group: f"{score}0"}}


def tell(monkeypatch: pytest.MonkeyPatch, tell: Callable[[], Sequence[Act]] = honest) -> None:
    """Make the example blind, with these acts in place of its signing of sheets."""
    criteria: Any = deepcopy(bag_example.CRITERIA)
    whole = criteria["groups"][0]
    first, second = whole["items"]
    blind = {**whole, "max": "40", "items": [first], "blind": True}
    named = {**whole, "id": "commercial", "name": "商务", "max": "30", "items": [second]}
    monkeypatch.setattr(bag_example, "CRITERIA", {**criteria, "groups": [blind, named]})
    monkeypatch.setattr(bag_example, "score", lambda room: _score(room, tell()))


def _score(room: Room, acts: Sequence[Act]) -> list[dict[str, Any]]:
    """State the acts; whoever lies about codes tallies by that lie too."""
    for (kind, member), together in groupby(acts, lambda act: (act[0], act[1].get("member", ""))):
        bodies = [body for _, body in together]
        if member:
            room.sign_all(member, kind, bodies)
        else:
            for body in bodies:
                room.state(kind, **body)
    whose = {str(code): str(bid) for code, bid in CODES.items()}
    for kind, body in acts:
        whose |= body["codes"] if kind == "blind.opened" else {}
    latest = {(body["member"], body["bid"]): body for kind, body in acts if kind == "sheet.signed"}
    return cast(list[dict[str, Any]], joined(list(latest.values()), whose))


def swapped() -> dict[BidId, BidId]:
    """The codes with B and C in each other's place."""
    other = {"B": BidId("C"), "C": BidId("B")}
    return {code: other.get(bid, bid) for code, bid in CODES.items()}

"""A blind review told falsely by a centre with its own keys: the verifier names each lie, and no honest one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from archive.verifier import blinds
from archive.verifier.findings import Finding
from evaluation.blind import codes
from evaluation.case import CaseId
from signing.canonical import canonical
from tests.archive import bag_example, blind_bag
from tests.archive.bag_example import CASE, MEMBERS
from tests.archive.blind_bag import Act, honest, sheet, swapped
from tests.archive.test_verifier_insiders import findings
from tests.archive.test_verifier_lots import context_of

Lie = Callable[[list[Act]], list[Act]]


def found(folder: Path, monkeypatch: pytest.MonkeyPatch, lie: Lie = list) -> set[tuple[str, str]]:
    """What is found after this lie: the statement's kind and subject, or the file, and what is wrong; all at step 9."""
    blind_bag.tell(monkeypatch, lambda: lie(honest()))
    told = set()
    for step, where, what in findings(folder):
        assert step == 9, (step, where, what)
        told.add((where.partition(" line ")[2].partition(" ")[2] or where, what))
    return told


def opening(**change: Any) -> Lie:  # noqa: ANN401 - JSON
    """Other words in the opening of the codes."""
    return lambda acts: [(kind, body | change if kind == "blind.opened" else body) for kind, body in acts]


def place(acts: list[Act], kind: str) -> int:
    """Where a statement of this kind stands first."""
    return next(at for at, act in enumerate(acts) if act[0] == kind)


def moved(acts: list[Act], start: int, end: int) -> list[Act]:
    """The same with one act elsewhere."""
    rest = [*acts[:start], *acts[start + 1 :]]
    return [*rest[:end], acts[start], *rest[end:]]


def chosen_salt() -> str:
    """A salt that puts B and C in each other's place: who may choose one later may choose the winner."""
    salts = (at.to_bytes(32) for at in range(1000))
    return next(salt.hex() for salt in salts if codes(CaseId(CASE), "", salt, ["A", "B", "C"]) == swapped())


def committed_late(acts: list[Act]) -> list[Act]:
    """The commitment comes when the scores by code are known, and no stage tells the codes."""
    quiet = [(kind, {key: body[key] for key in body if key != "codes"} if kind == "stage.opened" else body)
             for kind, body in acts]  # fmt: skip
    return moved(quiet, place(quiet, "blind.committed"), place(quiet, "blind.opened") - 1)


def second_sheet(acts: list[Act]) -> list[Act]:
    """Somebody scores a code once more, knowing whose it is."""
    code, bid = next(iter(blind_bag.CODES.items()))
    return [*acts, ("sheet.signed", sheet("m1", bid, code))]


def first_sheet_late(acts: list[Act]) -> list[Act]:
    """The codes are opened while a member, who was there all the time, has still to sign one."""
    return moved(acts, place(acts, "blind.opened"), place(acts, "blind.opened") - 1)


def named_sheet_early(acts: list[Act]) -> list[Act]:
    """A bid is scored by name while others score by code."""
    return moved(acts, len(acts) - 1, place(acts, "blind.opened"))


def never_opened(acts: list[Act]) -> list[Act]:
    """The tally joins codes and names as somebody said."""
    return [act for act in acts if act[0] != "blind.opened"]


def never_committed(acts: list[Act]) -> list[Act]:
    """Nothing fixed the codes."""
    return [act for act in acts if act[0] != "blind.committed"]


def whole_sheet_by_code(acts: list[Act]) -> list[Act]:
    """What is scored by name goes under a code too."""
    at = place(acts, "sheet.signed")
    kind, body = acts[at]
    scores, subtotals = {**body["scores"], "T2": "25"}, {**body["subtotals"], "commercial": "25.00"}
    return [*acts[:at], (kind, {**body, "scores": scores, "subtotals": subtotals}), *acts[at + 1 :]]


def other_groups(acts: list[Act]) -> list[Act]:
    """The commitment names both parts as blind."""
    kind, body = acts[0]
    return [(kind, {**body, "groups": ["technical", "commercial"], "named": []}), *acts[1:]]


def test_an_honest_blind_review_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch) == set()


@pytest.mark.parametrize(
    ("lie", "where", "what"),
    [
        (opening(salt=chosen_salt(), codes=swapped()), "blind.opened", "salt-not-committed"),
        (opening(codes=swapped()), "blind.opened", "codes-differ"),
        (second_sheet, "sheet.signed m1 暗01", "sheet-after-codes"),
        (first_sheet_late, "sheet.signed m3 暗03", "sheet-after-codes"),
        (named_sheet_early, "sheet.signed m3 C", "sheet-before-codes"),
        (never_committed, "data/criteria/criteria.json", "blind-not-committed"),
        (committed_late, "blind.committed", "blind-not-committed"),
        (other_groups, "blind.committed", "blind-groups-differ"),
        (whole_sheet_by_code, "sheet.signed m1 暗01", "wrong-part"),
    ],
)
def test_a_lie_about_codes_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: Lie, where: str, what: str
) -> None:
    assert found(tmp_path, monkeypatch, lie) == {(where, what)}


def test_codes_that_were_never_opened_are_named_and_join_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = found(tmp_path, monkeypatch, never_opened)
    assert ("blind.committed", "codes-not-opened") in told
    assert {what for _, what in told} == {"codes-not-opened", "tally-refused"}


@pytest.mark.parametrize("times", [1, 2])
def test_who_came_after_the_opening_signs_each_code_once(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    code, bid = next(iter(blind_bag.CODES.items()))
    came = ("committee.opened", {"members": [{"member": member} for member in (*MEMBERS, "m4")]})
    late = [("sheet.signed", sheet("m4", bid, code))] * times
    assert _named(monkeypatch, [*honest(), came, *late]) == ["sheet-after-codes"] * (times - 1)


@pytest.mark.parametrize("times", [1, 2])
def test_a_bid_whose_rejection_fell_after_the_opening_is_scored_by_code_once(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    code, bid = next(iter(blind_bag.CODES.items()))
    acts = [act for act in honest() if act[1].get("bid") != code]
    acts[1][1]["codes"].remove(code)
    acts.insert(1, ("rejection.decided", {"bid": bid, "clause": "P1"}))
    acts.append(("rollback.decided", {"stage": "prelim", "approved": True}))
    again = ("stage.opened", {"stage": "detailed", "codes": list(blind_bag.CODES)})
    late = [("sheet.signed", sheet("m1", bid, code))] * times
    assert _named(monkeypatch, [*acts, again, *late]) == ["sheet-after-codes"] * (times - 1)


def test_a_code_of_a_bid_that_stands_is_not_kept_back_until_it_is_known_whose_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = next(iter(blind_bag.CODES))
    acts = [act for act in honest() if act[1].get("bid") != code]
    acts[1][1]["codes"].remove(code)
    assert _named(monkeypatch, acts) == ["codes-not-of-standing-bids"]


def _named(monkeypatch: pytest.MonkeyPatch, acts: list[Act]) -> list[str]:
    """What is wrong with these acts alone, after the bids were opened and the committee sat."""
    blind_bag.tell(monkeypatch)
    received = ("package.received", {"type": "opening", "bids": list(bag_example.BIDS)})
    sat = ("committee.opened", {"members": [{"member": member} for member in MEMBERS]})
    context = context_of(received, sat, *acts)
    criteria = SimpleNamespace(read=lambda _path: canonical(bag_example.CRITERIA))
    context = replace(context, bag=cast(Any, criteria), log=replace(context.log, case=CASE))
    return [one.what for one in blinds.check(context) if isinstance(one, Finding)]

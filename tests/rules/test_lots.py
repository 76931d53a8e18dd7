"""Several lots in one case, one after another: what is said of bids belongs to the lot opened last, the rest to all."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from evaluation import life
from evaluation.case import Case, CaseId, MemberId, State
from evaluation.fold import apply, fold
from evaluation.lot import OF_A_LOT
from evaluation.steps import Logged

CASE = CaseId("E-LOTS-1")
BY = {"role": "agent", "who": "a"}
CREATED = {
    "by": BY, "project": "P", "title": "演示", "tenderer": "招", "agent": "代", "region": "", "lot": "一标段",
    "limit": "900.00", "planned_start": "", "profile": {"id": "works", "digest": "d"}, "demo": False, "method": "m1",
    "lots": [
        {"id": "1", "name": "一标段", "limit": "900.00", "method": "m1"},
        {"id": "2", "name": "二标段", "limit": "", "method": "m2"},
    ],
}  # fmt: skip
TENDER = {
    "by": BY, "type": "tender", "package": "t", "files": [],
    "lots": [{"id": "1", "criteria": "c1"}, {"id": "2", "criteria": "c2"}],
}  # fmt: skip
OPENING = {
    "by": BY, "type": "opening", "package": "o", "files": [],
    "bids": [
        {"id": "1A", "name": "甲", "price": "1.00", "lot": "1"},
        {"id": "2A", "name": "甲", "price": "2.00", "lot": "2"},
        {"id": "1B", "name": "乙", "price": "3.00", "lot": "1"},
    ],
    "lots": [{"id": "1", "opening": "o1", "k": "2.0"}, {"id": "2", "opening": "o2", "k": ""}],
}  # fmt: skip
SEAT = {"second": "x", "method": "manual", "kind": "expert", "venue": "V", "seat": "V-1", "locker": ""}
SHEET = {"member": "m1", "alias": "评委1", "scores": {}, "subtotals": {}, "comments": {}}
MOTION = {"by": BY, "motion": "v1", "subject": "dispute", "text": "事项", "secret": False}
LOT_1: list[tuple[str, Mapping[str, Any]]] = [
    ("case.created", CREATED), ("package.received", TENDER), ("package.received", OPENING),
    ("checkin.matched", {"by": BY, "member": "m1", **SEAT}),
    ("ballot.opened", {"ballot": "leader", "round": 1, "candidates": ["m1"]}),
    ("ballot.counted", {"ballot": "leader", "round": 1, "counts": {"m1": 1}, "papers": [], "elected": "m1"}),
    ("precheck.stated", {"findings": "f", "arithmetic": 0, "texts": 0, "traces": 0, "unread": 0}),
    ("stage.opened", {"by": BY, "stage": "detailed"}),
    ("motion.opened", MOTION),
    ("rejection.decided", {"bid": "1B", "clause": "R1", "votes": {"pass": 0, "fail": 1}, "ground": "g", "page": 1,
                           "reason": "r"}),
    ("sheet.signed", {**SHEET, "bid": "1A"}),
    ("tally.computed", {"input": "i", "result": "r", "rows": [{"bid": "1A"}]}),
    ("candidates.recommended", {"by": BY, "candidates": ["1A"]}),
    ("report.rendered", {"version": 1, "report": "p1", "data": "d1"}),
    ("report.signed", {"member": "m1", "alias": "评委1", "outcome": "signed", "report": "p1", "opinion": ""}),
    ("segment.recorded", {}),
]  # fmt: skip
OPENED = ("lot.opened", {"by": {"role": "leader", "who": "m1"}, "lot": "2"})


def logged(rows: list[tuple[str, Mapping[str, Any]]]) -> list[Logged]:
    return [Logged(index, f"{index:064x}", kind, "", body) for index, (kind, body) in enumerate(rows)]


def folded(*more: tuple[str, Mapping[str, Any]]) -> Case:
    return fold(CASE, logged([*LOT_1, *more]))


def test_the_first_lot_is_in_hand_as_soon_as_the_case_is_there() -> None:
    state = folded()
    assert state.info
    assert (state.lot, state.info.lot, state.info.method, state.criteria_sha256, state.k) == (
        "1", "一标段", "m1", "c1", "2.0",
    )  # fmt: skip
    assert list(state.bids) == ["1A", "1B"]
    assert state.next_lot == state.lots["2"]
    assert [bid.id for bid in state.all_bids] == ["1A", "1B", "2A"]


def test_a_lot_that_is_opened_begins_with_its_own_bids_and_nothing_of_the_one_before() -> None:
    before, state, fresh = folded(), folded(OPENED), Case(CASE)
    assert state.state is State.LEADER_ELECTED
    assert state.info
    assert (state.info.lot, state.info.limit, state.info.method, state.criteria_sha256) == ("二标段", "", "m2", "c2")
    assert list(state.bids) == ["2A"]
    begun = set(OF_A_LOT) - {"bids", "k", "documents", "criteria_sha256"}
    assert {name for name in begun if getattr(state, name) != getattr(fresh, name)} == set()
    assert {name for name in begun if getattr(before, name) == getattr(fresh, name)} <= {
        "first_findings", "disputed", "rejections", "failed", "proposals", "clarifications", "corrections", "returned",
        "unlocks", "flags", "questioned", "rollbacks", "prelims", "blind",
    }  # fmt: skip
    assert state.next_lot is None


def test_the_papers_of_the_lot_in_hand_are_there_and_no_others_though_lots_and_bidders_share_their_bytes() -> None:
    rows = [("certificates/1A.pem", "certificate", "c"), ("certificates/2A.pem", "certificate", "c")]
    rows += [
        ("bids/1A/a.pdf", "bid", "a"),
        ("bids/1B.pdf", "bid", "a"),
        ("bids/2A.pdf", "bid", "b"),
        ("record.pdf", "opening_record", "r"),
    ]
    files = [{"path": path, "role": role, "sha256": digest, "size": 1} for path, role, digest in rows]
    log = [(kind, {**body, "files": files} if body is OPENING else body) for kind, body in LOT_1]
    first, second = fold(CASE, logged(log)), fold(CASE, logged([*log, OPENED]))
    assert [one.path for one in first.documents] == [
        "certificates/1A.pem",
        "bids/1A/a.pdf",
        "bids/1B.pdf",
        "record.pdf",
    ]
    assert [one.path for one in second.documents] == ["certificates/2A.pem", "bids/2A.pdf", "record.pdf"]
    assert len(second.files) == len(rows)


def test_what_is_the_committees_goes_on_into_the_next_lot() -> None:
    before, state = folded(), folded(OPENED)
    assert (state.leader, state.segments, state.size) == ("m1", 1, len(LOT_1) + 1)
    assert (state.members, state.ballots, state.files) == (before.members, before.ballots, before.files)


def test_a_finished_lot_stands_as_it_was_whatever_follows() -> None:
    state = folded(OPENED, ("member.replaced", {"by": BY, "member": "m1", "reason": "health"}))
    assert state.finished == {"1": folded()}
    assert list(state.finished["1"].members) == ["m1"]
    assert not state.members


@pytest.mark.parametrize("at", [one for one in State if one is not State.REPORT_SIGNING and one is not State.CLOSED])
def test_no_lot_is_opened_before_the_report_of_the_last_one(at: State) -> None:
    with pytest.raises(life.OutOfOrder):
        life.check(Case(CASE, at), "lot.opened")


def test_every_field_of_a_case_is_a_lots_or_the_committees() -> None:
    """Whoever adds a field says which: what is said of bids in `OF_A_LOT`, all else here."""
    committees = {
        "id", "state", "size", "last_at", "last_kind", "info", "lots", "lot", "finished", "files", "packages",
        "application", "venue", "seats", "draws", "notices", "members", "is_open", "persons", "ballots", "leader",
        "recused", "replaced", "fees", "appraisals", "pauses", "marks", "gaps", "segments", "ending_asked", "ending",
        "closed_at", "reevaluation", "floor",
    }  # fmt: skip
    assert {one.name for one in fields(Case)} == committees | set(OF_A_LOT)
    assert not committees & set(OF_A_LOT)


def test_a_case_of_one_lot_reads_as_it_always_did() -> None:
    alone = {key: value for key, value in CREATED.items() if key != "lots"}
    tender = {"by": BY, "type": "tender", "package": "t", "files": [], "criteria": "c"}
    opening: dict[str, Any] = {"by": BY, "type": "opening", "package": "o", "files": [], "k": "2.0"}
    opening |= {"bids": [{"id": "A", "name": "甲", "price": "1.00"}]}
    state = Case(CASE)
    rows: list[tuple[str, Mapping[str, Any]]] = [("case.created", alone), ("package.received", tender)]
    rows.append(("package.received", opening))
    for statement in logged(rows):
        state = apply(state, statement)
    assert (state.lots, state.lot, state.next_lot, state.criteria_sha256, state.k) == ({}, "", None, "c", "2.0")
    assert [bid.id for bid in state.all_bids] == list(state.bids) == ["A"]
    assert MemberId("m1") not in state.members

"""Two bidders hand in the same bytes, as those who collude do: each has its paper, and it was read for both."""

from typing import cast

from conduct import reading
from conduct.ports import Actor, Tx
from evaluation.case import Case, CaseId, Document, State
from tests.services.memory import Memory

CASE = CaseId("E-TEST-0001")


def test_what_is_read_of_a_paper_that_two_bidders_handed_in_was_read_of_both() -> None:
    papers = tuple(Document(f"bids/{bid}.pdf", "bid", "d" * 64, 9, "opening") for bid in "AB")
    made = Memory(Case(CASE, State.DETAILED, documents=papers))
    tx = cast(Tx, made)
    reading.note(tx, CASE, Actor("member", "m1"), "d" * 64, 25)
    assert dict(reading.times(tx, CASE)) == {"m1": {"bids/A.pdf": 25, "bids/B.pdf": 25}}

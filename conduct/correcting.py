"""Corrections of a price: stated by the leader in the committee's name on an answer that was confirmed, or taken back.

Each statement gives all corrections of one bid; the latest stands and is what the tally reckons with.
"""

from collections.abc import Mapping
from decimal import Decimal

from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Json, Tx
from conduct.reviewing import StageNotOpen
from conduct.rulebook import criteria_document
from evaluation import correction as rules
from evaluation.blinded import demand_by_name
from evaluation.case import BidId, CaseId, MemberId, State


def add(tx: Tx, case: CaseId, actor: Actor, clarification: str, correction: Mapping[str, str]) -> None:
    """State one more correction of the bid that the answer is about.

    Raises `NotTheLeader`, `StageNotOpen`, `CorrectionUnconfirmed`, `CorrectionOutsideBid`, `CorrectionWrong`,
    `CorrectedAboveLimit`: in the review such a bid can still be rejected, later only after going back to it.
    """
    state = tx.case(case)
    _demand_open(tx, case, actor)
    bid = rules.confirmed_by(state, clarification).bid
    corrections: list[Json] = [*map(dict, state.corrections.get(bid, ())), dict(correction)]
    price = rules.price_after(state.bids[bid].price, corrections)
    limit = criteria_document(tx, case)["limit"]
    if state.state is not State.PRELIM and limit is not None and price > Decimal(limit):
        raise rules.CorrectedAboveLimit
    _state(tx, case, actor, bid, corrections, clarification)


def withdraw(tx: Tx, case: CaseId, actor: Actor, bid: str) -> None:
    """Take all corrections of a bid back. Raises `NotTheLeader`, `StageNotOpen`, `CorrectionOutsideBid`."""
    _demand_open(tx, case, actor)
    if not tx.case(case).corrections.get(BidId(bid)):
        raise rules.CorrectionOutsideBid
    _state(tx, case, actor, BidId(bid), [], "")


def standing(tx: Tx, case: CaseId) -> list[Json]:
    """Bids whose price was corrected: the price as opened, the corrections, the price after them."""
    state = tx.case(case)
    return [
        {
            "bid": bid,
            "opened": state.bids[bid].price,
            "corrections": [dict(row) for row in rows],
            "price": f"{rules.price_after(state.bids[bid].price, rows):.2f}",
        }
        for bid, rows in state.corrections.items()
        if rows
    ]


def _demand_open(tx: Tx, case: CaseId, actor: Actor) -> None:
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    demand_by_name(state, MemberId(actor.who))
    if not State.PRELIM.rank <= state.state.rank <= State.DETAILED.rank:
        raise StageNotOpen


def _state(tx: Tx, case: CaseId, actor: Actor, bid: BidId, corrections: list[Json], clarification: str) -> None:
    body: Json = {"by": actor.as_by(), "bid": bid, "corrections": corrections, "clarification": clarification}
    tx.record(case, "correction.stated", body)

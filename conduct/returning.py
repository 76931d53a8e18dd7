"""Signed sheets given back (退回): on the member's own request before the summary, on a lawful ground at any time.

The old sheet stays in the log; a new one under a new signature takes its place (87号令 Art. 64; R-20, R-22).
"""

from collections.abc import Mapping
from typing import Final

from conduct import pledging, summing
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Tx
from conduct.reviewing import StageNotOpen
from evaluation import selfcheck
from evaluation.blinded import demand_open_sheet
from evaluation.case import BidId, Case, CaseId, MemberId, State

UNLOCKED: Final = "unlocked"
_GROUNDS: Final[Mapping[selfcheck.BlockCode, str]] = {
    "selfcheck.sum_error": "sum_error",
    "selfcheck.out_of_range": "out_of_range",
    "selfcheck.objective_mismatch": "objective_mismatch",
}


class NothingToReturn(Exception):
    """This member has no signed sheet of this bid, or has it back already."""

    code = "return.nothing"


class GroundNotFound(Exception):
    """The self-check shows no such fault on this sheet: nobody gets a sheet back on a ground that is not there."""

    code = "return.ground_not_found"


class NoRequest(Exception):
    """Nobody asked for this sheet back."""

    code = "return.no_request"


class UnlockReasonMissing(Exception):
    """A request without a reason."""

    code = "return.reason_missing"


def request_unlock(tx: Tx, case: CaseId, actor: Actor, bid: str, reason: str) -> None:
    """A member asks for the own signed sheet back before the summary, saying why; the leader decides.

    Raises `StageNotOpen` after the summary, `NothingToReturn`, `UnlockReasonMissing`.
    """
    state = tx.case(case)
    pledging.demand_pledged(state, actor)
    if state.state is not State.DETAILED:
        raise StageNotOpen
    key = _signed(state, actor.who, bid)
    if key in state.unlocks:
        raise NothingToReturn
    if not reason.strip():
        raise UnlockReasonMissing
    tx.record(case, "unlock.requested", {"member": actor.who, "bid": bid, "reason": reason.strip()})


def decide_unlock(tx: Tx, case: CaseId, actor: Actor, key: tuple[str, str], approved: bool) -> None:
    """The leader grants or declines a request (`key`: member and bid). Raises `NotTheLeader`, `NoRequest`."""
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    member, bid = MemberId(key[0]), BidId(key[1])
    if (member, bid) not in state.unlocks:
        raise NoRequest
    tx.record(case, "unlock.decided", {"by": actor.as_by(), "member": member, "bid": bid, "approved": approved})
    if approved:
        tx.record(case, "sheet.returned", {"by": actor.as_by(), "member": member, "bid": bid, "reason": UNLOCKED})


def give_back(tx: Tx, case: CaseId, actor: Actor, key: tuple[str, str], ground: str) -> None:
    """The leader gives a sheet back on one of the lawful grounds, which the self-check must show on it.

    Raises `NotTheLeader`, `ChangeNotAllowed` for any other ground, `NothingToReturn`, `GroundNotFound`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    selfcheck.check_change(ground)
    member, bid = _signed(state, *key)
    faults = [block for block in blocks(tx, case) if block.bid == bid and member in block.members]
    if ground not in {_GROUNDS[block.code] for block in faults}:
        raise GroundNotFound
    tx.record(case, "sheet.returned", {"by": actor.as_by(), "member": member, "bid": bid, "reason": ground})


def blocks(tx: Tx, case: CaseId) -> tuple[selfcheck.Block, ...]:
    """The errors that keep the summary from closing; none are told before every sheet is signed."""
    if not tx.case(case).all_have_signed:
        return ()
    return tuple(block for block in summing.check(tx, case).blocks if block.code in _GROUNDS)


def ground_of(block: selfcheck.Block) -> str:
    """The ground on which the sheets of this error may be given back."""
    return _GROUNDS[block.code]


def _signed(state: Case, member: str, bid: str) -> tuple[MemberId, BidId]:
    key = (MemberId(member), BidId(bid))
    demand_open_sheet(state, key[1])
    if key not in state.sheets or key in state.returned:
        raise NothingToReturn
    return key

"""The end of blind review: once every sheet by code is signed the leader has the codes opened, once and for good."""

from conduct import blinding, pledging
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Tx
from conduct.reviewing import StageNotOpen
from conduct.summing import SheetsMissing
from evaluation.blinded import is_blind_to
from evaluation.case import CaseId, MemberId


def open_codes(tx: Tx, case: CaseId, actor: Actor) -> None:
    """State the salt and whose each code is; what is left is scored by name.

    Raises `NotTheLeader`, `CommitteeIncomplete`, `StageNotOpen` where nobody scores blind, `SheetsMissing`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    pledging.demand_complete(state)
    blind = state.blind
    if blind is None or blind.is_open or not is_blind_to(state, MemberId(actor.who)):
        raise StageNotOpen
    if state.given_back or any(blind.owes(member, state.sheets) for member in state.members):
        raise SheetsMissing
    stated = {"salt": blinding.salt_of(tx, case).hex(), "codes": dict(blinding.codes(tx, case))}
    tx.record(case, "blind.opened", {"by": actor.as_by(), **stated})

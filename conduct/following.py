"""What follows by itself when the last signature of a kind is in; the members do not wait for a clerk."""

from conduct import electing, summing
from conduct.ports import Tx
from evaluation.case import CaseId, State


def after_signing(tx: Tx, case: CaseId) -> None:
    """All pledges in: the leader's ballot opens. Returned sheets signed anew: the tally is made again."""
    state = tx.case(case)
    if state.state is State.PLEDGED and electing.LEADER not in state.ballots:
        electing.open_leader_ballot(tx, case)
    if state.state is State.RECHECK:
        last = max((signed.index for signed in state.sheets.values()), default=0)
        if last == state.size - 1:
            summing.again(tx, case)

"""What follows by itself when the last signature of a kind is in; the members do not wait for a clerk."""

from conduct import deciding, electing, summing
from conduct.ports import Tx
from evaluation.case import Case, CaseId, State


def after_signing(tx: Tx, case: CaseId) -> None:
    """All pledges in: the leader's ballot opens. Sheets signed anew: the tally is made again. Votes in: counted."""
    if _wants_leader(tx.case(case)):
        electing.open_leader_ballot(tx, case)
    state = tx.case(case)
    if state.state is State.RECHECK:
        last = max((signed.index for signed in state.sheets.values()), default=0)
        if last == state.size - 1 or state.last_kind == "score.replaced":
            summing.again(tx, case)
    deciding.count_if_all_voted(tx, case)


def _wants_leader(state: Case) -> bool:
    """Whether the committee is whole and pledged but without a leader, at the start or after a replacement."""
    is_electing = State.PLEDGED.rank <= state.state.rank <= State.DETAILED.rank
    is_whole = not state.is_incomplete and all(member.pledged for member in state.members.values())
    return is_electing and is_whole and not state.leader and electing.LEADER not in state.ballots

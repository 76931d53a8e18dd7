"""A member has left (实施条例 Art. 48; R-11): what it concluded is void, what rests on it is done again.

Who follows is found elsewhere (`replacing`); here the leaving is stated and what was under way is dropped. Nothing that
was signed is deleted: it stays in the log and counts no more.
"""

from conduct import other_software, pending, revoking
from conduct.deciding import SECRET
from conduct.electing import BOX, LEADER
from conduct.ports import Actor, Tx
from evaluation.case import CaseId, MemberId


def leave(tx: Tx, case: CaseId, actor: Actor, member: MemberId, reason: str) -> None:
    """State that a member is replaced, for a reason of R-10; its key and what it was about to sign are gone at once."""
    state = tx.case(case)
    ballot = state.ballots.get(LEADER)
    if ballot is not None and ballot.is_open:
        tx.forget_shelves(case, (BOX,))
    if state.motion is not None:
        tx.forget_shelves(case, (SECRET,))
    credentials = tx.shelf(case, "credential")
    if (row := credentials.get(member)) is not None:
        revoking.revoke(tx, row, "ended")
    credentials.delete(member)
    other_software.forget(tx, case, member)
    pending.drop(tx, case, member)
    tx.record(case, "member.replaced", {"by": actor.as_by(), "member": member, "reason": reason})

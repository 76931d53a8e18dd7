"""Questions to bidders read before they go out (R-15): let through as they are, or returned with a remark.

The supervisor reads; whoever stays away too long is replaced by duty officer and witness together, as for a rollback.
"""

from conduct import clarifying
from conduct.ports import SERVER, Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation import approval
from evaluation.approval import SUPERVISOR
from evaluation.case import Case, CaseId, Proposed
from evaluation.clarification import NotAsked, Question


class RemarkMissing(Exception):
    """A question returned without saying why."""

    code = "clarification.remark_missing"


def decide(tx: Tx, case: CaseId, actor: Actor, name: str, approved: bool, remark: str) -> None:
    """Let a waiting question through, or return it; of the two who decide together one refusal is enough.

    Raises `NotAsked`, `NotTheApprover`, `RemarkMissing`, and `QuestionOutsideBid` if its bid was rejected meanwhile.
    """
    proposed = _waiting(tx.case(case), name)
    if actor.role not in approvers(tx, case, proposed) or actor.role in proposed.endorsed:
        raise approval.NotTheApprover
    if not approved and not remark.strip():
        raise RemarkMissing
    by = actor
    if actor.role != SUPERVISOR:
        tx.record(case, "clarification.endorsed", {"by": actor.as_by(), "id": name, "approved": approved})
        if approved and not approval.is_endorsed(_waiting(tx.case(case), name).endorsed):
            return
        by = SERVER
    body: Json = {"by": by.as_by(), "id": name, "approved": approved, "remark": remark.strip()}
    tx.record(case, "clarification.reviewed", body)
    if approved:
        question = Question(tx.case(case).leader, proposed.bid, proposed.pages, proposed.text)
        clarifying.send(tx, case, clarifying.checked(tx, case, name, question))


def approvers(tx: Tx, case: CaseId, proposed: Proposed) -> frozenset[str]:
    """The roles that may decide on it now."""
    return approval.approvers(proposed.asked_at, tx.now, profile_of(tx, case).rules.incident)


def _waiting(state: Case, name: str) -> Proposed:
    proposed = state.proposals.get(name)
    if proposed is None or proposed.decided_at:
        raise NotAsked
    return proposed

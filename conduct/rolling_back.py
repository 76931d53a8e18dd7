"""Rollback (回退): the leader asks with stage and reason, the approver decides, a snapshot of what stood is kept.

The supervisor decides. Where the profile says so, or once the supervisor has been silent too long, the main venue's
duty officer and the witness decide together (`incident.approver_wait_s`).
"""

from conduct import pending
from conduct.clarifying import NotTheLeader
from conduct.ports import SERVER, Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation import approval
from evaluation import rollback as rules
from evaluation.approval import SUPERVISOR, TOGETHER
from evaluation.case import Case, CaseId
from evaluation.rollback import Rollback
from signing.canonical import canonical


def ask(tx: Tx, case: CaseId, actor: Actor, stage: str, reason: str) -> None:
    """The leader asks to go back to a stage that is closed.

    Raises `NotTheLeader`, `RollbackOpen`, `NotBehind`, `RollbackReasonMissing`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    if state.rollback is not None:
        raise rules.RollbackOpen
    if stage not in rules.TARGETS or stage not in state.stages or state.stage_is_open(stage):
        raise rules.NotBehind
    if not reason.strip():
        raise rules.RollbackReasonMissing
    tx.record(case, "rollback.requested", {"by": actor.as_by(), "stage": stage, "reason": reason.strip()})


def decide(tx: Tx, case: CaseId, actor: Actor, approved: bool) -> None:
    """Grant or decline the open request; of the two who decide together one refusal is enough.

    Raises `NoRollback`, `NotTheApprover`.
    """
    state = tx.case(case)
    request = state.rollback
    if request is None:
        raise rules.NoRollback
    if actor.role not in approvers(tx, case) or actor.role in request.endorsed:
        raise approval.NotTheApprover
    if actor.role == SUPERVISOR:
        _state(tx, case, actor, approved)
        return
    tx.record(case, "rollback.endorsed", {"by": actor.as_by(), "approved": approved})
    endorsed = tx.case(case).rollback
    if not approved or (endorsed is not None and approval.is_endorsed(endorsed.endorsed)):
        _state(tx, case, SERVER, approved)


def approvers(tx: Tx, case: CaseId) -> frozenset[str]:
    """The roles that may decide the open request now."""
    request = tx.case(case).rollback
    if request is None:
        return frozenset()
    profile = profile_of(tx, case).rules
    if profile.rollback.approver != SUPERVISOR:
        return TOGETHER
    return approval.approvers(request.asked_at, tx.now, profile.incident)


def _state(tx: Tx, case: CaseId, actor: Actor, approved: bool) -> None:
    state = tx.case(case)
    request: Rollback | None = state.rollback
    if request is None:
        raise rules.NoRollback
    body: Json = {"by": actor.as_by(), "stage": request.stage, "approved": approved}
    kept = {"snapshot": tx.put_object(canonical(snapshot(state)))} if approved else {}
    tx.record(case, "rollback.decided", body | kept)
    if approved:
        pending.drop_all(tx, case)


def snapshot(state: Case) -> Json:
    """What stood before a rollback, by the entries of the log: `bid-snapshot/1` (docs/records-evaluation.md)."""
    return {
        "format": "bid-snapshot/1",
        "size": state.size,
        "state": state.state.value,
        "prelims": {member: signed.entry for member, signed in state.prelims.items()},
        "sheets": [{"member": member, "bid": bid, "entry": one.entry} for (member, bid), one in state.sheets.items()],
        "rejections": sorted(state.rejections),
        "tally": state.tally_result,
        "candidates": list(state.candidates),
        "report": state.report.sha256 if state.report else "",
    }

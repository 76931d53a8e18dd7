"""Closing: every answer to the report is on record, keys are destroyed, seats and private values are given back."""

from conduct import key_questions, other_software, reading, recall, revoking, tie_draw, venue_draw
from conduct.ports import Actor, Tx
from conduct.summing import TieWaits
from evaluation import life
from evaluation.case import Case, CaseId
from evaluation.lot import LotsLeft
from evaluation.rollback import RollbackOpen

FORGOTTEN = (
    "act", "blind", "choice", "choice-of-motion", "code", "credential",
    "finding", "pending", "pool", "reissue", "representative", "score", "segment",
    "precheck", "reading", "received", "seated", "signed", "ticket", key_questions.QUESTIONS, *other_software.SHELVES,
)  # fmt: skip


class ReportUnsigned(Exception):
    """Somebody has neither signed the report nor is a refusal on record."""

    code = "report.unsigned"

    def __init__(self, members: tuple[str, ...]) -> None:
        super().__init__(", ".join(members))
        self.members = members


def check(tx: Tx, case: CaseId, _: Actor) -> None:
    """Refuse to close a case that is not done.

    Raises `ReportUnsigned`, `RollbackOpen`, `TieWaits`, `LotsLeft` and what the procedure refuses.
    """
    state = tx.case(case)
    life.check(state, "case.closed")
    demand_settled(state)
    if state.next_lot is not None:
        raise LotsLeft


def demand_settled(state: Case) -> None:
    """Refuse to leave a lot, the last with the case, while something in it is open.

    That is an answer to the report, a request to go back, a draw of equal bids: once asked for it is drawn to its end.
    Raises `ReportUnsigned`, `RollbackOpen`, `TieWaits`.
    """
    missing = tuple(member.alias for member in state.unanswered)
    if missing:
        raise ReportUnsigned(missing)
    if state.rollback is not None:
        raise RollbackOpen
    if tie_draw.waiting(state):
        raise TieWaits


def close(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Close the case for ever: members' keys are destroyed, nothing is stated after this.

    The room is shut before (`rooms.Rooms.shut`), so that the log holds everything that was recorded.
    """
    check(tx, case, actor)
    recall.keep(tx, case)
    seal(tx, case, actor)


def seal(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Destroy members' keys, give seats and private values back, and state the end."""
    state = tx.case(case)
    if state.ending is not None and reading.times(tx, case):
        reading.state_times(tx, case)
    credentials = [row for name in ("credential", other_software.KEYS) for _, row in tx.shelf(case, name).items()]
    for row in credentials:
        revoking.revoke(tx, row, "ended")
    tx.forget_shelves(case, FORGOTTEN)
    venue_draw.release(tx, case)
    tx.record(case, "keys.destroyed", {"credentials": len(credentials)})
    stages = sorted(stage for stage, (_, closed) in state.stages.items() if closed)
    tx.record(case, "case.closed", {"by": actor.as_by(), "stages": stages})

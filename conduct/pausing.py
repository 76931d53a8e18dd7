"""Suspension (暂停) and meal break (用餐休息): writing is locked, documents are hidden, recording goes on.

Both end only when every member has confirmed to be back at the seat (domain page 1.4).
"""

from conduct.ports import Actor, Tx
from evaluation.case import CaseId, MemberId


class NotPaused(Exception):
    """There is no pause to end."""

    code = "pause.none"


class AlreadyPaused(Exception):
    """Work is paused already; a break may still turn into a suspension once it has ended."""

    code = "pause.already"


class PresenceMissing(Exception):
    """Somebody has not confirmed to be back at the seat."""

    code = "pause.presence_missing"

    def __init__(self, members: tuple[str, ...]) -> None:
        super().__init__(", ".join(members))
        self.members = members


def suspend(tx: Tx, case: CaseId, actor: Actor, reason: str, venue: str = "") -> None:
    """Lock the case for an incident (power, network, equipment); the reason and the venue are on the record."""
    if tx.case(case).pause is not None:
        raise AlreadyPaused
    tx.record(case, "case.suspended", {"by": actor.as_by(), "reason": reason, "venue": venue})


def begin_break(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Lock the case for a meal; no incident clock runs."""
    if tx.case(case).pause is not None:
        raise AlreadyPaused
    tx.record(case, "break.began", {"by": actor.as_by()})


def confirm_presence(tx: Tx, case: CaseId, actor: Actor) -> None:
    """A member says: I am back at my seat, alone."""
    state = tx.case(case)
    if state.pause is None:
        raise NotPaused
    member = state.members[MemberId(actor.who)]
    if not member.confirmed_presence:
        body = {"member": member.id, "seat": member.seat, "after": state.pause.kind}
        tx.record(case, "presence.confirmed", body)


def resume(tx: Tx, case: CaseId, actor: Actor) -> None:
    """End the pause that holds. Raises `NotPaused`, `PresenceMissing`."""
    state = tx.case(case)
    if state.pause is None:
        raise NotPaused
    missing = tuple(member.alias for member in state.members.values() if not member.confirmed_presence)
    if missing:
        raise PresenceMissing(missing)
    kind = "case.resumed" if state.pause.kind == "suspension" else "break.ended"
    tx.record(case, kind, {"by": actor.as_by()})

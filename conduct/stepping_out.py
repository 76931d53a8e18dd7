"""离席: a member leaves the seat for a while, and it stays locked until the signing password is typed there again.

It is no incident: no clock runs, the others go on, the recording too (domain page 1.4). The return is signed, so that
the record says who came back.
"""

from datetime import datetime

from conduct import other_software
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import profile_of
from conduct.tries import NotEnrolled
from evaluation.case import Case, CaseId, Member, MemberId

PURPOSE = "return"


class SeatLeft(Exception):
    """The member has left this seat: nothing is shown or taken there before the signing password."""

    code = "seat.left"


class NotLeft(Exception):
    """The member sits at the seat; there is nothing to come back from."""

    code = "seat.not_left"


def demand_seated(state: Case, who: str) -> None:
    """Refuse what a member would see or do at a seat that is left. Raises `SeatLeft`."""
    member = state.members.get(MemberId(who))
    if member is not None and member.left_at:
        raise SeatLeft


def leave(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Lock the member's own seat; a second time changes nothing. Raises `NotEnrolled` without a signing password."""
    member = tx.case(case).members[MemberId(actor.who)]
    if not member.credential:
        raise NotEnrolled
    if not member.left_at:
        _state(tx, case, member, "asked")


def lock_after_absence(tx: Tx, case: CaseId, member: Member) -> None:
    """Lock the seat of a member whose line was gone for longer than the profile allows; asked when it is back."""
    if not member.credential or member.left_at or not member.away_since:
        return
    away = tx.now - datetime.fromisoformat(member.away_since)
    if away.total_seconds() >= profile_of(tx, case).rules.presence.seat_locks_after_s:
        _state(tx, case, member, "absent")


def body(tx: Tx, case: CaseId, actor: Actor) -> Json:
    """What the member signs to be back. Raises `NotLeft`."""
    member = tx.case(case).members[MemberId(actor.who)]
    if not member.left_at:
        raise NotLeft
    return {"member": member.id, "alias": member.alias, "seat": member.seat, "left": member.left_at}


def _state(tx: Tx, case: CaseId, member: Member, reason: str) -> None:
    other_software.let_out(tx, case, member.id)
    tx.record(case, "seat.left", {"member": member.id, "seat": member.seat, "reason": reason})

"""Suspension (暂停) and meal break (用餐休息): writing is locked, documents are hidden, recording goes on.

They and a night (`nights`) end only when every member has confirmed to be back at the seat (domain page 1.4). An
incident has a clock: once it has run out nothing goes on by itself; before the start the tenderer's side decides,
afterwards the case is sealed.
"""

from conduct.ports import SERVER, Actor, Tx, stamp
from conduct.rulebook import profile_of
from conduct.stepping_out import demand_seated
from evaluation import incident
from evaluation.case import CaseId, MemberId
from evaluation.life import IncidentOver
from evaluation.night import IdentityUnchecked

ENDS = {"suspension": "case.resumed", "break": "break.ended", "night": "night.ended"}


class NotPaused(Exception):
    """There is no pause to end."""

    code = "pause.none"


class AlreadyPaused(Exception):
    """Work is paused already; only a break or a night may become something else, a suspension."""

    code = "pause.already"


class PresenceMissing(Exception):
    """Somebody has not confirmed to be back at the seat."""

    code = "pause.presence_missing"

    def __init__(self, members: tuple[str, ...]) -> None:
        super().__init__(", ".join(members))
        self.members = members


def suspend(tx: Tx, case: CaseId, actor: Actor, reason: str, venue: str = "") -> None:
    """Lock the case for an incident (power, network, equipment); reason, venue and the clock's end are recorded.

    A break or a night that cannot end becomes an incident so. Raises `AlreadyPaused` while one holds.
    """
    state = tx.case(case)
    if state.pause is not None and state.pause.kind == "suspension":
        raise AlreadyPaused
    until = incident.ends_at(state, profile_of(tx, case).rules.incident, tx.now)
    body = {"by": actor.as_by(), "reason": reason, "venue": venue}
    tx.record(case, "case.suspended", body | ({"until": stamp(until)} if until else {}))


def begin_break(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Lock the case for a meal; no incident clock runs."""
    if tx.case(case).pause is not None:
        raise AlreadyPaused
    tx.record(case, "break.began", {"by": actor.as_by()})


def confirm_presence(tx: Tx, case: CaseId, actor: Actor) -> None:
    """A member says: I am back at my seat, alone.

    Raises `NotPaused`, `SeatLeft` before the signing password, after a night `IdentityUnchecked`.
    """
    state = tx.case(case)
    if state.pause is None:
        raise NotPaused
    member = state.members[MemberId(actor.who)]
    demand_seated(state, member.id)
    if state.pause.is_barred(member.id):
        raise IdentityUnchecked
    if not member.confirmed_presence:
        body = {"member": member.id, "seat": member.seat, "after": state.pause.kind}
        tx.record(case, "presence.confirmed", body)


def expire(tx: Tx, case: CaseId) -> None:
    """State that an incident's time is over, once it is; the clock of all cases asks."""
    state = tx.case(case)
    if state.pause is not None and not state.pause.is_over and incident.is_over(state, tx.now):
        tx.record(case, "incident.expired", {"by": SERVER.as_by(), "until": state.pause.until})


def go_on(tx: Tx, case: CaseId, actor: Actor, reason: str) -> None:
    """The tenderer's side decides that a late start goes on; everybody confirms to be there, then work is resumed.

    Raises `IncidentRuns`, `StartedAlready`, `IncidentReasonMissing`.
    """
    state = tx.case(case)
    if not incident.is_over(state, tx.now):
        raise incident.IncidentRuns
    if incident.has_started(state):
        raise incident.StartedAlready
    if not reason.strip():
        raise incident.IncidentReasonMissing
    expire(tx, case)
    tx.record(case, "incident.continued", {"by": actor.as_by(), "reason": reason.strip()})


def resume(tx: Tx, case: CaseId, actor: Actor) -> None:
    """End the pause that holds. Raises `NotPaused`, `IncidentOver`, `PresenceMissing`."""
    state = tx.case(case)
    if state.pause is None:
        raise NotPaused
    if incident.is_over(state, tx.now):
        raise IncidentOver
    missing = tuple(member.alias for member in state.members.values() if not member.confirmed_presence)
    if missing:
        raise PresenceMissing(missing)
    tx.record(case, ENDS[state.pause.kind], {"by": actor.as_by()})

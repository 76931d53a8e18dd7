"""The life of a case: which statement may follow in which state, and what holds while work is paused.

Table first: a kind of statement not named here is refused, so a new act cannot slip past the procedure.
"""

from collections.abc import Mapping
from typing import Any

from evaluation.case import Case, Pause, State


class OutOfOrder(Exception):
    """The act does not belong to the state the case is in (domain page 1.2)."""

    code = "case.out_of_order"

    def __init__(self, kind: str, state: State) -> None:
        super().__init__(f"{kind} in {state.value}")
        self.kind = kind
        self.state = state


class Paused(Exception):
    """Work is suspended or on a break: writing is locked in all venues (domain page 1.4)."""

    code = "case.paused"


class IncidentOver(Exception):
    """The time of the incident's clock is over: work may not simply go on (domain page 1.4)."""

    code = "incident.over"


class Sealed(Exception):
    """The case is closed; its log takes no further entry."""

    code = "case.sealed"


def _span(first: State, last: State) -> frozenset[State]:
    return frozenset(state for state in State if first.rank <= state.rank <= last.rank)


_BEFORE_CHECK_IN = _span(State.DRAFT, State.RESCREENED)
_SEALED_BIDS = _span(State.DRAFT, State.DRAWN_SEALED)
_SEATED = _span(State.CHECK_IN, State.REPORT_SIGNING)
_ANY = _span(State.DRAFT, State.REPORT_SIGNING)
_ELECTING = _span(State.PLEDGED, State.DETAILED)
_VOTING = _span(State.PREP, State.RECHECK)
# Bids found equal are drawn for while the committee sits; a lot once asked for is drawn to its end (never twice).
_TIED = frozenset({State.PRICE, State.RECHECK})
_DRAWING = _span(State.SEATS_HELD, State.DRAW_SET) | _span(State.PRELIM, State.REPORT_SIGNING)

LAWFUL: dict[str, frozenset[State]] = {
    "case.created": frozenset({State.NONE}),
    "package.received": frozenset({State.DRAFT, State.VENUE_DRAWN, State.DRAWN_SEALED}),
    "application.submitted": frozenset({State.DRAFT}),
    "seats.held": frozenset({State.APPLIED}),
    "draw.requested": frozenset({State.SEATS_HELD, State.VENUE_DRAWN}) | _TIED,
    "draw.confirmed": frozenset({State.SEATS_HELD, State.VENUE_DRAWN}),
    "draw.frozen": _span(State.SEATS_HELD, State.DRAW_SET) | _TIED,
    "draw.committed": _DRAWING,
    "draw.context": _DRAWING,
    "draw.revealed": _DRAWING | _SEATED,
    "draw.voided": _DRAWING,
    "draw.sealed": _DRAWING | _SEATED,
    "draw.opened": _span(State.PRELIM, State.REPORT_SIGNING),
    "draw.differs": _span(State.SEATS_HELD, State.REPORT_SIGNING),
    "draw.short": frozenset({State.DRAW_SET}),
    "draw.imported": frozenset({State.VENUE_DRAWN}),
    "draw.supplemented": _span(State.DRAWN_SEALED, State.REPORT_SIGNING),
    "replacement.requested": _SEATED,
    "replacement.confirmed": _SEATED,
    "draw.extended": _SEATED,
    "draw.exhausted": _span(State.DRAW_SET, State.REPORT_SIGNING),
    "notice.sent": _span(State.DRAW_SET, State.REPORT_SIGNING),
    "notice.answered": _span(State.DRAW_SET, State.REPORT_SIGNING),
    "draw.stands": frozenset({State.DRAW_SET}),
    "representative.authorised": _BEFORE_CHECK_IN,
    "blind.committed": frozenset({State.VENUE_DRAWN, State.OPENED, State.LEADER_ELECTED}),
    "draw.rescreened": frozenset({State.OPENED}),
    "screening.elsewhere": frozenset({State.OPENED}),
    "precheck.stated": _span(State.OPENED, State.PRICE),
    "checkin.opened": frozenset({State.RESCREENED}),
    "checkin.matched": _SEATED,
    "checkin.refused": _SEATED,
    "seat.enrolled": _SEATED,
    "certificate.reissued": _SEATED,
    "person.enrolled": _ANY,
    "key.registered": _ANY,
    "password.failed": _SEATED,
    "screen.paired": _SEATED,
    "screen.parted": _SEATED,
    "screen.shown": _SEATED,
    "software.enrolled": _SEATED,
    "software.admitted": _SEATED,
    "software.signed": _SEATED,
    "device.checked": _SEATED,
    "committee.opened": _SEATED,
    "case.ready": frozenset({State.CHECK_IN}),
    "pledge.signed": _span(State.READY, State.DETAILED),
    "recusal.declared": _span(State.READY, State.REPORT_SIGNING),
    "member.replaced": _SEATED,
    "ballot.opened": _ELECTING,
    "ballot.cast": _ELECTING,
    "ballot.counted": _ELECTING,
    "motion.opened": _VOTING,
    "vote.cast": _VOTING,
    "vote.signed": _VOTING,
    "motion.decided": _VOTING,
    "stage.opened": _span(State.LEADER_ELECTED, State.SUMMARY),
    "stage.closed": _span(State.PREP, State.RECHECK),
    "prelim.signed": frozenset({State.PRELIM, State.DETAILED}),
    "revote.opened": frozenset({State.PRELIM, State.DETAILED}),
    "rejection.decided": frozenset({State.PRELIM, State.DETAILED}),
    "tender.failed": frozenset({State.COMPETITION_CHECK}),
    "clarification.proposed": _span(State.PRELIM, State.DETAILED),
    "clarification.endorsed": _span(State.PRELIM, State.DETAILED),
    "clarification.reviewed": _span(State.PRELIM, State.DETAILED),
    "clarification.asked": _span(State.PRELIM, State.DETAILED),
    "clarification.answered": _span(State.PRELIM, State.DETAILED),
    "clarification.confirmed": _span(State.PRELIM, State.DETAILED),
    "correction.stated": _span(State.PRELIM, State.DETAILED),
    "blind.opened": frozenset({State.DETAILED}),
    "sheet.signed": frozenset({State.DETAILED, State.RECHECK}),
    "sheet.returned": frozenset({State.DETAILED, State.RECHECK}),
    "reading.stated": frozenset({State.DETAILED, State.ABORTED}),
    "unlock.requested": frozenset({State.DETAILED}),
    "unlock.decided": frozenset({State.DETAILED}),
    "tally.computed": frozenset({State.PRICE, State.RECHECK}),
    "selfcheck.flagged": frozenset({State.SUMMARY, State.RECHECK}),
    "selfcheck.decided": frozenset({State.RECHECK}),
    "abnormal.explained": frozenset({State.RECHECK}),
    "score.replaced": frozenset({State.RECHECK}),
    "rollback.requested": _span(State.COMPETITION_CHECK, State.REPORT_SIGNING),
    "rollback.endorsed": _span(State.COMPETITION_CHECK, State.REPORT_SIGNING),
    "rollback.decided": _span(State.COMPETITION_CHECK, State.REPORT_SIGNING),
    "candidates.recommended": frozenset({State.RECHECK}),
    "report.rendered": frozenset({State.RECHECK, State.FAILED, State.REPORT_SIGNING}),
    "report.signed": frozenset({State.REPORT_SIGNING}),
    "consent.stated": frozenset({State.REPORT_SIGNING}),
    "consent.witnessed": frozenset({State.REPORT_SIGNING}),
    "lot.opened": frozenset({State.REPORT_SIGNING}),
    "fee.confirmed": frozenset({State.REPORT_SIGNING}),
    "appraisal.filed": frozenset({State.REPORT_SIGNING}),
    "seat.lost": _SEATED,
    "seat.returned": _SEATED,
    "seat.left": _SEATED,
    "seat.back": _SEATED,
    "presence.confirmed": _SEATED,
    "case.suspended": _SEATED,
    "case.resumed": _SEATED,
    "incident.expired": _SEATED,
    "incident.continued": frozenset({State.CHECK_IN}),
    "break.began": _SEATED,
    "break.ended": _SEATED,
    "night.began": _span(State.READY, State.REPORT_SIGNING),
    "night.sealed": _SEATED,
    "checkin.renewed": _SEATED,
    "night.ended": _SEATED,
    "floor.given": _SEATED,
    "take.started": _SEATED,
    "segment.recorded": _SEATED,
    "gap.named": _SEATED,
    "witness.marked": _SEATED,
    "witness.stated": _SEATED,
    "interference.reported": _SEATED,
    "reevaluation.requested": frozenset({State.DRAFT}),
    "reevaluation.authorised": frozenset({State.SEATS_HELD}),
    "committee.recalled": frozenset({State.OPENED}),
    "abort.requested": _SEALED_BIDS,
    "abort.declined": _SEALED_BIDS,
    "case.aborted": _ANY,
    "keys.destroyed": frozenset({State.REPORT_SIGNING, State.ABORTED}),
    "case.closed": frozenset({State.REPORT_SIGNING, State.ABORTED}),
}

# What ends with the opening of bids, also where experts are drawn after it.
_BEFORE_BIDS = frozenset({"abort.requested", "abort.declined"})

# A re-evaluation has the committee of the sealed case: nobody takes another's place, nobody is drawn before it sits.
_NOT_RECALLED = frozenset({"draw.imported", "replacement.requested", "member.replaced"})

# What goes on while work is paused: the record, presence, the desk's care for keys, who follows a member that does not
# come back, and the end of the pause itself.
UNDER_PAUSE = frozenset(
    {
        "case.suspended", "case.resumed", "incident.expired", "incident.continued", "case.aborted", "break.ended",
        "night.sealed", "night.ended", "checkin.renewed",
        "replacement.requested", "replacement.confirmed", "member.replaced",
        "presence.confirmed", "seat.lost", "seat.returned", "seat.left", "seat.back", "floor.given",
        "take.started", "segment.recorded", "gap.named", "witness.marked", "interference.reported",
        "certificate.reissued", "person.enrolled", "key.registered", "password.failed", "software.enrolled",
        "screen.paired", "screen.parted",
        "checkin.refused", "clarification.answered",
        "draw.committed", "draw.context", "draw.revealed", "draw.voided",
        "draw.sealed", "draw.extended", "draw.differs", "draw.supplemented",
        "notice.sent", "notice.answered", "precheck.stated",
    }
)  # fmt: skip

# What belongs to one kind of pause alone: a break is not ended as an incident, a night not as a break. Any pause but
# an incident may become one, and seats sealed overnight open at the desk also then (`_belongs`).
_OF_PAUSE: dict[str, str] = {
    "case.resumed": "suspension",
    "incident.expired": "suspension",
    "break.ended": "break",
    "night.sealed": "night",
    "night.ended": "night",
}

_NEXT: dict[str, State] = {
    "case.created": State.DRAFT,
    "application.submitted": State.APPLIED,
    "seats.held": State.SEATS_HELD,
    "draw.stands": State.DRAWN_SEALED,
    "draw.imported": State.DRAWN_SEALED,
    "reevaluation.authorised": State.DRAWN_SEALED,
    "committee.recalled": State.RESCREENED,
    "draw.rescreened": State.RESCREENED,
    "screening.elsewhere": State.RESCREENED,
    "checkin.opened": State.CHECK_IN,
    "case.ready": State.READY,
    "tally.computed": State.SUMMARY,
    "tender.failed": State.FAILED,
    "report.rendered": State.REPORT_SIGNING,
    "lot.opened": State.LEADER_ELECTED,
    "case.aborted": State.ABORTED,
    "case.closed": State.CLOSED,
}

_NEXT_BY_SUBJECT: dict[tuple[str, str], State] = {
    ("stage.opened", "prep"): State.PREP,
    ("stage.opened", "prelim"): State.PRELIM,
    ("stage.closed", "prelim"): State.COMPETITION_CHECK,
    ("stage.opened", "detailed"): State.DETAILED,
    ("stage.opened", "price"): State.PRICE,
    ("stage.opened", "recheck"): State.RECHECK,
    ("draw.sealed", "venues"): State.VENUE_DRAWN,
    ("draw.confirmed", "experts"): State.DRAW_SET,
    ("draw.short", "experts"): State.VENUE_DRAWN,
    ("package.received", "opening"): State.OPENED,
}


_BACK_AT: dict[str, State] = {"prelim": State.PRELIM, "detailed": State.DETAILED}


def check(case: Case, kind: str) -> None:
    """Refuse a statement that may not be made now.

    Raises `Sealed` for a closed case, `OutOfOrder` for a wrong state, `Paused` while work is locked, `IncidentOver`
    once an incident has lasted too long.
    """
    if case.state is State.CLOSED:
        raise Sealed(kind)
    if case.state not in LAWFUL.get(kind, frozenset()) or (kind in _BEFORE_BIDS and case.all_bids):
        raise OutOfOrder(kind, case.state)
    is_drawing = kind == "draw.requested" and case.state.rank < State.CHECK_IN.rank
    if case.reevaluation is not None and (is_drawing or kind in _NOT_RECALLED):
        raise OutOfOrder(kind, case.state)
    if case.pause is not None and kind not in UNDER_PAUSE:
        raise Paused(kind)
    if not _belongs(case.pause, kind):
        raise OutOfOrder(kind, case.state)
    if kind == "case.resumed" and case.pause is not None and case.pause.is_over and not case.pause.is_continued:
        raise IncidentOver(kind)


def _belongs(pause: Pause | None, kind: str) -> bool:
    """Whether the pause that holds is one that this statement is made in, where it belongs to one kind alone."""
    if kind == "checkin.renewed":
        return pause is not None and pause.is_overnight
    if kind == "case.suspended":
        return pause is None or pause.kind != "suspension"
    wanted = _OF_PAUSE.get(kind)
    return wanted is None or (pause is not None and pause.kind == wanted)


def demand_running(case: Case) -> None:
    """Refuse while work is paused, also what is only drafted and stands in no log yet. Raises `Paused`."""
    if case.pause is not None:
        raise Paused(case.pause.kind)


def check_opening(case: Case, moment: str) -> None:
    """Bids are opened once, never for a draft: when the committee is drawn, or before its draw (`draw.moment`).

    Raises what `check` raises.
    """
    check(case, "package.received")
    if case.all_bids or case.state is not (State.VENUE_DRAWN if moment == "after_opening" else State.DRAWN_SEALED):
        raise OutOfOrder("package.received", case.state)


def may_end_at_will(case: Case) -> bool:
    """Whether the agent may still end the case, with the supervisor's consent or without: until bids are opened."""
    return case.state in LAWFUL["abort.requested"] and not case.all_bids


def after(case: Case, kind: str, body: Mapping[str, Any]) -> State:
    """The state once a statement of this kind is in the log; `case` already includes the statement itself."""
    if kind == "tally.computed" and case.state is State.RECHECK:
        return State.RECHECK
    if kind == "member.replaced":
        return _resumed_at(case)
    if kind == "rollback.decided":
        return _BACK_AT[body["stage"]] if body["approved"] else case.state
    if kind == "pledge.signed" and case.state is State.READY:
        is_done = not case.is_incomplete and all(member.pledged for member in case.members.values())
        return State.PLEDGED if is_done else State.READY
    if kind == "ballot.counted" and case.state is State.PLEDGED:
        return State.LEADER_ELECTED if body.get("elected") else State.PLEDGED
    subject = str(body.get("stage") or body.get("draw") or body.get("type") or "")
    return _opened_first(case, kind, _NEXT_BY_SUBJECT.get((kind, subject), _NEXT.get(kind, case.state)))


def _opened_first(case: Case, kind: str, state: State) -> State:
    """Bids opened before experts are drawn change no state; the draw then leads to where the opening would have."""
    if kind == "package.received" and case.state is State.VENUE_DRAWN:
        return State.VENUE_DRAWN
    return State.OPENED if state is State.DRAWN_SEALED and case.state is not state and case.all_bids else state


def _resumed_at(case: Case) -> State:
    """Where a case stands once a member's conclusions are void: at the earliest stage that must be redone (R-11)."""
    if "detailed" in case.stages:
        return State.DETAILED
    if "prelim" in case.stages:
        return State.PRELIM
    return State.READY if case.state is State.PLEDGED else case.state

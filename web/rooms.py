"""What an open page of a case is told: the case as its reader may see it, and how every seat's media arrive."""

import time

from conduct import blinding, pledging, sealed
from conduct.faring import gone, is_fresh
from conduct.floor import leads
from conduct.ports import Json, Tx, UnknownCase
from conduct.rulebook import profile_of
from evaluation.case import Case, CaseId
from identity.roles import AT_A_SEAT
from identity.sessions import Session
from web.admission import NotYourCase
from web.services import Services
from web.visibility import VENUE_STAFF, Reader, case_view, check_party_to


def reader_of(tx: Tx, case: CaseId, session: Session) -> Reader:
    """The session with the seats its venue has in the case."""
    seats = sealed.seats_of(tx, case, session.venue) if session.venue else []
    return Reader(session, tuple(seats))


def state_for(tx: Tx, case: CaseId, session: Session) -> Case:
    """The case as this session may see it: members who score by code see no bidder in it. Raises `UnknownCase`."""
    return blinding.seen(tx, case, session.who) if session.role in AT_A_SEAT else tx.case(case)


async def seats_told(services: Services, session: Session, case: CaseId) -> frozenset[str] | None:
    """The seats a line of this session is told of, None for all of the case.

    Raises `NotYourCase`, `LeftCommittee`, and one of `UNREADABLE` for a case whose rules cannot be read.
    """

    def see(tx: Tx) -> frozenset[str] | None:
        try:
            state, reader = tx.case(case), reader_of(tx, case, session)
        except UnknownCase:
            raise NotYourCase from None
        check_party_to(state, reader)
        profile_of(tx, case)  # what the line tells first needs it, and cannot be refused once the line stands
        if session.role in AT_A_SEAT:
            pledging.demand_member(state, session.who)
        return frozenset(reader.seats) if session.role in VENUE_STAFF else None

    return await services.store.read(see)


async def state_of(services: Services, session: Session, case: CaseId) -> Json:
    """The whole state a page of this session shows, sent again at every connection. Raises `NotYourCase`."""

    def see(tx: Tx) -> Json:
        try:
            state, reader = state_for(tx, case, session), reader_of(tx, case, session)
        except UnknownCase:
            raise NotYourCase from None
        check_party_to(state, reader)
        view = case_view(state, reader, profile_of(tx, case))
        if state.info is not None and reader.role not in VENUE_STAFF:
            view["floor"] = services.rooms.floors.told(state) | {"gives": leads(state, session.who, session.role)}
        return view

    view = await services.store.read(see)
    shown = {member["seat"] for member in view.get("members", ())}
    screens = [seat for seat in services.rooms.screens(case) if seat in shown]
    return view | {
        "quality": quality_of(services, case, view),
        "alarms": alarms_of(services, case),
        "screens": screens,
        "muted": [track for track in services.rooms.muted(case) if track.partition("/")[0] in shown],
    }


def quality_of(services: Services, case: CaseId, view: Json) -> Json:
    """Quality by seat, of the seats that the view shows."""
    now = time.monotonic()
    shown = {member["seat"] for member in view.get("members", ())}
    return {
        seat: (one if is_fresh(one, now) else gone(one, now)).told()
        for (of_case, seat), one in services.rooms.quality.items()
        if of_case == case and seat in shown
    }


def alarms_of(services: Services, case: CaseId) -> list[Json]:
    """Alarms of the recorder and the worker that concern a case."""
    return [
        {"code": alarm.code, "seat": alarm.seat, "track": alarm.track}
        for alarm in services.rooms.alarms.values()
        if alarm.case in {"", case}
    ]

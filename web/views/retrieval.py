"""调阅: who asks to see a closed case's recordings, who approves, and the watermarked replay while a grant lasts."""

import asyncio
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct, field

from conduct import reevaluating, retrieving
from conduct.ports import Json, Tx, stamp
from evaluation.case import Case, CaseId, State
from identity.roles import Role
from web import staffing, timeline
from web.footage import recording
from web.office_pages import office_page
from web.policy import only, route
from web.views.archive import BYTES
from web.visibility import Reader
from web.visit import Visit, as_json

WHO_READ = only(Role.SUPERVISOR, Role.ARCHIVIST, Role.MAIN_STAFF)
WHO_ASK = only(Role.SUPERVISOR)
WHO_APPROVE = only(Role.ARCHIVIST, Role.MAIN_STAFF)
HOME = "/cases/{case}/retrievals"
ONE = HOME + "/{id}"


class Request(Struct, forbid_unknown_fields=True):
    """Why, which seats (one a field), and for how many hours."""

    reason: Annotated[str, Meta(max_length=2000)]
    hours: Annotated[int, Meta(ge=1, le=retrieving.MOST_HOURS)]
    seats: list[str] = field(default_factory=list)


class Decision(Struct, forbid_unknown_fields=True):
    """The decision of one of the two."""

    approved: bool


@route("GET", HOME, WHO_READ)
async def retrievals_page(visit: Visit) -> web.Response:
    """The requests to see recordings of a closed case; the form to ask, the two buttons to decide."""

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        if state.state is not State.CLOSED:
            return {"asked": [], "followers": (), "seats": {}, "most_hours": retrieving.MOST_HOURS}
        return {
            "asked": [_told(tx, one, reader) for one in reversed(retrieving.of_case(tx, state.id))],
            "followers": reevaluating.followers(tx, state.id),
            "seats": retrieving.seats(state),
            "most_hours": retrieving.MOST_HOURS,
        }

    return await office_page(visit, "retrievals.html", add)


def _told(tx: Tx, one: retrieving.Retrieval, reader: Reader) -> Json:
    own = one.asked_by == reader.session.who
    return {
        "id": one.id,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "reason": one.reason,
        "seats": list(one.seats),
        "hours": one.hours,
        "approved": sorted(one.approved),
        "declined_by": one.declined_by,
        "until": one.until,
        "is_over": bool(one.until) and one.until <= stamp(tx.now),
        "may_decide": one.is_open and not own and reader.session.who not in one.approved,
        "may_look": own and one.until > stamp(tx.now),
    }


@route("POST", HOME, WHO_ASK, body=Request, form=retrievals_page)
async def ask(visit: Visit, told: Request) -> web.Response:
    """Ask in writing to see seats of a closed case."""
    wish = retrieving.Wish(told.reason, tuple(told.seats), told.hours)
    name = await staffing.act(visit, lambda tx, case, who: retrieving.request(tx, case, who, wish))
    return visit.done(_home(visit), {"id": name})


@route("POST", ONE + "/decide", WHO_APPROVE, body=Decision, form=retrievals_page)
async def decide(visit: Visit, told: Decision) -> web.Response:
    """Approve or decline a request; the second approval grants it for the time asked."""
    name = visit.request.match_info["id"]
    found = await staffing.act(visit, lambda tx, case, who: retrieving.decide(tx, case, who, name, told.approved))
    return visit.done(_home(visit), {"until": found.until})


@route("GET", ONE + "/seats/{seat}", WHO_ASK)
async def look_page(visit: Visit) -> web.Response:
    """One seat's recording beside its events, under the viewer's name and the time; the look is stated."""
    name, seat = visit.request.match_info["id"], visit.request.match_info["seat"]
    found = await staffing.act(visit, lambda tx, case, who: retrieving.look(tx, case, who, name, seat))

    def add(tx: Tx, state: Case, _reader: Reader) -> Json:
        alias = retrieving.seats(state)[seat]
        events = timeline.of_seat(tx, state, seat, visit.language)
        shown = {"id": found.id, "until": found.until, "viewer": found.asked_by}
        return {"grant": shown, "shown": seat, "alias": alias, "events": events}

    return await office_page(visit, "retrieval.html", add)


@route("GET", ONE + "/segments", WHO_ASK)
async def granted_segments(visit: Visit) -> web.Response:
    """The recorded segments of the seats that are granted."""
    case, found = await _granted(visit)
    rows = await asyncio.to_thread(visit.services.store.segments, case)
    return as_json({"segments": [row for row in rows if row["seat"] in found.seats]})


@route("GET", ONE + "/footage/{seat}/{track}/{take:[0-9]+}", WHO_ASK, rate=BYTES)
async def granted_footage(visit: Visit) -> web.StreamResponse:
    """A recording of a seat whose page was opened under the grant, by byte range (206)."""
    name, seat, who = visit.request.match_info["id"], visit.request.match_info["seat"], visit.actor

    def see(tx: Tx, state: Case, _reader: Reader) -> CaseId:
        retrieving.check_looked(tx, state.id, who, name, seat)
        return state.id

    return await recording(visit, await staffing.look(visit, see))


async def _granted(visit: Visit) -> tuple[CaseId, retrieving.Retrieval]:
    name, who = visit.request.match_info["id"], visit.actor

    def see(tx: Tx, state: Case, _reader: Reader) -> tuple[CaseId, retrieving.Retrieval]:
        return state.id, retrieving.check(tx, state.id, who, name)

    return await staffing.look(visit, see)


def _home(visit: Visit) -> str:
    return f"/cases/{visit.request.match_info['case']}/retrievals"

"""主持台: the main venue keeps order: suspension, meal break, their end, and the close of the case."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import closing, pausing
from conduct.ports import Json, Tx
from evaluation.case import Case, CaseId, State
from identity.roles import Role
from web import staffing
from web.deviation import deviation
from web.lots import is_signed, next_name
from web.office_pages import office_page
from web.policy import only, route
from web.reading_times import reading_times
from web.views.room import wall_if_seated
from web.visibility import Reader, sees_numbers
from web.visit import Visit

HOST = only(Role.MAIN_STAFF)
MAY_ASK = only(Role.MAIN_STAFF, Role.AGENT)


class Incident(Struct, forbid_unknown_fields=True):
    """Why work stops, and the venue it happened at, if one."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    venue: Annotated[str, Meta(max_length=20)] = ""


@route("GET", "/cases/{case}/host", HOST)
async def host_page(visit: Visit) -> web.Response:
    """The host's desk: the steps, the lawful next one, pauses, recorder and seats."""

    def add(tx: Tx, state: Case, _reader: Reader) -> Json:
        is_seated = State.CHECK_IN.rank <= state.state.rank <= State.REPORT_SIGNING.rank
        experts = [member for member in state.members.values() if member.is_expert]
        return {
            "is_seated": is_seated,
            "wall": wall_if_seated(tx, state, visit.language),
            "nights_left": state.nights_left,
            "may_close": is_signed(state) and state.next_lot is None,
            "next_lot": next_name(state),
            "unconfirmed": [member.alias for member in experts if member.id not in state.fees],
        }

    return await office_page(visit, "host.html", add)


@route("GET", "/cases/{case}/progress", only(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR))
async def progress_page(visit: Visit) -> web.Response:
    """The steps; for the supervisor also who is done with what, and the totals once all have submitted."""

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        names = {bid.id: bid.name for bid in state.bids.values()}
        shown = deviation(tx, state) if sees_numbers(state, reader) else {}
        wall = wall_if_seated(tx, state, visit.language) if reader.role is Role.SUPERVISOR else []
        return {"names": names, "wall": wall, **reading_times(tx, state, reader.role), **shown}

    return await office_page(visit, "progress.html", add)


@route("POST", "/cases/{case}/suspend", MAY_ASK, body=Incident, form=host_page)
async def suspend(visit: Visit, form: Incident) -> web.Response:
    """Suspend work for an incident: writing is locked, documents are hidden, recording goes on."""
    await staffing.act(visit, lambda tx, case, actor: pausing.suspend(tx, case, actor, form.reason, form.venue))
    return to_the_desk(visit)


@route("POST", "/cases/{case}/resume", HOST, form=host_page)
async def resume(visit: Visit) -> web.Response:
    """End a suspension once every member has confirmed to be back."""
    await staffing.act(visit, pausing.resume)
    return to_the_desk(visit)


@route("POST", "/cases/{case}/break", MAY_ASK, form=host_page)
async def begin_break(visit: Visit) -> web.Response:
    """Begin a meal break; no incident clock runs."""
    await staffing.act(visit, pausing.begin_break)
    return to_the_desk(visit)


@route("POST", "/cases/{case}/break/end", HOST, form=host_page)
async def end_break(visit: Visit) -> web.Response:
    """End a meal break once every member has confirmed to be back."""
    await staffing.act(visit, pausing.resume)
    return to_the_desk(visit)


@route("POST", "/cases/{case}/close", HOST, form=host_page)
async def close(visit: Visit) -> web.Response:
    """Close the case for ever: members' keys are destroyed, the bag is written and verified."""
    case = CaseId(visit.request.match_info["case"])
    await staffing.act(visit, closing.check)
    async with visit.services.rooms.shut(case):
        await staffing.act(visit, closing.close)
    return visit.done(f"/cases/{visit.request.match_info['case']}", {"bag": "pending"})


def to_the_desk(visit: Visit) -> web.Response:
    """Back to the host's desk; an agent, who has none, to the case."""
    case = visit.request.match_info["case"]
    return visit.done(
        f"/cases/{case}/host" if visit.signed_in.role is Role.MAIN_STAFF else f"/cases/{case}", {"case": case}
    )

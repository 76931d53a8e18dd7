"""主持台: the main venue keeps order: suspension, meal break, their end, and the close of the case."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import closing, pausing
from identity.roles import Role
from web import staffing
from web.policy import only, route
from web.views.cases import done
from web.visit import Visit

HOST = only(Role.MAIN_STAFF)
MAY_ASK = only(Role.MAIN_STAFF, Role.AGENT)


class Incident(Struct, forbid_unknown_fields=True):
    """Why work stops, and the venue it happened at, if one."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    venue: str = ""


@route("POST", "/cases/{case}/suspend", MAY_ASK, body=Incident)
async def suspend(visit: Visit, form: Incident) -> web.Response:
    """Suspend work for an incident: writing is locked, documents are hidden, recording goes on."""
    await staffing.act(visit, lambda tx, case, actor: pausing.suspend(tx, case, actor, form.reason, form.venue))
    return done(visit)


@route("POST", "/cases/{case}/resume", HOST)
async def resume(visit: Visit) -> web.Response:
    """End a suspension once every member has confirmed to be back."""
    await staffing.act(visit, pausing.resume)
    return done(visit)


@route("POST", "/cases/{case}/break", MAY_ASK)
async def begin_break(visit: Visit) -> web.Response:
    """Begin a meal break; no incident clock runs."""
    await staffing.act(visit, pausing.begin_break)
    return done(visit)


@route("POST", "/cases/{case}/break/end", HOST)
async def end_break(visit: Visit) -> web.Response:
    """End a meal break once every member has confirmed to be back."""
    await staffing.act(visit, pausing.resume)
    return done(visit)


@route("POST", "/cases/{case}/close", HOST)
async def close(visit: Visit) -> web.Response:
    """Close the case for ever: members' keys are destroyed, the bag is written and verified."""
    await staffing.act(visit, closing.close)
    return visit.done(f"/cases/{visit.request.match_info['case']}", {"bag": "pending"})

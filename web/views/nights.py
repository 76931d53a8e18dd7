"""隔夜封存: the host seals the day in two steps; in the morning each member's papers are seen again at the desk."""

from datetime import datetime, timedelta
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import nights, pausing
from conduct.checking_in import Slip
from conduct.nights import Return
from conduct.ports import Actor, Json, Tx
from evaluation.case import Case, CaseId
from identity import service
from identity.roles import Role
from web import staffing
from web.admission import DEPLOYMENT, SESSIONS
from web.office_pages import office_page
from web.pages import BEIJING
from web.policy import route
from web.views.checkin import DESK, demand_second, desk_page, show_slip
from web.views.host import HOST, MAY_ASK, host_page, to_the_desk
from web.visibility import Reader
from web.visit import Visit

# What the form proposes.
MORNING = "09:00:00"
Text = Annotated[str, Meta(min_length=1, max_length=60)]


class Night(Struct, forbid_unknown_fields=True):
    """When work goes on; a moment without a zone is Beijing time."""

    resumes: datetime


class ReturnForm(Struct, forbid_unknown_fields=True):
    """Who is back at the desk: identity number, locker, and the account of the second member of staff."""

    id_number: Text
    locker: Text
    second: Text


@route("GET", "/cases/{case}/night", MAY_ASK)
async def night_page(visit: Visit) -> web.Response:
    """What a night does, and when work goes on: read first, then sealed."""

    def add(_tx: Tx, state: Case, _reader: Reader) -> Json:
        morning = visit.now.astimezone(BEIJING).date() + timedelta(days=1)
        return {"nights_left": state.nights_left, "morning": f"{morning}T{MORNING}"}

    return await office_page(visit, "night.html", add)


@route("POST", "/cases/{case}/night", MAY_ASK, body=Night, form=night_page)
async def begin(visit: Visit, form: Night) -> web.Response:
    """Seal the day: writing is locked, documents are hidden, seats are sealed, the recording ends."""
    resumes = staffing.utc_stamp(form.resumes)
    await staffing.act(visit, lambda tx, case, actor: nights.begin(tx, case, actor, resumes))
    return to_the_desk(visit)


@route("POST", "/cases/{case}/night/end", HOST, form=host_page)
async def end(visit: Visit) -> web.Response:
    """Go on in the morning, once every member was checked at the desk and has confirmed to be at the seat."""
    await staffing.act(visit, pausing.resume)
    return to_the_desk(visit)


@route("POST", "/cases/{case}/desk/return", DESK, body=ReturnForm, form=desk_page)
async def take_back(visit: Visit, form: ReturnForm) -> web.Response:
    """Hold an identity number against who sat here yesterday: 相符 with a fresh slip, or 不符 and nothing else.

    A session that stayed open at the seat overnight ends: the seat opens with the new code alone.
    """

    def check(tx: Tx, case: CaseId, actor: Actor) -> Slip | None:
        demand_second(tx, actor, form.second)
        slip = nights.renew(tx, case, actor, Return(form.id_number.strip().upper(), form.locker, form.second))
        if slip is not None:
            shelf = tx.shelf(DEPLOYMENT, SESSIONS)
            for role in (Role.MEMBER, Role.LEADER):
                service.end_sessions(shelf, role, slip.member, case)
        return slip

    return show_slip(visit, await staffing.act(visit, check))

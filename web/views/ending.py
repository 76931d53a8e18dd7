"""终止与后续: the end of a case without a report, the decision after an incident, and the case that takes it up."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import ending, linking, pausing
from conduct.ending import Stated
from conduct.ports import Json, Tx
from evaluation.case import Case
from evaluation.ending import Ground, NothingFollows, follow_of
from identity.roles import Role
from web import staffing
from web.acting import case_of
from web.office_pages import office_page
from web.policy import only, route
from web.views.cases import opening_page
from web.visibility import Reader
from web.visit import Visit

AGENT = only(Role.AGENT)
MAY_END = only(Role.AGENT, Role.MAIN_STAFF)
INVOLVED = only(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR)
Why = Annotated[str, Meta(min_length=1, max_length=500)]


class End(Struct, forbid_unknown_fields=True):
    """On what ground the case is to end, and why."""

    ground: Ground
    reason: Why


class Continue(Struct, forbid_unknown_fields=True):
    """Why a late start goes on all the same."""

    reason: Why


class Answer(Struct, forbid_unknown_fields=True):
    """The supervisor's answer."""

    answer: Literal["approved", "declined"]


@route("GET", "/cases/{case}/ending", INVOLVED)
async def ending_page(visit: Visit) -> web.Response:
    """How the case may end without a report, how it did, and what follows it."""

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        asked = state.ending_asked
        grounds = () if asked else ending.grounds_for(tx, state.id, reader.role)
        told = {"grounds": grounds, "asked": {"at": asked.at, "reason": asked.reason} if asked else None}
        return told | {"successor": linking.successor(tx, state.id), "may_follow": _may_follow(state, reader)}

    return await office_page(visit, "ending.html", add)


def _may_follow(state: Case, reader: Reader) -> str:
    """As what the agent may take an ended case up again; nothing for others, and where nothing may follow."""
    try:
        reason = follow_of(state.ending, bool(state.members or state.replaced))
    except NothingFollows:
        return ""
    return reason if reader.role is Role.AGENT else ""


@route("POST", "/cases/{case}/ending", MAY_END, body=End, form=ending_page)
async def end(visit: Visit, form: End) -> web.Response:
    """End the case and seal it as it stands; where the supervisor must agree, ask."""
    if form.ground == "cancelled" and await staffing.look(visit, lambda _tx, state, _who: ending.needs_approval(state)):
        await staffing.act(visit, lambda tx, case, actor: ending.ask(tx, case, actor, form.reason))
    else:
        await _ended(visit, Stated(form.ground, form.reason))
    return _to_the_page(visit)


@route("POST", "/cases/{case}/ending/answer", only(Role.SUPERVISOR), body=Answer, form=ending_page)
async def answer_ending(visit: Visit, form: Answer) -> web.Response:
    """Let the case end before its bids are opened, as its agent asks, or not."""
    if form.answer == "approved":
        await _ended(visit, Stated("cancelled", ""))
    else:
        await staffing.act(visit, ending.decline)
    return _to_the_page(visit)


@route("POST", "/cases/{case}/incident/continue", AGENT, body=Continue, form=ending_page)
async def go_on(visit: Visit, form: Continue) -> web.Response:
    """Decide that a start delayed beyond the incident's time goes on all the same."""
    await staffing.act(visit, lambda tx, case, actor: pausing.go_on(tx, case, actor, form.reason))
    return _to_the_page(visit)


@route("POST", "/cases/{case}/successor", AGENT, form=ending_page)
async def follow(visit: Visit) -> web.Response:
    """Create the case that takes up one which ended without a report; it names the ended one."""
    made = await staffing.act(visit, linking.follow)
    return visit.done(f"/cases/{made}", {"case": made})


@route("POST", "/cases/{case}/opening/again", AGENT, form=opening_page)
async def open_again(visit: Visit) -> web.Response:
    """Take over the opening package of the case that this one takes up."""
    await staffing.act(visit, linking.open_again)
    return visit.done(f"/cases/{case_of(visit)}")


async def _ended(visit: Visit, stated: Stated) -> None:
    """The room is shut first, so that the log holds all that was recorded."""
    services, case = visit.services, case_of(visit)
    await staffing.act(visit, lambda tx, case, actor: ending.check(tx, case, actor, stated))
    async with services.rooms.shut(case):
        await ending.end(services.store, services.process, case, visit.actor, stated)


def _to_the_page(visit: Visit) -> web.Response:
    case = case_of(visit)
    return visit.done(f"/cases/{case}/ending", {"case": case})

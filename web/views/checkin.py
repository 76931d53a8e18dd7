"""签到台: the desk holds an identity against the sealed list, prints the slip, helps with a locked signing password."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import checking_in, enrolling
from conduct.checking_in import Arrival, Slip
from conduct.ports import Actor, Json, Tx
from evaluation.case import Case, CaseId, MemberId
from identity import service
from identity.roles import Role
from web import staffing
from web.acting import case_of
from web.admission import ACCOUNTS, DEPLOYMENT, SCREENS
from web.office_pages import answer, office_page
from web.policy import only, route
from web.views.host import host_page, to_the_desk
from web.visibility import Reader
from web.visit import Visit

SECONDS = frozenset({Role.CHECKIN, Role.SUB_STAFF, Role.MAIN_STAFF, Role.WITNESS})
DESK = only(Role.CHECKIN)
Text = Annotated[str, Meta(min_length=1, max_length=60)]


class NoSuchMember(Exception):
    """Nobody of this number sits at this venue."""

    code = "member.unknown"


class ArrivalForm(Struct, forbid_unknown_fields=True):
    """Who stands at the desk: identity number, seat, locker, and the account of the second member of staff."""

    id_number: Text
    seat: Text
    locker: Text
    second: Text


class MemberForm(Struct, forbid_unknown_fields=True):
    """A member by number."""

    member: str


class ReissueForm(Struct, forbid_unknown_fields=True):
    """A member whose identity was checked anew, and the second member of staff who looked."""

    member: str
    second: Text


@route("GET", "/cases/{case}/desk", DESK)
async def desk_page(visit: Visit) -> web.Response:
    """The check-in desk of this venue."""

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        screens, venue = tx.shelf(DEPLOYMENT, SCREENS), visit.signed_in.venue
        taken = {member.seat for member in state.members.values()}
        here = [one for one in state.members.values() if one.venue == reader.session.venue]
        return {
            "free": [(seat, seat) for seat in reader.seats if seat not in taken],
            "choices": [(one.id, f"{one.alias} {one.seat}") for one in here],
            "sealed": [one.alias for one in here if state.pause is not None and state.pause.is_barred(one.id)],
            "screens": {seat: service.screen_of(screens, venue, seat) is not None for seat in reader.seats},
        }

    return await office_page(visit, "desk.html", add)


@route("POST", "/cases/{case}/desk/open", only(Role.MAIN_STAFF), form=host_page)
async def open_desk(visit: Visit) -> web.Response:
    """Open check-in; from here the venues know what they host."""
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    services = visit.services
    await checking_in.open_desk(services.store, services.process, case_of(visit), visit.actor)
    return to_the_desk(visit)


@route("POST", "/cases/{case}/desk/match", DESK, body=ArrivalForm, form=desk_page)
async def match(visit: Visit, form: ArrivalForm) -> web.Response:
    """Hold an identity number against the sealed list: 相符 with the slip, or 不符 and nothing else."""
    arrival = Arrival(form.id_number.strip().upper(), form.seat, form.locker, form.second)

    await staffing.look(visit, lambda tx, _state, _reader: demand_second(tx, visit.actor, form.second))
    services = visit.services
    slip = await checking_in.match(services.store, services.process, case_of(visit), visit.actor, arrival)
    return show_slip(visit, slip)


@route("POST", "/cases/{case}/desk/reprint", DESK, body=MemberForm, form=desk_page)
async def reprint(visit: Visit, form: MemberForm) -> web.Response:
    """Print a fresh seat code for somebody already matched here; the old one dies."""

    def print_again(tx: Tx, case: CaseId, actor: Actor) -> Slip:
        _demand_here(tx, case, actor, form.member)
        return checking_in.reprint(tx, case, actor, MemberId(form.member))

    slip = await staffing.act(visit, print_again)
    return show_slip(visit, slip)


@route("POST", "/cases/{case}/desk/reissue", DESK, body=ReissueForm, form=desk_page)
async def reissue(visit: Visit, form: ReissueForm) -> web.Response:
    """Allow a member, whose identity was checked anew by two, to set a new signing password."""

    def allow(tx: Tx, case: CaseId, actor: Actor) -> None:
        demand_second(tx, actor, form.second)
        _demand_here(tx, case, actor, form.member)
        enrolling.reissue(tx, case, actor, form.second, form.member)

    await staffing.act(visit, allow)
    return visit.done(_desk(visit))


def _demand_here(tx: Tx, case: CaseId, actor: Actor, member: str) -> None:
    found = tx.case(case).members.get(MemberId(member))
    if found is None or found.venue != actor.venue:
        raise NoSuchMember


def demand_second(tx: Tx, actor: Actor, name: str) -> None:
    """The second person is somebody with an account: staff of the same venue or the witness. Raises `SamePerson`."""
    found = service.find_account(tx.shelf(DEPLOYMENT, ACCOUNTS), name)
    is_here = found is not None and (found.venue == actor.venue or found.role is Role.WITNESS)
    if found is None or name == actor.who or found.role not in SECONDS or not is_here:
        raise checking_in.SamePerson


def _desk(visit: Visit) -> str:
    return f"/cases/{visit.request.match_info['case']}/desk"


def show_slip(visit: Visit, slip: Slip | None) -> web.Response:
    """The answer of the desk: a slip to print, or 不符."""
    told = {"match": True, "member": slip.member, "seat": slip.seat, "code": slip.code} if slip else {"match": False}
    return answer(visit, "slip.html", told, {"back": _desk(visit)})

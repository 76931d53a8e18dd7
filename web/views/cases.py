"""A case from its tender package to the opening of bids, and what everybody of the case may see of it."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import applying, venue_draw
from conduct.ports import Json, Tx
from evaluation.case import CaseId
from identity.roles import AT_A_SEAT, Role
from signing.canonical import short_code
from web import staffing
from web.packages import taken
from web.policy import PACKAGES, PAPERS, Access, only, route
from web.rooms import state_of
from web.visit import Visit, as_json

AGENT = only(Role.AGENT)
OF_A_CASE = Access(
    frozenset(
        {
            Role.AGENT, Role.MAIN_STAFF, Role.SUB_STAFF, Role.CHECKIN, Role.SUPERVISOR, Role.WITNESS, Role.ARCHIVIST,
            Role.AUDIT_ADMIN, Role.MEMBER, Role.LEADER,
        }
    )
)  # fmt: skip

VERDICTS = {0: "sound", 3: "sound_as_far_as_checked"}
Count = Annotated[int, Meta(ge=0, le=99)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class NewCase(Struct, forbid_unknown_fields=True):
    """The tender package (招标包) and the rule profile."""

    package: bytes
    profile: str


class Application(Struct, forbid_unknown_fields=True):
    """The application for remote evaluation; a start without a zone is Beijing time."""

    experts: Count
    representatives: Count
    start: datetime
    days: Annotated[int, Meta(ge=1, le=30)] = 1
    overnight: bool = False
    avoid_units: tuple[Text, ...] = ()


class Representative(Struct, forbid_unknown_fields=True):
    """The tenderer's representative with the letter of authorisation (授权委托书, PDF)."""

    name: Text
    id_number: Text
    letter: bytes


class Seats(Struct, forbid_unknown_fields=True):
    """Seats of the main venue."""

    seats: Annotated[tuple[str, ...], Meta(min_length=1)]


class Opening(Struct, forbid_unknown_fields=True):
    """The opening package (开标包)."""

    package: bytes


@route("POST", "/cases", AGENT, body=NewCase, rate=PACKAGES)
async def create(visit: Visit, form: NewCase) -> web.Response:
    """Create a case from its tender package under a rule profile."""
    package, actor = await taken(visit.services, form.package, "tender"), visit.actor
    case = await visit.services.store.act(lambda tx: applying.create(tx, actor, package, form.profile))
    return visit.done(f"/cases/{case}", {"case": case})


@route("POST", "/cases/{case}/application", AGENT, body=Application)
async def apply(visit: Visit, form: Application) -> web.Response:
    """Hand in the application for remote evaluation."""
    application = applying.Application(
        form.experts,
        form.representatives,
        staffing.utc_stamp(form.start),
        form.days,
        form.overnight,
        form.avoid_units,
    )
    await staffing.act(visit, lambda tx, case, actor: applying.apply(tx, case, actor, application))
    return done(visit)


@route("POST", "/cases/{case}/representatives", AGENT, body=Representative, rate=PAPERS)
async def authorise(visit: Visit, form: Representative) -> web.Response:
    """Name the tenderer's representative; name and identity number stay sealed until check-in."""
    if not form.letter.startswith(b"%PDF-"):
        raise LetterNotPdf
    await staffing.act(
        visit,
        lambda tx, case, actor: applying.authorise_representative(
            tx, case, actor, form.name, form.id_number, form.letter
        ),
    )
    return done(visit)


class LetterNotPdf(Exception):
    """The letter of authorisation is no PDF."""

    code = "letter.not_pdf"


@route("POST", "/cases/{case}/seats", only(Role.MAIN_STAFF), body=Seats)
async def hold_seats(visit: Visit, form: Seats) -> web.Response:
    """Hold seats of the main venue for the case."""
    await staffing.act(visit, lambda tx, case, actor: venue_draw.hold(tx, case, actor, form.seats))
    return done(visit)


@route("POST", "/cases/{case}/opening", AGENT, body=Opening, rate=PACKAGES)
async def open_bids(visit: Visit, form: Opening) -> web.Response:
    """Take the opening package over; the drawn members are screened against the bidders at once."""
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    package = await taken(visit.services, form.package, "opening")
    await staffing.act(visit, lambda tx, case, actor: applying.open_bids(tx, case, actor, package))
    return done(visit)


@route("GET", "/cases/{case}", OF_A_CASE)
async def show(visit: Visit) -> web.Response:
    """Everything this role may see of the case at this moment."""
    case = CaseId(visit.request.match_info["case"])
    if visit.signed_in.role in AT_A_SEAT and not visit.wants_json:
        return visit.done(f"/cases/{case}/me")
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    view = await state_of(visit.services, visit.signed_in, case)
    bag = await visit.services.store.read(lambda tx: bag_of(tx, case)) if view["state"] == "closed" else {}
    return as_json(view | ({"bag": bag} if bag else {}))


def bag_of(tx: Tx, case: CaseId) -> Json:
    """The sealed bag of a closed case: its 校验码, where it is fetched, what the second process said; {} before."""
    kept = tx.shelf(case, "bag").get("verdict")
    if kept is None:
        return {}
    return {
        "code": short_code(bytes.fromhex(kept["check_code"])),
        "digest": kept["check_code"],
        "path": f"/cases/{case}/bag",
        "verdict": VERDICTS.get(kept["status"], "wrong"),
        "findings": kept["findings"],
        "unchecked": kept["unchecked"],
    }


def done(visit: Visit) -> web.Response:
    """Back to the case."""
    return visit.done(f"/cases/{visit.request.match_info['case']}", {"case": visit.request.match_info["case"]})

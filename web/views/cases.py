"""A case from its tender package to the opening of bids, and what everybody of the case may see of it."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import applying, venue_draw
from conduct.ports import Json, Tx
from evaluation.case import Case, CaseId
from evaluation.profiles import NAMES, load_profile
from identity.roles import AT_A_SEAT, Role
from signing.canonical import short_code
from web import staffing
from web.office_pages import office_page
from web.packages import taken
from web.pages import page
from web.policy import PACKAGES, PAPERS, Access, only, route
from web.visibility import Reader
from web.visit import Visit

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


@route("GET", "/cases/new", AGENT)
async def new_case(visit: Visit) -> web.Response:
    """The form for a new case: the tender package and the rule profile."""
    profiles = [(name, load_profile(name).title) for name in sorted(NAMES)]
    return page(visit, "new_case.html", {"profiles": profiles})


@route("POST", "/cases", AGENT, body=NewCase, rate=PACKAGES, form=new_case)
async def create(visit: Visit, form: NewCase) -> web.Response:
    """Create a case from its tender package under a rule profile."""
    package, actor = await taken(visit.services, form.package, "tender"), visit.actor
    case = await visit.services.store.act(lambda tx: applying.create(tx, actor, package, form.profile))
    return visit.done(f"/cases/{case}", {"case": case})


@route("GET", "/cases/{case}/application", AGENT)
async def application_page(visit: Visit) -> web.Response:
    """The form of the application."""
    return await office_page(visit, "application.html")


@route("POST", "/cases/{case}/application", AGENT, body=Application, form=application_page)
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


@route("GET", "/cases/{case}/representatives", AGENT)
async def representative_page(visit: Visit) -> web.Response:
    """The form for the tenderer's representative."""
    return await office_page(visit, "representative.html")


@route("POST", "/cases/{case}/representatives", AGENT, body=Representative, rate=PAPERS, form=representative_page)
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


@route("GET", "/cases/{case}/seats", only(Role.MAIN_STAFF))
async def seats_page(visit: Visit) -> web.Response:
    """The free seats of this venue, to be held."""

    def free(tx: Tx, state: Case, reader: Reader) -> Json:
        return {"free_seats": list(venue_draw.free_seats(tx, state.id, reader.session.venue))}

    return await office_page(visit, "hold_seats.html", free)


@route("POST", "/cases/{case}/seats", only(Role.MAIN_STAFF), body=Seats, form=seats_page)
async def hold_seats(visit: Visit, form: Seats) -> web.Response:
    """Hold seats of the main venue for the case."""
    await staffing.act(visit, lambda tx, case, actor: venue_draw.hold(tx, case, actor, form.seats))
    return done(visit)


@route("GET", "/cases/{case}/opening", AGENT)
async def opening_page(visit: Visit) -> web.Response:
    """The form for the opening package."""
    return await office_page(visit, "opening.html")


@route("POST", "/cases/{case}/opening", AGENT, body=Opening, rate=PACKAGES, form=opening_page)
async def open_bids(visit: Visit, form: Opening) -> web.Response:
    """Take the opening package over; the drawn members are screened against the bidders at once."""
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    package = await taken(visit.services, form.package, "opening")
    await staffing.act(visit, lambda tx, case, actor: applying.open_bids(tx, case, actor, package))
    return done(visit)


@route("GET", "/cases/{case}", OF_A_CASE)
async def show(visit: Visit) -> web.Response:
    """Everything this role may see of the case at this moment."""
    if visit.signed_in.role in AT_A_SEAT and not visit.wants_json:
        return visit.done(f"/cases/{visit.request.match_info['case']}/me")
    if visit.signed_in.role is Role.AUDIT_ADMIN and not visit.wants_json:
        return visit.done(f"/cases/{visit.request.match_info['case']}/log")

    def sealed_bag(tx: Tx, state: Case, _reader: Reader) -> Json:
        found = bag_of(tx, state.id) if state.closed_at else {}
        return {"bag": found} if found else {}

    return await office_page(visit, "case.html", sealed_bag)


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

"""A case from its tender package to the opening of bids, and what everybody of the case may see of it."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import applying, linking, receiving, venue_draw
from conduct.ports import Actor, Json, Tx
from conduct.receiving import place_of
from conduct.rulebook import profile_of
from evaluation.case import Case, CaseId
from evaluation.deadlines import after_closing
from evaluation.profiles import NAMES, load_profile
from identity.roles import AT_A_SEAT, Role
from signing.canonical import short_code
from web import staffing
from web.acting import case_of
from web.office_pages import office_page
from web.packages import Accepted, Incoming, file_words, hand_in, shown
from web.pages import BEIJING, page
from web.policy import PACKAGES, PAPERS, Access, only, route
from web.steps import opened_first
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
    """The form for a new case, and the tender package that waits to be taken over."""
    profiles = [(name, load_profile(name).title) for name in NAMES]
    told = await visit.services.store.read(lambda tx: shown(visit, tx, place_of("tender", visit.actor)))
    title = dict(profiles).get(told["waiting"]["beside"].get("profile", ""), "") if told["waiting"] else ""
    return page(visit, "new_case.html", told | file_words(visit) | {"profiles": profiles, "profile_title": title})


@route("POST", "/cases/new", AGENT, body=NewCase, rate=PACKAGES, form=new_case)
async def hand_in_tender(visit: Visit, form: NewCase) -> web.Response:
    """Check a tender package under a rule profile and let it wait to be looked at; no case is created."""
    actor, profile = visit.actor, form.profile
    package = await hand_in(
        visit,
        Incoming(form.package, "tender", place_of("tender", actor), {"profile": profile}),
        lambda tx, package: applying.create(tx, actor, package, profile),
    )
    return visit.done("/cases/new", {"package": package})


@route("POST", "/cases/new/accept", AGENT, body=Accepted, form=new_case)
async def create(visit: Visit, form: Accepted) -> web.Response:
    """Create a case from the tender package that waits."""
    actor = visit.actor

    def run(tx: Tx) -> CaseId:
        package, beside = receiving.take(tx, place_of("tender", actor), form.package)
        return applying.create(tx, actor, package, beside["profile"])

    case = await visit.services.store.act(run)
    return visit.done(f"/cases/{case}", {"case": case})


@route("POST", "/cases/new/discard", AGENT, form=new_case)
async def discard_tender(visit: Visit) -> web.Response:
    """Forget the tender package that waits."""
    actor = visit.actor
    await visit.services.store.act(lambda tx: receiving.discard(tx, place_of("tender", actor)))
    return visit.done("/cases/new")


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
    """The form for the opening package, and the one that waits to be taken over."""

    def waits(tx: Tx, state: Case, _reader: Reader) -> Json:
        before = {
            "opened_before": linking.has_opening(tx, state.id),
            "opened_first": opened_first(profile_of(tx, state.id)),
        }
        return before | shown(visit, tx, place_of("opening", visit.actor, state.id))

    return await office_page(visit, "opening.html", waits, file_words(visit))


@route("POST", "/cases/{case}/opening", AGENT, body=Opening, rate=PACKAGES, form=opening_page)
async def hand_in_opening(visit: Visit, form: Opening) -> web.Response:
    """Check an opening package and let it wait to be looked at; the case stays as it was."""
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    case, actor = case_of(visit), visit.actor
    package = await hand_in(
        visit,
        Incoming(form.package, "opening", place_of("opening", actor, case)),
        lambda tx, package: applying.open_bids(tx, case, actor, package),
    )
    return visit.done(f"/cases/{case}/opening", {"package": package})


@route("POST", "/cases/{case}/opening/accept", AGENT, body=Accepted, form=opening_page)
async def accept_opening(visit: Visit, form: Accepted) -> web.Response:
    """Take the opening package over; the drawn members are screened against the bidders at once."""

    def run(tx: Tx, case: CaseId, actor: Actor) -> None:
        package, _ = receiving.take(tx, place_of("opening", actor, case), form.package)
        applying.open_bids(tx, case, actor, package)

    await staffing.act(visit, run)
    return done(visit)


@route("POST", "/cases/{case}/opening/discard", AGENT, form=opening_page)
async def discard_opening(visit: Visit) -> web.Response:
    """Forget the opening package that waits."""
    await staffing.act(visit, lambda tx, case, actor: receiving.discard(tx, place_of("opening", actor, case)))
    return visit.done(f"/cases/{case_of(visit)}/opening")


@route("GET", "/cases/{case}", OF_A_CASE)
async def show(visit: Visit) -> web.Response:
    """Everything this role may see of the case at this moment."""
    if visit.signed_in.role in AT_A_SEAT and not visit.wants_json:
        return visit.done(f"/cases/{visit.request.match_info['case']}/me")
    if visit.signed_in.role is Role.AUDIT_ADMIN and not visit.wants_json:
        return visit.done(f"/cases/{visit.request.match_info['case']}/log")

    def once_closed(tx: Tx, state: Case, _reader: Reader) -> Json:
        if not state.closed_at:
            return {}
        found = bag_of(tx, state.id)
        return {"deadlines": deadlines_of(tx, state)} | ({"bag": found} if found else {})

    return await office_page(visit, "case.html", once_closed)


def deadlines_of(tx: Tx, state: Case) -> list[Json]:
    """What others owe after the close, by day: publication and award are theirs and happen outside (R-26, R-27).

    A case that ended without a report has no result to publish.
    """
    if state.ending is not None:
        return []
    closed = datetime.fromisoformat(state.closed_at).astimezone(BEIJING).date()
    owed = after_closing(closed, profile_of(tx, state.id).rules.after)
    return [{"act": one.act, "day": one.day.isoformat()} for one in owed]


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

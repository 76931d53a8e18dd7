"""重新评审: the agent asks that the original committee evaluates a closed case again; the supervisor agrees."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct, field

from conduct import reevaluating
from conduct.ports import Json, Tx
from conduct.reevaluating import Asked
from conduct.rulebook import criteria_of
from evaluation.case import Case, State
from evaluation.reevaluation import GROUNDS, OCCASIONS, Ground, Occasion
from identity.roles import Role
from web import staffing
from web.acting import case_of
from web.again import told_of
from web.office_pages import office_page
from web.office_words import AGAIN_GROUNDS, AGAIN_OCCASIONS, in_words
from web.policy import PAPERS, only, route
from web.visibility import Reader
from web.visit import Visit

INVOLVED = only(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.ARCHIVIST)


class PaperNotPdf(Exception):
    """The supervisor's paper is no PDF."""

    code = "reevaluation.not_pdf"


class Request(Struct, forbid_unknown_fields=True):
    """Why the committee is to evaluate again, what, and when; a start without a zone is Beijing time."""

    occasion: Occasion
    ground: Ground
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
    start: datetime
    bids: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)


class Paper(Struct, forbid_unknown_fields=True):
    """The paper with which the supervisor agrees (PDF)."""

    paper: bytes


@route("GET", "/cases/{case}/reevaluation", INVOLVED)
async def reevaluation_page(visit: Visit) -> web.Response:
    """Of a closed case: the form, or what follows it. Of a re-evaluation: what was asked, and the answer."""

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        may_ask = reader.role is Role.AGENT and reevaluating.may_ask(tx, state.id)
        told: Json = {
            "may_ask": may_ask,
            "again": told_of(tx, state),
            "followers": reevaluating.followers(tx, state.id),
        }
        told["may_agree"] = reader.role is Role.SUPERVISOR and state.state is State.SEATS_HELD
        if may_ask:
            told["valid"] = [(bid, state.bids[bid].name) for bid in state.valid_bids]
            told["scored"] = [(one.item.id, f"{one.item.id} {one.name}") for one in criteria_of(tx, state.id).items]
        return told

    occasions, grounds = (in_words(table, visit.language) for table in (AGAIN_OCCASIONS, AGAIN_GROUNDS))
    beside = {
        "occasions": [(one, occasions[one]) for one in OCCASIONS],
        "grounds": [(one, grounds[one]) for one in GROUNDS],
    }
    return await office_page(visit, "reevaluation.html", add, beside)


@route("POST", "/cases/{case}/reevaluation", only(Role.AGENT), body=Request, form=reevaluation_page)
async def ask(visit: Visit, form: Request) -> web.Response:
    """Create the case in which the original committee is to evaluate again."""
    start = staffing.utc_stamp(form.start)
    asked = Asked(form.occasion, form.ground, form.reason, tuple(form.bids), tuple(form.items), start)
    made = await staffing.act(visit, lambda tx, case, actor: reevaluating.ask(tx, case, actor, asked))
    return visit.done(f"/cases/{made}/reevaluation", {"case": made})


@route(
    "POST",
    "/cases/{case}/reevaluation/authorise",
    only(Role.SUPERVISOR),
    body=Paper,
    rate=PAPERS,
    form=reevaluation_page,
)
async def authorise(visit: Visit, form: Paper) -> web.Response:
    """Let the original committee evaluate again: bids are taken over, seats booked, the committee recalled."""
    if not form.paper.startswith(b"%PDF-"):
        raise PaperNotPdf
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    case = case_of(visit)
    await reevaluating.authorise(visit.services.store, case, visit.actor, form.paper)
    return visit.done(f"/cases/{case}/reevaluation")

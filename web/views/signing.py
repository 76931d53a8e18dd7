"""The signing password, what is read back, the signature, its receipts: for members at their seats and the witness."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from msgspec import Struct

from conduct import pledging, reviewing, scoring
from conduct.ports import Actor, Json, Tx
from conduct.reviewing import StageNotOpen
from evaluation.case import CaseId, MemberId
from identity.roles import AT_A_SEAT, Role
from web import signing_flow
from web.acting import case_of
from web.admission import NotAllowed
from web.pledge import pledge_text
from web.policy import LOGIN, only, route
from web.signing_flow import Stated
from web.visit import Visit

SIGNERS = only(Role.MEMBER, Role.LEADER, Role.WITNESS)


class SigningPassword(Struct, forbid_unknown_fields=True):
    """Six digits, typed twice."""

    password: str
    again: str


class Preparation(Struct, forbid_unknown_fields=True):
    """What some purposes need: the report's outcome with its opinion, the text of the witness's statement."""

    outcome: Literal["signed", "dissent", "refused"] = "signed"
    opinion: str = ""
    text: str = ""


class Release(Struct, forbid_unknown_fields=True):
    """The batch that was read back and the password that releases it."""

    batch: str
    password: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Who prepares what."""

    tx: Tx
    case: CaseId
    actor: Actor
    given: Preparation


def _pledge(ask: Ask) -> Stated:
    return Stated([("pledge.signed", pledging.body(ask.tx, ask.case, ask.actor, pledge_text()))])


def _prelim(ask: Ask) -> Stated:
    return Stated([("prelim.signed", reviewing.body(ask.tx, ask.case, ask.actor))])


def _sheets(ask: Ask) -> Stated:
    return Stated([("sheet.signed", body) for body in scoring.bodies(ask.tx, ask.case, ask.actor)])


def _report(ask: Ask) -> Stated:
    body = _report_body(ask)
    return Stated([("report.signed", body)], body["report"])


def _report_body(ask: Ask) -> Json:
    state = ask.tx.case(ask.case)
    if state.report is None:
        raise StageNotOpen
    alias = state.members[MemberId(ask.actor.who)].alias
    given = {"outcome": ask.given.outcome, "opinion": ask.given.opinion.strip()}
    return {"member": ask.actor.who, "alias": alias, "report": state.report.sha256} | given


def _statement(ask: Ask) -> Stated:
    return Stated([("witness.stated", {"by": ask.actor.as_by(), "text": ask.given.text.strip()})])


MEMBERS = {"pledge": _pledge, "prelim": _prelim, "score-sheet": _sheets, "report": _report}
WITNESSES = {"statement": _statement}


def _maker(visit: Visit) -> tuple[str, Callable[[Ask], Stated]]:
    """The purpose of this address and what makes it. Raises `NotAllowed` for a purpose that is not this role's."""
    purpose = visit.request.match_info["purpose"]
    makers = MEMBERS if visit.signed_in.role in AT_A_SEAT else WITNESSES
    if purpose not in makers:
        raise NotAllowed
    return purpose, makers[purpose]


@route("POST", "/cases/{case}/enrol", SIGNERS, body=SigningPassword, rate=LOGIN)
async def enrol(visit: Visit, form: SigningPassword) -> web.Response:
    """Set the signing password: a key and a certificate are made for this case; again only on the desk's word."""
    await signing_flow.enrol(visit, form.password, form.again)
    return visit.done(f"/cases/{case_of(visit)}/me")


@route("POST", "/cases/{case}/prepare/{purpose}", SIGNERS, body=Preparation)
async def prepare(visit: Visit, given: Preparation) -> web.Response:
    """Fix the bytes to be signed (pledge, prelim, score-sheet, report; statement of a witness) and read them back."""
    purpose, make = _maker(visit)
    batch = await signing_flow.prepare(visit, purpose, lambda tx, case, who: make(Ask(tx, case, who, given)))
    return visit.done(f"/cases/{case_of(visit)}/sign/{purpose}", signing_flow.answer_of(batch))


@route("POST", "/cases/{case}/sign/{purpose}", SIGNERS, body=Release, rate=LOGIN)
async def sign(visit: Visit, form: Release) -> web.Response:
    """Release a prepared batch with the signing password; the receipts come back at once."""
    purpose, _ = _maker(visit)
    receipts = await signing_flow.sign(visit, purpose, form.batch, form.password)
    return visit.done(f"/cases/{case_of(visit)}/receipts", {"receipts": receipts})

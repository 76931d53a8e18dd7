"""The signing password, what is read back, the signature, its receipts: for members at their seats and the witness."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import (
    blinding,
    consenting,
    deciding,
    judging_scores,
    other_software,
    pledging,
    reporting,
    reviewing,
    scoring,
)
from conduct.ports import Actor, Json, Tx
from conduct.security_keys import is_needed
from evaluation.case import CaseId
from identity.roles import AT_A_SEAT, Role
from web import signing_flow
from web.acting import AT_THEIR_SEAT, case_of
from web.admission import NotAllowed
from web.drafts import demand_saved
from web.member_state import silent_members
from web.pledge import pledge_text
from web.policy import LOGIN, only, route
from web.read_back import read_back
from web.receipts import own_receipts, signed_by_both
from web.seat_pages import seat_page
from web.signing_flow import Chosen, Stated
from web.views.member import pledge_page
from web.views.motion import motions_page
from web.views.review import findings_page
from web.views.scoring import scores_page
from web.views.watching import watch_page
from web.visit import Visit
from web.words import CHOICES, GROUNDS, OUTCOMES, in_language

SIGNERS = only(Role.MEMBER, Role.LEADER, Role.WITNESS)


Paper = Annotated[str, Meta(max_length=4000)]


KeyAnswer = Annotated[str, Meta(max_length=6000)]


class SigningPassword(Struct, forbid_unknown_fields=True):
    """Six digits, typed twice, or an account at the provider that keeps members' keys (docs/csc-client.md).

    `security_key` is what the browser says of a new one, where the rules want it.
    """

    password: str = ""
    again: str = ""
    account: Annotated[str, Meta(max_length=200)] = ""
    security_key: KeyAnswer = ""


class Preparation(Struct, forbid_unknown_fields=True):
    """What some purposes need: outcome and opinion on the report, a vote with its reason, a text, who is silent.

    A page with drafts says how many of them are `unsaved` and how many `saves` it has seen.
    """

    outcome: Literal["signed", "dissent", "refused"] = "signed"
    opinion: Paper = ""
    choice: Literal["", "yes", "no"] = ""
    reason: Paper = ""
    text: Paper = ""
    member: Annotated[str, Meta(max_length=20)] = ""
    bid: Annotated[str, Meta(max_length=60)] = ""
    group: Annotated[str, Meta(max_length=60)] = ""
    unsaved: Annotated[int, Meta(ge=0)] = 0
    saves: Annotated[int, Meta(ge=0)] | None = None


class Release(Struct, forbid_unknown_fields=True):
    """The batch that was read back, the password that releases it, what the security key said where one is needed."""

    batch: str
    password: str
    security_key: KeyAnswer = ""


class Question(Struct, forbid_unknown_fields=True):
    """The batch that a security key is asked about."""

    batch: str = ""


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
    demand_saved(ask.given.unsaved, ask.given.saves, reviewing.saves(ask.tx, ask.case, ask.actor))
    return Stated([("prelim.signed", reviewing.body(ask.tx, ask.case, ask.actor))])


def _sheets(ask: Ask) -> Stated:
    demand_saved(ask.given.unsaved, ask.given.saves, scoring.saves(ask.tx, ask.case, ask.actor))
    return Stated([("sheet.signed", body) for body in scoring.bodies(ask.tx, ask.case, ask.actor)])


def _report(ask: Ask) -> Stated:
    given = ask.given
    body = reporting.signature_body(ask.tx, ask.case, ask.actor, given.outcome, given.opinion)
    return Stated([("report.signed", body)], reporting.released_with(body))


def _vote(ask: Ask) -> Stated:
    given = ask.given
    return Stated([("vote.signed", deciding.vote_body(ask.tx, ask.case, ask.actor, given.choice, given.reason))])


def _consent(ask: Ask) -> Stated:
    return Stated([("consent.stated", consenting.body(ask.tx, ask.case, ask.actor, ask.given.member))])


def _countersign(ask: Ask) -> Stated:
    return Stated([("consent.witnessed", consenting.witness_body(ask.tx, ask.case, ask.actor, ask.given.member))])


def _statement(ask: Ask) -> Stated:
    return Stated([("witness.stated", {"by": ask.actor.as_by(), "text": ask.given.text.strip()})])


def _note(ask: Ask) -> Stated:
    figure = (ask.given.member, ask.given.bid, ask.given.group)
    return Stated([("score.replaced", judging_scores.note_body(ask.tx, ask.case, ask.actor, figure))])


MEMBERS = {"pledge": _pledge, "prelim": _prelim, "vote": _vote, "score-sheet": _sheets, "report": _report}
MEMBERS |= {"consent": _consent, "note": _note}
WITNESSES = {"statement": _statement, "consent": _countersign}


def _maker(visit: Visit) -> tuple[str, Callable[[Ask], Stated]]:
    """The purpose of this address and what makes it. Raises `NotAllowed` for a purpose that is not this role's."""
    purpose = visit.request.match_info["purpose"]
    makers = MEMBERS if visit.signed_in.role in AT_A_SEAT else WITNESSES
    if purpose not in makers:
        raise NotAllowed
    return purpose, makers[purpose]


def _page_after(visit: Visit, page: str) -> str:
    """A member's next page; the witness does all of it at the own desk."""
    return f"/cases/{case_of(visit)}/{'watch' if visit.signed_in.role is Role.WITNESS else page}"


@route("GET", "/cases/{case}/enrol", AT_THEIR_SEAT)
async def enrol_page(visit: Visit) -> web.StreamResponse:
    """Set the signing password."""
    if visit.signed_in.role is Role.WITNESS:
        return await watch_page(visit)
    return await seat_page(
        visit,
        "enrol.html",
        lambda tx, case, _: {
            "key_needed": is_needed(tx, case),
            "elsewhere": signing_flow.is_elsewhere(visit, tx, case),
            "kept_here": signing_flow.is_kept_here(visit, tx, case),
        },
    )


@route("GET", "/cases/{case}/sign/{purpose}", AT_THEIR_SEAT)
async def read_back_page(visit: Visit) -> web.StreamResponse:
    """What was prepared, read back from the very bytes, with the code and the field for the password."""
    if visit.signed_in.role is Role.WITNESS:
        return await watch_page(visit)
    purpose, _ = _maker(visit)

    def add(tx: Tx, case: CaseId, actor: Actor) -> Json:
        bids = {bid.id: bid.name for bid in blinding.seen(tx, case, actor.who).bids.values()}
        tables = {"grounds": GROUNDS, "outcomes": OUTCOMES, "choices": CHOICES}
        words = {name: in_language(table, visit.language) for name, table in tables.items()}
        return {"names": bids, **words, **read_back(tx, case, actor, purpose)}

    return await seat_page(visit, "sign.html", add)


@route("GET", "/cases/{case}/receipts", AT_THEIR_SEAT)
async def receipts_page(visit: Visit) -> web.Response:
    """The receipts of everything this member has signed, with the files of its signatures where a case has two each."""
    files = await asyncio.to_thread(visit.services.store.signature_endings, case_of(visit))
    return await seat_page(
        visit,
        "receipts.html",
        lambda tx, case, actor: {
            "receipts": own_receipts(tx, case, actor, visit.language),
            "files": signed_by_both(files, visit.language),
            "has_software_key": other_software.has_key(tx, case, actor.who),
        },
    )


@route("GET", "/cases/{case}/report", AT_THEIR_SEAT)
async def report_page(visit: Visit) -> web.Response:
    """The report, and the three ways to sign it."""
    outcomes = in_language(OUTCOMES, visit.language)
    return await seat_page(
        visit, "report.html", lambda tx, case, actor: {"outcomes": outcomes, "silent": silent_members(tx, case, actor)}
    )


@route("POST", "/cases/{case}/enrol", SIGNERS, body=SigningPassword, rate=LOGIN, form=enrol_page)
async def enrol(visit: Visit, form: SigningPassword) -> web.Response:
    """Set the signing password: a key and a certificate are made for this case; again only on the desk's word."""
    await signing_flow.enrol(visit, Chosen(form.password, form.again, form.account, form.security_key))
    return visit.done(_page_after(visit, "me"))


@route("POST", "/cases/{case}/enrol/key", SIGNERS, body=Question, rate=LOGIN)
async def offer_key(visit: Visit, _: Question) -> web.Response:
    """What the browser is given to register a security key (WebAuthn creation options as JSON)."""
    return visit.done(_page_after(visit, "enrol"), await signing_flow.offer_security_key(visit))


@route("POST", "/cases/{case}/sign/{purpose}/key", SIGNERS, body=Question, rate=LOGIN)
async def ask_key(visit: Visit, question: Question) -> web.Response:
    """授权: what the browser asks the security key about a prepared batch (WebAuthn request options as JSON)."""
    purpose, _ = _maker(visit)
    told = await signing_flow.ask_security_key(visit, purpose, question.batch)
    return visit.done(_page_after(visit, f"sign/{purpose}"), told)


async def _filled_in(visit: Visit) -> web.StreamResponse:
    """The page on which what is refused was filled in."""
    pages = {"pledge": pledge_page, "prelim": findings_page, "score-sheet": scores_page, "report": report_page}
    pages |= {"vote": motions_page, "note": motions_page, "consent": report_page}
    return await pages.get(_maker(visit)[0], watch_page)(visit)


@route("POST", "/cases/{case}/prepare/{purpose}", SIGNERS, body=Preparation, form=_filled_in)
async def prepare(visit: Visit, given: Preparation) -> web.Response:
    """Fix the bytes to be signed (pledge, prelim, score-sheet, report; statement of a witness) and read them back."""
    purpose, make = _maker(visit)
    batch = await signing_flow.prepare(visit, purpose, lambda tx, case, who: make(Ask(tx, case, who, given)))
    return visit.done(_page_after(visit, f"sign/{purpose}"), signing_flow.answer_of(batch))


@route("POST", "/cases/{case}/sign/{purpose}", SIGNERS, body=Release, rate=LOGIN, form=read_back_page)
async def sign(visit: Visit, form: Release) -> web.Response:
    """Release a prepared batch with the signing password; the receipts come back at once."""
    purpose, _ = _maker(visit)
    receipts = await signing_flow.sign(visit, purpose, form.batch, form.password, answer=form.security_key)
    return visit.done(_page_after(visit, "receipts"), {"receipts": receipts})

"""Preliminary review at a seat: findings saved one by one; the leader opens, asks for clarification and closes."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct, field

from conduct import blinding, clarifying, next_lot, reviewing
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Json, StaleRevision, Tx
from conduct.rulebook import criteria_of
from evaluation.case import CaseId
from evaluation.rollback import TARGETS
from identity.roles import Role
from web import member_state
from web.acting import AT_THEIR_SEAT, act, case_of
from web.deviation import deviation
from web.drafts import DRAFTS, Remark, StaleDraft
from web.member_state import leader_view
from web.papers import papers
from web.policy import route
from web.seat_pages import seat_page
from web.visit import Visit
from web.words import CLAUSE_TYPES, GROUNDS, RETURN_GROUNDS, in_language


class Finding(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A finding as far as it is typed; a pass has nothing beside it."""

    passed: bool = field(name="pass")
    ground: str = ""
    reason: Remark = ""
    page: int = 0


class SavedFinding(Struct, forbid_unknown_fields=True):
    """One cell of the review: which, what, and the revision it was typed over."""

    bid: str
    clause: str
    finding: Finding
    revision: int


class Question(Struct, forbid_unknown_fields=True):
    """A question to a bidder about pages of its bid."""

    bid: str
    pages: Annotated[str, Meta(max_length=200)]
    text: Remark


@route("GET", "/cases/{case}/findings", AT_THEIR_SEAT)
async def findings_page(visit: Visit) -> web.Response:
    """The bid beside the clauses, each found passed or failed."""

    def add(tx: Tx, case: CaseId, who: Actor) -> Json:
        grounds, types = in_language(GROUNDS, visit.language), in_language(CLAUSE_TYPES, visit.language)
        disputed = member_state.disputed(blinding.seen(tx, case, who.who), who.who)
        return {"grounds": grounds, "types": types, "disputed": disputed, **papers(tx, case, visit)}

    return await seat_page(visit, "findings.html", add)


@route("GET", "/cases/{case}/leader", AT_THEIR_SEAT)
async def leader_page(visit: Visit) -> web.Response:
    """The leader's panel: stages opened and closed, questions to bidders, candidates."""

    def add(tx: Tx, case: CaseId, who: Actor) -> Json:
        if who.role is not Role.LEADER:
            raise NotTheLeader
        state = blinding.seen(tx, case, who.who)
        names = {bid.id: bid.name for bid in state.bids.values()}
        clauses = {clause.id: clause.text for clause in criteria_of(tx, case).clauses}
        grounds = in_language(GROUNDS, visit.language)
        return {
            "names": names,
            "clauses": clauses,
            "grounds": grounds,
            "return_grounds": in_language(RETURN_GROUNDS, visit.language),
            "lead": leader_view(tx, case),
            **(deviation(tx, state) if state.candidates else {}),
            "given_back": bool(state.given_back),
            "rollback": state.rollback,
            "back_to": [name for name in TARGETS if name in state.stages and not state.stage_is_open(name)],
        }

    return await seat_page(visit, "leader.html", add)


@route("POST", "/cases/{case}/prelim/begin", AT_THEIR_SEAT, form=leader_page)
async def begin(visit: Visit) -> web.Response:
    """The leader ends the preparation and opens the preliminary review."""
    await act(visit, reviewing.begin)
    return visit.done(f"/cases/{case_of(visit)}/findings")


@route("POST", "/cases/{case}/lots/next", AT_THEIR_SEAT, form=leader_page)
async def open_next_lot(visit: Visit) -> web.Response:
    """The leader opens the next lot once every member has answered the report of the one before."""
    await act(visit, next_lot.open_next)
    return visit.done(f"/cases/{case_of(visit)}/me")


@route("POST", "/cases/{case}/findings", AT_THEIR_SEAT, body=SavedFinding, rate=DRAFTS)
async def save_finding(visit: Visit, cell: SavedFinding) -> web.Response:
    """Keep one finding as a draft; a stale revision is answered with what stands there."""

    def save(tx: Tx, case: CaseId, who: Actor) -> int:
        try:
            return reviewing.save(tx, case, who, (cell.bid, cell.clause), _written(cell.finding), cell.revision)
        except StaleRevision as stale:
            finding, revision = reviewing.drafts(tx, case, who.who).get((cell.bid, cell.clause), ({}, 0))
            raise StaleDraft({"finding": finding, "revision": revision}) from stale

    return visit.done(f"/cases/{case_of(visit)}/findings", {"revision": await act(visit, save)})


@route("POST", "/cases/{case}/prelim/again", AT_THEIR_SEAT, form=leader_page)
async def vote_again(visit: Visit) -> web.Response:
    """The leader opens the talk and the new vote on the clauses in dispute, where the profile wants unanimity first."""
    await act(visit, reviewing.vote_again)
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/prelim/close", AT_THEIR_SEAT, form=leader_page)
async def close(visit: Visit) -> web.Response:
    """The leader closes the preliminary review: rejections are stated, scoring opens."""
    await act(visit, reviewing.close)
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/clarifications", AT_THEIR_SEAT, body=Question, form=leader_page)
async def ask(visit: Visit, question: Question) -> web.Response:
    """The leader puts a written question to a bidder; leading words in it are named."""

    def send(tx: Tx, case: CaseId, who: Actor) -> Json:
        sent = clarifying.ask(tx, case, who, question.bid, question.pages, question.text)
        return {"id": sent.id, "warnings": list(sent.warnings)}

    return visit.done(f"/cases/{case_of(visit)}/leader", await act(visit, send))


@route("POST", "/cases/{case}/clarifications/{id}/confirm", AT_THEIR_SEAT)
async def confirm(visit: Visit) -> web.Response:
    """The leader takes an answer to the committee's file."""
    identifier = visit.request.match_info["id"]
    await act(visit, lambda tx, case, who: clarifying.confirm(tx, case, who, identifier))
    return visit.done(f"/cases/{case_of(visit)}/leader")


def _written(finding: Finding) -> Json:
    """A finding as the flow keeps it: nothing beside a pass, no blank beside a fail."""
    if finding.passed:
        return {"pass": True}
    said = {"ground": finding.ground, "reason": finding.reason.strip(), "page": finding.page}
    return {"pass": False, **{name: value for name, value in said.items() if value}}

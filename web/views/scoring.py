"""Scoring at a seat: cells saved one by one, the leader's close, each member's own self-check, the candidates."""

from typing import Literal

from aiohttp import web
from msgspec import Struct

from conduct import blinding, opening_codes, scoring, summing
from conduct.ports import Actor, Json, StaleRevision, Tx
from evaluation.case import BidId, CaseId
from web.acting import AT_THEIR_SEAT, act, case_of
from web.drafts import DRAFTS, Remark, StaleDraft
from web.figures import names_of
from web.papers import papers
from web.policy import route
from web.score_grid import grid
from web.seat_pages import seat_page
from web.views.review import leader_page
from web.visit import Visit


class SavedCell(Struct, forbid_unknown_fields=True):
    """One cell of the sheet as typed, and the revision it was typed over; a blank is no zero."""

    bid: str
    item: str
    field: Literal["score", "comment"]
    typed: Remark
    revision: int


class Decision(Struct, forbid_unknown_fields=True):
    """A member's answer to its own flag."""

    bid: str
    choice: Literal["kept", "change"]
    reason: Remark


@route("GET", "/cases/{case}/scores", AT_THEIR_SEAT)
async def scores_page(visit: Visit) -> web.Response:
    """The grid: items down, bids across, each cell saved by itself, beside the bids and the tender document."""

    def add(tx: Tx, case: CaseId, who: Actor) -> Json:
        return {**grid(tx, case, who), **papers(tx, case, visit)}

    return await seat_page(visit, "scores.html", add)


@route("GET", "/cases/{case}/selfcheck", AT_THEIR_SEAT)
async def selfcheck_page(visit: Visit) -> web.Response:
    """This member's own flags and the two equal answers to each."""

    def add(tx: Tx, case: CaseId, actor: Actor) -> Json:
        return {"names": names_of(blinding.seen(tx, case, actor.who))}

    return await seat_page(visit, "selfcheck.html", add)


@route("POST", "/cases/{case}/scores", AT_THEIR_SEAT, body=SavedCell, rate=DRAFTS)
async def save_score(visit: Visit, sent: SavedCell) -> web.Response:
    """Keep one cell as typed; a stale revision is answered with what stands there."""
    cell = scoring.Cell(BidId(sent.bid), sent.item, sent.field)

    def save(tx: Tx, case: CaseId, who: Actor) -> int:
        try:
            return scoring.save(tx, case, who, cell, sent.typed, sent.revision)
        except StaleRevision as stale:
            typed, revision = scoring.drafts(tx, case, who.who).get(cell, ("", 0))
            raise StaleDraft({"typed": typed, "revision": revision}) from stale

    return visit.done(f"/cases/{case_of(visit)}/scores", {"revision": await act(visit, save)})


@route("POST", "/cases/{case}/codes/open", AT_THEIR_SEAT, form=leader_page)
async def open_codes(visit: Visit) -> web.Response:
    """The leader ends the blind review: whose each code is, is opened, and the rest is scored by name."""
    await act(visit, opening_codes.open_codes)
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/scoring/close", AT_THEIR_SEAT)
async def close(visit: Visit) -> web.Response:
    """The leader closes the detailed review: the system reckons and checks at once."""
    await act(visit, summing.close_scoring)
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/selfcheck", AT_THEIR_SEAT, body=Decision, form=selfcheck_page)
async def answer_flag(visit: Visit, told: Decision) -> web.Response:
    """Keep a flagged score with a reason, or ask for the sheet back to change it."""
    await act(visit, lambda tx, case, who: summing.decide(tx, case, who, told.bid, told.choice, told.reason))
    return visit.done(f"/cases/{case_of(visit)}/me")


@route("POST", "/cases/{case}/candidates", AT_THEIR_SEAT)
async def recommend(visit: Visit) -> web.Response:
    """The leader closes the recheck: the candidates are named from the tally."""
    await act(visit, summing.recommend)
    return visit.done(f"/cases/{case_of(visit)}/leader")

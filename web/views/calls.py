"""Calls made by hand: the pool owner's operator opens one line, rings, enters what was said. Openings are stated."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import answering, hand_calls, tickets
from conduct.ports import Json, Tx, Waiting
from expert_pool.committee import Answer
from expert_pool.wording import call_text
from identity.roles import Role
from web.pages import page
from web.policy import only, route
from web.views.notices import ReasonCode, Ticket, reason_of, reasons_in
from web.views.pool import owner_of
from web.visit import Visit

OPERATOR = only(Role.POOL_OWNER)


class Line(Struct, forbid_unknown_fields=True):
    """Which line."""

    line: Annotated[int, Meta(ge=1)]


class Made(Struct, forbid_unknown_fields=True):
    """What became of a call that was made."""

    line: Annotated[int, Meta(ge=1)]
    answer: Literal["attend", "pending", "decline", "silent"]
    reason: ReasonCode | None = None


class RangBack(Struct, forbid_unknown_fields=True):
    """What somebody said who rang back, with the receipt number."""

    ticket: Ticket
    answer: Literal["attend", "pending", "decline", "leave"]
    reason: ReasonCode | None = None


@route("GET", "/calls", OPERATOR)
async def calls_page(visit: Visit) -> web.Response:
    """The calls to be made by hand: how many wait, and the one line that is open."""
    services, actor = visit.services, visit.actor

    def look(tx: Tx) -> Json:
        waiting, line = hand_calls.lines(tx, owner_of(tx, visit)), hand_calls.opened(tx, actor, owner_of(tx, visit))
        return {"lines": [{"id": one.id, "try": one.payload["try"]} for one in waiting], "open": _opened(line)}

    def _opened(line: Waiting | None) -> Json | None:
        if line is None:
            return None
        told = tickets.invitation(line.payload, services.origin, services.contact)
        words = {"phone": line.payload["phone"], "ticket": told.ticket, "try": line.payload["try"], "link": told.link}
        return {"id": line.id, **words, "text": call_text(told)[visit.language]}

    told = await services.store.read(look)
    return page(visit, "calls.html", told | {"reasons": reasons_in(visit.language), "by_hand": services.by_hand})


@route("POST", "/calls/open", OPERATOR, body=Line, form=calls_page)
async def open_call(visit: Visit, form: Line) -> web.Response:
    """Open one line; that is stated with the operator's name."""
    actor = visit.actor
    await visit.services.store.act(lambda tx: hand_calls.open_line(tx, actor, owner_of(tx, visit), form.line))
    return visit.done("/calls", {"line": form.line})


@route("POST", "/calls/made", OPERATOR, body=Made, form=calls_page)
async def call_made(visit: Visit, form: Made) -> web.Response:
    """The call of the open line was made, with this answer or none."""
    actor, said = visit.actor, hand_calls.Said(Answer(form.answer), reason_of(form.reason))
    await visit.services.store.act(lambda tx: hand_calls.made(tx, actor, owner_of(tx, visit), form.line, said))
    return visit.done("/calls", {"line": form.line})


@route("POST", "/calls/answer", OPERATOR, body=RangBack, form=calls_page)
async def rang_back(visit: Visit, form: RangBack) -> web.Response:
    """Somebody rang back: the answer by the receipt number."""
    given, reason = Answer(form.answer), reason_of(form.reason)
    stands = await visit.services.store.act(lambda tx: answering.answer(tx, form.ticket, given, reason))
    return visit.done("/calls", {"ticket": form.ticket, "answer": str(stands)})

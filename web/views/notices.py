"""Answers to notices: from the provider of calls and messages, and from an expert's own one-time link.

Whoever calls here knows a receipt number or a link; nothing of a case is in any answer.
"""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import answering, tickets
from conduct.ports import Json, Tx
from expert_pool.committee import Answer
from expert_pool.reason import Reason
from expert_pool.replies import MOST_CHARACTERS
from expert_pool.wording import length_of
from web.i18n import Language, _, say
from web.pages import page
from web.policy import ANYBODY, LOGIN, THE_PROVIDER, route
from web.visit import Visit, as_json

Ticket = Annotated[str, Meta(pattern="^[0-9]{6}$")]
REASONS = {
    Reason.ILLNESS: _("身体原因"),
    Reason.TRAVEL: _("出差或在外地"),
    Reason.WORK: _("工作安排"),
    Reason.RECUSAL: _("需要回避"),
    Reason.OTHER: _("其他原因"),
}
STANDING = {
    "": _("还没有答复"),
    "attend": _("参加"),
    "pending": _("待定"),
    "decline": _("不参加"),
    "leave": _("请假"),
    "silent": _("没有答复，名额已另行通知"),
}
ReasonCode = Literal["illness", "travel", "work", "recusal", "other"]


class Pressed(Struct, forbid_unknown_fields=True):
    """What somebody pressed on the telephone, and why, where that was asked."""

    answer: Literal["attend", "pending", "decline", "leave"]
    reason: ReasonCode | None = None


class ShortMessage(Struct, forbid_unknown_fields=True):
    """A message as it came in, and the receipt numbers that were sent to the telephone it came from."""

    text: Annotated[str, Meta(max_length=MOST_CHARACTERS)]
    tickets: Annotated[tuple[Ticket, ...], Meta(max_length=20)] = ()


@route("POST", "/notices/texts", THE_PROVIDER, body=ShortMessage)
async def take_message(visit: Visit, form: ShortMessage) -> web.Response:
    """A short message that an expert sent; the answer is what to send back, in both languages."""
    heard = await visit.services.store.act(lambda tx: answering.hear(tx, form.text, form.tickets))
    return as_json({"taken": heard.is_answer, "reply": heard.reply})


@route("POST", "/notices/{ticket}", THE_PROVIDER, body=Pressed)
async def take_answer(visit: Visit, form: Pressed) -> web.Response:
    """The answer to a call, by its receipt number; the same again is taken as said."""
    ticket = visit.request.match_info["ticket"]
    stands = await visit.services.store.act(
        lambda tx: answering.answer(tx, ticket, Answer(form.answer), reason_of(form.reason))
    )
    return as_json({"ticket": ticket, "answer": str(stands)})


@route("GET", "/n/{token}", ANYBODY)
async def notice_page(visit: Visit) -> web.Response:
    """What the notice says, and the buttons to answer it; nothing of the case."""
    link = visit.request.match_info["token"]
    told = await visit.services.store.read(lambda tx: _view(tx, link, visit.language))
    return page(visit, "notice.html", told | {"contact": visit.services.contact})


@route("POST", "/n/{token}", ANYBODY, body=Pressed, rate=LOGIN, form=notice_page)
async def answer_notice(visit: Visit, form: Pressed) -> web.Response:
    """Answer a notice by its link; the same again is taken as said."""
    link = visit.request.match_info["token"]
    reason = reason_of(form.reason)
    stands = await visit.services.store.act(lambda tx: answering.answer_by_link(tx, link, Answer(form.answer), reason))
    return visit.done(f"/n/{link}", {"answer": str(stands)})


def reason_of(code: str | None) -> Reason | None:
    """The reason, where one was given."""
    return Reason(code) if code else None


def reasons_in(language: Language) -> list[tuple[str, str]]:
    """The reasons to choose from."""
    return [(str(reason), say(language, word)) for reason, word in REASONS.items()]


def _view(tx: Tx, link: str, language: Language) -> Json:
    ticket = tickets.of_link(tx, link)
    standing = answering.standing(tx, ticket)
    return {
        "ticket": ticket.number,
        "start": ticket.told["start"],
        "venue": ticket.told["venue"],
        "length": length_of(ticket.told["days"], overnight=ticket.told["overnight"])[language],
        "hours": ticket.told["hours"],
        "standing": standing,
        "standing_word": say(language, STANDING[standing]),
        "asks": standing in {"", "pending"},
        "may_leave": standing == "attend",
        "reasons": reasons_in(language),
    }

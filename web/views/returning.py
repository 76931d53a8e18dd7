"""Signed sheets given back: a member's request, the leader's answer to it, and the leader's own act on an error."""

from typing import Literal

from aiohttp import web
from msgspec import Struct

from conduct import returning
from web.acting import AT_THEIR_SEAT, act, case_of
from web.drafts import Remark
from web.policy import route
from web.views.review import leader_page
from web.views.scoring import scores_page
from web.visit import Visit


class Unlock(Struct, forbid_unknown_fields=True):
    """A member's request for the own signed sheet of a bid."""

    bid: str
    reason: Remark = ""


class UnlockAnswer(Struct, forbid_unknown_fields=True):
    """The leader's answer to a request."""

    member: str
    bid: str
    answer: Literal["granted", "declined"]


class Return(Struct, forbid_unknown_fields=True):
    """A sheet the leader gives back, and the ground on which."""

    member: str
    bid: str
    ground: str


@route("POST", "/cases/{case}/unlocks", AT_THEIR_SEAT, body=Unlock, form=scores_page)
async def request_unlock(visit: Visit, asked: Unlock) -> web.Response:
    """Ask for the own signed sheet back, with a reason; the leader decides."""
    await act(visit, lambda tx, case, who: returning.request_unlock(tx, case, who, asked.bid, asked.reason))
    return visit.done(f"/cases/{case_of(visit)}/scores")


@route("POST", "/cases/{case}/unlocks/answer", AT_THEIR_SEAT, body=UnlockAnswer, form=leader_page)
async def answer_unlock(visit: Visit, told: UnlockAnswer) -> web.Response:
    """The leader grants or declines a request."""
    key, granted = (told.member, told.bid), told.answer == "granted"
    await act(visit, lambda tx, case, who: returning.decide_unlock(tx, case, who, key, approved=granted))
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/returns", AT_THEIR_SEAT, body=Return, form=leader_page)
async def give_back(visit: Visit, told: Return) -> web.Response:
    """The leader gives a sheet back on a ground that the self-check shows."""
    key = (told.member, told.bid)
    await act(visit, lambda tx, case, who: returning.give_back(tx, case, who, key, told.ground))
    return visit.done(f"/cases/{case_of(visit)}/leader")

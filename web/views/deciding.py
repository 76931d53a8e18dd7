"""Decisions beside the sheets: abnormal scores at the seats, a rollback asked by the leader and decided elsewhere."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import judging_scores, reading_questions, rolling_back
from conduct.ports import Actor, Tx
from evaluation.case import CaseId
from identity.roles import Role
from web import staffing
from web.acting import AT_THEIR_SEAT, act, case_of
from web.drafts import Remark
from web.policy import only, route
from web.views.motion import motions_page
from web.views.review import leader_page
from web.visit import Visit

APPROVERS = only(Role.SUPERVISOR, Role.MAIN_STAFF, Role.WITNESS)
PAGES = {Role.SUPERVISOR: "progress", Role.MAIN_STAFF: "host", Role.WITNESS: "watch"}
Word = Annotated[str, Meta(max_length=60)]


class Figure(Struct, forbid_unknown_fields=True):
    """The subtotal of one member, bid and group."""

    member: Word
    bid: Word
    group: Word


class Explanation(Struct, forbid_unknown_fields=True):
    """A member's reason for a figure that was found abnormal."""

    bid: Word
    group: Word
    reason: Remark = ""


class BackTo(Struct, forbid_unknown_fields=True):
    """The stage to go back to, and why."""

    stage: Literal["prelim", "detailed"]
    reason: Remark = ""


class Answer(Struct, forbid_unknown_fields=True):
    """An approver's answer."""

    answer: Literal["approved", "declined"]


class Reading(Struct, forbid_unknown_fields=True):
    """What became of a question that was read; a returned one says why."""

    answer: Literal["approved", "declined"]
    remark: Remark = ""


@route("POST", "/cases/{case}/abnormal", AT_THEIR_SEAT, body=Figure, form=motions_page)
async def question(visit: Visit, asked: Figure) -> web.Response:
    """Have the committee vote whether a colleague's figure is abnormal (R-19)."""
    figure = (asked.member, asked.bid, asked.group)
    await act(visit, lambda tx, case, who: judging_scores.question(tx, case, who, figure))
    return visit.done(f"/cases/{case_of(visit)}/motions")


@route("POST", "/cases/{case}/abnormal/reason", AT_THEIR_SEAT, body=Explanation, form=motions_page)
async def explain(visit: Visit, told: Explanation) -> web.Response:
    """The member's written reason for the own figure."""
    await act(visit, lambda tx, case, who: judging_scores.explain(tx, case, who, told.bid, told.group, told.reason))
    return visit.done(f"/cases/{case_of(visit)}/motions")


@route("POST", "/cases/{case}/abnormal/insufficient", AT_THEIR_SEAT, body=Figure, form=motions_page)
async def question_reason(visit: Visit, asked: Figure) -> web.Response:
    """The leader has the committee vote whether that reason is insufficient."""
    figure = (asked.member, asked.bid, asked.group)
    await act(visit, lambda tx, case, who: judging_scores.question_reason(tx, case, who, figure))
    return visit.done(f"/cases/{case_of(visit)}/motions")


@route("POST", "/cases/{case}/rollback", AT_THEIR_SEAT, body=BackTo, form=leader_page)
async def ask_rollback(visit: Visit, asked: BackTo) -> web.Response:
    """The leader asks to go back to a stage that is closed."""
    await act(visit, lambda tx, case, who: rolling_back.ask(tx, case, who, asked.stage, asked.reason))
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/clarifications/{id}/review", APPROVERS, body=Reading)
async def review_question(visit: Visit, told: Reading) -> web.Response:
    """An approver lets a waiting question go to its bidder, or returns it with a remark."""
    name, is_approved = visit.request.match_info["id"], told.answer == "approved"

    def decide(tx: Tx, case: CaseId, who: Actor) -> None:
        reading_questions.decide(tx, case, who, name, approved=is_approved, remark=told.remark)

    await staffing.act(visit, decide)
    return visit.done(f"/cases/{case_of(visit)}/{PAGES[visit.signed_in.role]}")


@route("POST", "/cases/{case}/rollback/answer", APPROVERS, body=Answer)
async def answer_rollback(visit: Visit, told: Answer) -> web.Response:
    """An approver grants or declines the open request."""
    is_approved = told.answer == "approved"
    await staffing.act(visit, lambda tx, case, who: rolling_back.decide(tx, case, who, approved=is_approved))
    page = PAGES[visit.signed_in.role]
    return visit.done(f"/cases/{case_of(visit)}/{page}")

"""Motions at a seat: the question, the vote of each, the result as the system counted it; opened by a member."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import blinding, deciding
from conduct.ports import Actor, Json, Tx
from evaluation.ballot import Paper
from evaluation.case import CaseId
from web.acting import AT_THEIR_SEAT, act, case_of
from web.drafts import Remark
from web.figures import abnormal, names_of
from web.policy import route
from web.seat_pages import paper_told, seat_page
from web.visit import Visit, as_json
from web.words import CHOICES, MOTIONS, RESULTS, in_language


class Question(Struct, forbid_unknown_fields=True):
    """A question put to the committee; that of too few bids has its words already."""

    subject: Literal["competition", "dispute", "more_time"]
    text: Remark = ""


class SecretVote(Struct, forbid_unknown_fields=True):
    """One vote without a name."""

    choice: Annotated[str, Meta(max_length=10)]


@route("GET", "/cases/{case}/motions", AT_THEIR_SEAT)
async def motions_page(visit: Visit) -> web.Response:
    """The open question with its vote, the questions decided before, and the form for a new one."""
    return await _motions(visit, None)


async def _motions(visit: Visit, kept: Paper | None) -> web.Response:
    """The page, with the paper that was just dropped: it is shown this once."""

    def add(tx: Tx, case: CaseId, who: Actor) -> Json:
        tables = {"subjects": MOTIONS, "results": RESULTS, "choices": CHOICES}
        words = {name: in_language(table, visit.language) for name, table in tables.items()}
        more = {"names": names_of(blinding.seen(tx, case, who.who)), "kept": kept.code if kept else ""}
        return {**words, "abnormal": abnormal(tx, case, who), **more}

    return await seat_page(visit, "motions.html", add)


@route("POST", "/cases/{case}/motions", AT_THEIR_SEAT, body=Question, form=motions_page)
async def open_motion(visit: Visit, asked: Question) -> web.Response:
    """Put a question to the committee."""
    name = await act(visit, lambda tx, case, who: deciding.open_motion(tx, case, who, asked.subject, asked.text))
    return visit.done(f"/cases/{case_of(visit)}/motions", {"motion": name})


@route("POST", "/cases/{case}/votes", AT_THEIR_SEAT, body=SecretVote, form=motions_page)
async def vote(visit: Visit, told: SecretVote) -> web.Response:
    """Cast a secret vote and be told its paper; a vote by name is prepared, read back and signed instead."""
    paper = await act(visit, lambda tx, case, who: deciding.cast(tx, case, who, told.choice))
    return as_json({"paper": paper_told(paper)}) if visit.wants_json else await _motions(visit, paper)

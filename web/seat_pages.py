"""A member's page: what it may see, the heading, the steps behind and before it, and what a page adds."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from conduct.ports import Actor, Json, Tx
from evaluation.ballot import Paper
from evaluation.case import CaseId, State
from web import member_state
from web.acting import case_of, look
from web.i18n import _, say
from web.lots import STANDINGS
from web.pages import Heading, page
from web.rooms import reader_of
from web.ties import ties_of
from web.visit import Visit
from web.words import in_language

Add = Callable[[Tx, CaseId, Actor], Mapping[str, Any]]

# The way of a member through a case, each step with the last state in which it goes on.
WAY = (
    (_("签到入席"), State.CHECK_IN),
    (_("承诺与回避"), State.READY),
    (_("推选组长"), State.PLEDGED),
    (_("评标准备"), State.PREP),
    (_("初步评审"), State.COMPETITION_CHECK),
    (_("详细评审"), State.DETAILED),
    (_("汇总复核"), State.RECHECK),
    (_("报告签署"), State.REPORT_SIGNING),
)


# Sheets and the report are hidden while work is paused, as the papers are: who opens them is led to what is asked now.
HIDDEN = frozenset({"findings.html", "scores.html", "sign.html", "selfcheck.html", "report.html", "leader.html"})
# At a seat that is left nothing is shown but what opens it again, and a new signing password from the desk.
OPEN_WHEN_LEFT = frozenset({"now.html", "enrol.html"})


async def seat_page(visit: Visit, template: str, add: Add | None = None) -> web.Response:
    """A page of the member at this seat."""

    def see(tx: Tx, case: CaseId, actor: Actor) -> Json:
        told = member_state.me(tx, case, actor, visit.language)
        heading = Heading(case, told["title"], told["stage"], told["demo"], told["parties"], told["lot"])
        more = add(tx, case, actor) if add else {}
        state, reader = tx.case(case), reader_of(tx, case, visit.signed_in)
        beside = {
            "ties": ties_of(tx, state, reader, visit.language),
            "standings": in_language(STANDINGS, visit.language),
        }
        return {**told, **beside, "heading": heading, "way": way(told["state"], visit), **more}

    told = await look(visit, see)
    if (told["pause"] and template in HIDDEN) or (told["left"] and template not in OPEN_WHEN_LEFT):
        return visit.done(f"/cases/{case_of(visit)}/me")
    return page(visit, template, told)


def way(state: str, visit: Visit) -> list[Json]:
    """The steps with their place: `past`, `here` or `ahead`."""
    rank = State(state).rank
    here = next((at for at, (_name, last) in enumerate(WAY) if rank <= last.rank), len(WAY))
    return [
        {"name": say(visit.language, name), "place": "past" if at < here else "here" if at == here else "ahead"}
        for at, (name, _last) in enumerate(WAY)
    ]


def paper_told(paper: Paper) -> Json:
    """The paper of a secret vote as its voter alone is told it."""
    return {"vote": paper.vote, "choice": paper.choice, "salt": paper.salt, "code": paper.code}

"""履职评价: agent and main venue fill one form an expert; the archivist reads it. Nobody else is shown any of it."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import appraising
from conduct.ports import Json, Tx
from evaluation.appraisal import load_form
from evaluation.case import Case
from identity.roles import Role
from web import staffing
from web.acting import case_of
from web.office_pages import office_page
from web.policy import only, route
from web.visibility import Reader
from web.visit import Visit

Name = Annotated[str, Meta(max_length=20)]


class Answer(Struct, forbid_unknown_fields=True):
    """One sentence of the form, and whether it is true of the expert; an unanswered one is refused with the form."""

    item: Name
    answer: Literal["", "yes", "no"] = ""


class Appraisal(Struct, forbid_unknown_fields=True):
    """One expert's form."""

    member: Name
    answers: tuple[Answer, ...] = ()
    remark: Annotated[str, Meta(max_length=2000)] = ""


@route("GET", "/cases/{case}/appraisals", only(Role.AGENT, Role.MAIN_STAFF, Role.ARCHIVIST))
async def appraisals_page(visit: Visit) -> web.Response:
    """The form of each expert: to be filled where it is due, as it was filled where it was."""
    wanted = visit.request.query.get("member", "")

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        filed, form, due = appraising.filed(tx, state.id), load_form(), appraising.due(tx, state.id)
        may_file = reader.role is not Role.ARCHIVIST and appraising.is_open(tx, state.id)
        rows = [
            {"member": one.id, "alias": one.alias, "name": one.name, "filed": filed.get(one.id)}
            for one in appraising.experts(state)
        ]
        waiting = [row["member"] for row in rows if row["filed"] is None] if may_file else []
        return {
            "form": {"title": form.title, "items": [{"id": item.id, "text": item.text} for item in form.items]},
            "rows": rows,
            "chosen": wanted if wanted in waiting else next(iter(waiting), ""),
            "may_file": may_file,
            "moment": appraising.moment(tx, state.id),
            "due": due.isoformat() if due else "",
        }

    return await office_page(visit, "appraisals.html", add)


@route("POST", "/cases/{case}/appraisals", only(Role.AGENT, Role.MAIN_STAFF), body=Appraisal, form=appraisals_page)
async def file(visit: Visit, filled: Appraisal) -> web.Response:
    """File one expert's form; it cannot be changed afterwards."""
    answers = {one.item: one.answer == "yes" for one in filled.answers if one.answer}
    await staffing.act(
        visit, lambda tx, case, actor: appraising.file(tx, case, actor, filled.member, answers, filled.remark)
    )
    return visit.done(f"/cases/{case_of(visit)}/appraisals")

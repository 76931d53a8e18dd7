"""What the province's platform drew, taken over in place of a draw of our own: handed in, looked at, accepted."""

from aiohttp import web
from msgspec import Struct

from conduct import importing, receiving
from conduct.packages import Package
from conduct.ports import Actor, Json, Tx
from conduct.provincial_result import ALTERNATE, MEMBER
from conduct.receiving import place_of
from evaluation.case import Case, CaseId
from identity.roles import Role
from web import staffing
from web.acting import case_of
from web.office_pages import office_page
from web.packages import Accepted, Incoming, file_words, hand_in, result_in, shown
from web.policy import PACKAGES, only, route
from web.visibility import Reader
from web.visit import Visit

AGENT = only(Role.AGENT)


class ImportForm(Struct, forbid_unknown_fields=True):
    """The province's result (省级平台抽取结果)."""

    result: bytes


@route("GET", "/cases/{case}/draws/import", AGENT)
async def import_page(visit: Visit) -> web.Response:
    """The form for the province's result, and the one that waits to be taken over: how many, never who."""

    def waits(tx: Tx, state: Case, _reader: Reader) -> Json:
        place = place_of("experts", visit.actor, state.id)
        told = shown(visit, tx, place)
        found = receiving.waiting(tx, place)
        if told["waiting"] and found:
            result = result_in(visit.services, found[0])
            told["waiting"] |= {name: len(result.of_role(role)) for name, role in COUNTED.items()}
        return told

    return await office_page(visit, "import_draw.html", waits, file_words(visit))


COUNTED = {"members": MEMBER, "alternates": ALTERNATE}


@route("POST", "/cases/{case}/draws/import", AGENT, body=ImportForm, rate=PACKAGES, form=import_page)
async def hand_in_result(visit: Visit, form: ImportForm) -> web.Response:
    """Check the province's result and let it wait to be looked at; the case stays as it was."""
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    case, actor = case_of(visit), visit.actor

    def take(tx: Tx, package: Package) -> None:
        importing.take(tx, case, actor, result_in(visit.services, package))

    package = await hand_in(visit, Incoming(form.result, "experts", place_of("experts", actor, case)), take)
    return visit.done(f"/cases/{case}/draws/import", {"package": package})


@route("POST", "/cases/{case}/draws/import/accept", AGENT, body=Accepted, form=import_page)
async def accept_result(visit: Visit, form: Accepted) -> web.Response:
    """Take over what the province's platform drew, in place of a draw of our own."""

    def run(tx: Tx, case: CaseId, actor: Actor) -> None:
        package, _ = receiving.take(tx, place_of("experts", actor, case), form.package)
        importing.take(tx, case, actor, result_in(visit.services, package))

    await staffing.act(visit, run)
    return visit.done(f"/cases/{case_of(visit)}/draws", {"case": case_of(visit)})


@route("POST", "/cases/{case}/draws/import/discard", AGENT, form=import_page)
async def discard_result(visit: Visit) -> web.Response:
    """Forget the province's result that waits."""
    await staffing.act(visit, lambda tx, case, actor: receiving.discard(tx, place_of("experts", actor, case)))
    return visit.done(f"/cases/{case_of(visit)}/draws/import")

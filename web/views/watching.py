"""What the witness marks, and the reports of interference that only the supervisor reads."""

import hashlib
import json
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import watching
from conduct.ports import Json, Tx
from evaluation.case import Case, CaseId, State
from identity.roles import Role
from signing.canonical import short_code
from web import staffing
from web.office_pages import office_page
from web.policy import only, route
from web.read_back import read_back
from web.reading_times import reading_times
from web.views.room import wall_of
from web.visibility import Reader
from web.visit import Visit


class MarkForm(Struct, forbid_unknown_fields=True):
    """A line of the witness's record, about a seat or about the room."""

    text: Annotated[str, Meta(min_length=1, max_length=500)]
    seat: str = ""


class NoSuchSeat(Exception):
    """Nobody of this case sits at this seat."""

    code = "seat.unknown"


@route("GET", "/cases/{case}/watch", only(Role.WITNESS))
async def watch_page(visit: Visit) -> web.Response:
    """The witness's desk: the wall of all seats, one key to mark, the recorder in words, the own statement."""

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        seated = state.state.rank >= State.CHECK_IN.rank
        has_password = tx.shelf(state.id, "credential").get(reader.session.who) is not None
        wall = wall_of(tx, state.id, visit.language)["seats"] if seated else []
        prepared = read_back(tx, state.id, visit.actor, "statement")
        consents = {"consent": read_back(tx, state.id, visit.actor, "consent"), "silent": silent(state)}
        stated = own_statements(tx, state.id, visit.actor.who)
        told = {"wall": wall, "has_password": has_password, "stated": stated, **consents, **prepared}
        return told | reading_times(tx, state, reader.role)

    return await office_page(visit, "watch.html", add)


def silent(state: Case) -> list[Json]:
    """Statements of a member's consent by law that wait for the witness's signature."""
    report = state.report
    if report is None:
        return []
    return [
        {"member": key, "text": one.body["text"]} for key, one in report.stated.items() if not report.is_settled(key)
    ]


def own_statements(tx: Tx, case: CaseId, who: str) -> list[Json]:
    """What this witness has stated and signed so far, oldest first, with the code people compare."""
    rows = []
    for _, data in tx.statements(case, "witness.stated"):
        said = json.loads(data)
        if said["body"]["by"]["who"] == who:
            code = short_code(hashlib.sha256(data).digest())
            rows.append({"at": said["at"], "text": said["body"]["text"], "code": code})
    return rows


@route("POST", "/cases/{case}/marks", only(Role.WITNESS), body=MarkForm, form=watch_page)
async def mark(visit: Visit, form: MarkForm) -> web.Response:
    """Mark this moment in the record of a seat, or of the room."""

    def seats(_tx: Tx, state: Case, _reader: Reader) -> set[str]:
        return {member.seat for member in state.members.values()}

    if form.seat and form.seat not in await staffing.look(visit, seats):
        raise NoSuchSeat
    await staffing.act(visit, lambda tx, case, actor: watching.mark(tx, case, actor, form.seat, form.text))
    return visit.done(f"/cases/{visit.request.match_info['case']}/watch")


@route("GET", "/cases/{case}/reports", only(Role.SUPERVISOR))
async def read_interference(visit: Visit) -> web.Response:
    """The reports of interference (干预登记) that members have made."""

    def read(tx: Tx, state: Case, _reader: Reader) -> list[Json]:
        alias = {member.id: member.alias for member in state.members.values()}
        rows = tx.shelf(state.id, "interference").items()
        return [{"alias": alias.get(row["member"], row["member"]), "text": row["text"]} for _, row in rows]

    return await office_page(
        visit, "interference_reports.html", lambda tx, state, who: {"reports": read(tx, state, who)}
    )

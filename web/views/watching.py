"""What the witness marks, and the reports of interference that only the supervisor reads."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import watching
from conduct.ports import Json, Tx
from evaluation.case import Case
from identity.roles import Role
from web import staffing
from web.policy import only, route
from web.views.cases import done
from web.visibility import Reader
from web.visit import Visit, as_json


class MarkForm(Struct, forbid_unknown_fields=True):
    """A line of the witness's record, about a seat or about the room."""

    text: Annotated[str, Meta(min_length=1, max_length=500)]
    seat: str = ""


class NoSuchSeat(Exception):
    """Nobody of this case sits at this seat."""

    code = "seat.unknown"


@route("POST", "/cases/{case}/marks", only(Role.WITNESS), body=MarkForm)
async def mark(visit: Visit, form: MarkForm) -> web.Response:
    """Mark this moment in the record of a seat, or of the room."""

    def seats(_tx: Tx, state: Case, _reader: Reader) -> set[str]:
        return {member.seat for member in state.members.values()}

    if form.seat and form.seat not in await staffing.look(visit, seats):
        raise NoSuchSeat
    await staffing.act(visit, lambda tx, case, actor: watching.mark(tx, case, actor, form.seat, form.text))
    return done(visit)


@route("GET", "/cases/{case}/interference", only(Role.SUPERVISOR))
async def read_interference(visit: Visit) -> web.Response:
    """The reports of interference (干预登记) that members have made."""

    def read(tx: Tx, state: Case, _reader: Reader) -> list[Json]:
        alias = {member.id: member.alias for member in state.members.values()}
        rows = tx.shelf(state.id, "interference").items()
        return [{"alias": alias.get(row["member"], row["member"]), "text": row["text"]} for _, row in rows]

    return as_json({"reports": await staffing.look(visit, read)})

"""导出: access copies of what a retrieval grants: asked for, watched while they are made, downloaded while it lasts."""

import asyncio
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from msgspec import Struct, field

from conduct import retrieving
from conduct.exporting import COPIES, Asked, NoSuchCopy
from conduct.ports import Json, Tx
from evaluation.case import Case
from web import staffing
from web.acting import case_of
from web.office_pages import office_page
from web.pages import BEIJING
from web.policy import route
from web.refusals import REFUSALS
from web.views.archive import BYTES
from web.views.retrieval import ONE, WHO_ASK
from web.visibility import Reader
from web.visit import Visit

EXPORTS = ONE + "/exports"
DIGITS = 6
MEDIA = {"mp4": "video/mp4", "json": "application/json"}


class Export(Struct, forbid_unknown_fields=True):
    """Which of the granted seats, and from when to when; without a zone it is Beijing time."""

    begin: datetime
    end: datetime
    seats: list[str] = field(default_factory=list)


@route("GET", EXPORTS, WHO_ASK)
async def exports_page(visit: Visit) -> web.Response:
    """The access copies of a grant, how far each is, and the form for another."""
    asked, exports = _asked(visit), visit.services.exports
    rows = await asyncio.to_thread(visit.services.store.segments, asked.case)

    def add(tx: Tx, state: Case, _reader: Reader) -> Json:
        found, copies = retrieving.check(tx, asked.case, asked.actor, asked.retrieval), exports.of(tx, asked)
        begin, end = _span([row for row in rows if row["seat"] in found.seats])
        return {
            "grant": {"id": found.id, "until": found.until, "seats": list(found.seats)},
            "seats": retrieving.seats(state),
            "begin": begin,
            "end": end,
            "copies": [{**asdict(one), "part": int(100 * one.part), "why": _why(one.failed)} for one in copies],
        }

    return await office_page(visit, "exports.html", add)


@route("POST", EXPORTS, WHO_ASK, body=Export, form=exports_page)
async def export(visit: Visit, told: Export) -> web.Response:
    """Let an access copy be made of granted seats; it is stated before it can be downloaded."""
    await staffing.look(visit, lambda *_: None)
    seats = tuple(told.seats)
    if not seats:
        raise retrieving.SeatsUnknown
    number = await visit.services.exports.ask(_asked(visit), seats, _moment(told.begin), _moment(told.end))
    return visit.done(visit.request.path, {"number": number})


@route("GET", EXPORTS + "/{number:[0-9]+}/{kind}", WHO_ASK, rate=BYTES)
async def exported(visit: Visit) -> web.StreamResponse:
    """An access copy (`mp4`) or the note of its sources (`json`)."""
    info, asked = visit.request.match_info, _asked(visit)
    number, kind = int(info["number"][:DIGITS]), info["kind"]

    def see(tx: Tx, _state: Case, _reader: Reader) -> Path:
        return visit.services.exports.file(tx, asked, number, kind)

    path = await staffing.look(visit, see)
    if not await asyncio.to_thread(path.is_file):
        raise NoSuchCopy
    name = f"{asked.case}-{asked.retrieval}-{number}{Path(COPIES[kind]).suffix}"
    headers = {"Content-Type": MEDIA[kind], "Content-Disposition": f'attachment; filename="{name}"'}
    return web.FileResponse(path, headers=headers)


def _asked(visit: Visit) -> Asked:
    return Asked(case_of(visit), visit.request.match_info["id"], visit.actor)


def _span(rows: list[Json]) -> tuple[str, str]:
    """First and last recorded moment in Beijing time, as a form's field writes it; empty where nothing is."""
    if not rows:
        return "", ""
    times = [datetime.fromisoformat(row["t0"]).astimezone(BEIJING) for row in rows]
    return tuple(f"{one:%Y-%m-%dT%H:%M:%S}" for one in (min(times), max(times) + timedelta(seconds=10)))  # type: ignore[return-value]


def _moment(told: datetime) -> datetime:
    return told if told.tzinfo else told.replace(tzinfo=BEIJING)


def _why(code: str) -> str:
    return REFUSALS.get(code, REFUSALS["export.failed"]).what if code else ""

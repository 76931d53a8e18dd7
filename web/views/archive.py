"""档案: documents, the log, receipts, recordings by byte range, the sealed bag, and how a stranger checks it."""

import asyncio
import hashlib
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from archive import renewing
from archive.verifier import renewals
from conduct import ocds_out, restamping
from conduct.ports import Json, Tx, UnknownCase
from conduct.rulebook import profile_of
from conduct.stepping_out import demand_seated
from evaluation.case import Case, CaseId, State
from evaluation.life import Paused
from identity.roles import AT_A_SEAT, Role
from signing.canonical import short_code
from web import staffing, tar, timeline
from web.admission import NotYourCase
from web.footage import recording
from web.limits import Rate
from web.office_pages import office_page
from web.pages import page
from web.policy import ANYBODY, only, route
from web.reading_times import reading_times
from web.views.cases import OF_A_CASE, bag_of
from web.visibility import Reader, document_for
from web.visit import Visit, as_json

LOG_READERS = only(Role.ARCHIVIST, Role.SUPERVISOR, Role.AUDIT_ADMIN)
REPLAYERS = only(Role.ARCHIVIST, Role.WITNESS)
BYTES = Rate("bytes", 50, 200)
ONE_YEAR = timedelta(days=366)
MOST_ENTRIES = 1000
MOST_DIGITS = 15
READ_BY_A_PAGE = "empty"
INLINE = {".pdf": "application/pdf", ".txt": "text/plain", ".json": "application/json"}


class PageOnly(Exception):
    """Papers of a seat are read in the page that shows them and leave it in no other way (R-39)."""

    code = "document.page_only"


class NoBag(Exception):
    """The case is not sealed yet."""

    code = "bag.none"


class NoReceipt(Exception):
    """No checkpoint covers the entry yet; one is signed every ten seconds."""

    code = "receipt.pending"


@route("GET", "/cases/{case}/documents/{sha256}", OF_A_CASE, rate=BYTES)
async def document(visit: Visit) -> web.StreamResponse:
    """A document that this role may open now, by byte range; 423 while work is paused.

    A seat's browser that would open it beside the page, where it can be saved and printed, is refused: browsers say
    what they fetch for. It is no lock: whoever has other hands than a browser's, or a camera, is kept from nothing.
    """
    digest = visit.request.match_info["sha256"]

    is_alone = visit.request.headers.get("Sec-Fetch-Dest", READ_BY_A_PAGE) != READ_BY_A_PAGE

    def find(tx: Tx, state: Case, reader: Reader) -> str:
        if state.pause is not None:
            raise Paused("document")
        demand_seated(state, reader.session.who)
        if is_alone and reader.role in AT_A_SEAT and not profile_of(tx, state.id).rules.reading.may_copy:
            raise PageOnly
        found = document_for(state, reader, digest)
        if found is None:
            raise NotYourCase
        return found.path

    path = await staffing.look(visit, find)
    kind = INLINE.get(Path(path).suffix.lower(), "application/octet-stream")
    name = re.sub(r"[^A-Za-z0-9._-]", "_", Path(path).name)
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Content-Type": kind}
    return web.FileResponse(visit.services.store.objects.path(digest), headers=headers)


@route("GET", "/cases/{case}/log", LOG_READERS)
async def log(visit: Visit) -> web.Response:
    """The entries of the case's log: `from` an index on, of one `kind`; what they say is for the archivist only."""
    asked = visit.request.query
    first = _whole(asked["from"]) if asked.get("from", "").isdecimal() else 0
    kind, role = asked.get("kind") or None, visit.signed_in.role

    def entries(tx: Tx, state: Case, _reader: Reader) -> list[Json]:
        found = []
        for index, data in tx.statements(state.id, kind):
            if index >= first:
                found.append(_entry(index, data, with_body=role is Role.ARCHIVIST))
            if len(found) == MOST_ENTRIES:
                break
        return found

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        found = entries(tx, state, reader)
        more = found[-1]["index"] + 1 if len(found) == MOST_ENTRIES else 0
        return {"entries": found, "more": more, "pause": None}

    return await office_page(visit, "log.html", add)


def _entry(index: int, data: bytes, *, with_body: bool) -> Json:
    said = json.loads(data)
    row = {"index": index, "kind": said["kind"], "at": said["at"], "entry": hashlib.sha256(data).hexdigest()}
    return row | ({"body": said["body"]} if with_body else {})


def _whole(digits: str) -> int:
    """A number of an address; one longer than any count of ours stands for what lies past the end."""
    return int(digits) if len(digits) <= MOST_DIGITS else 10**MOST_DIGITS


@route("GET", "/cases/{case}/receipts/{index:[0-9]+}", OF_A_CASE)
async def receipt(visit: Visit) -> web.Response:
    """The receipt of an entry: its digest and the proof that a signed checkpoint covers it."""
    index = _whole(visit.request.match_info["index"])
    case = await staffing.look(visit, lambda _tx, state, _reader: state.id)
    found = await asyncio.to_thread(visit.services.store.receipt, case, index)
    if found is None:
        raise NoReceipt
    code = short_code(bytes.fromhex(found.entry))
    return as_json({"index": found.index, "entry": found.entry, "proof": found.proof, "code": code})


@route("GET", "/cases/{case}/segments", REPLAYERS)
async def segments(visit: Visit) -> web.Response:
    """The recorded segments in time order: for the witness while it lasts, for the archivist when it is closed."""
    case = await staffing.look(visit, lambda _tx, state, _reader: state.id)
    rows = await asyncio.to_thread(visit.services.store.segments, case)
    return as_json({"segments": rows})


@route("GET", "/cases/{case}/footage/{seat}/{track}/{take:[0-9]+}", REPLAYERS, rate=BYTES)
async def footage(visit: Visit) -> web.StreamResponse:
    """A recording, by byte range (206)."""
    return await recording(visit, await staffing.look(visit, lambda _tx, state, _reader: state.id))


@route("GET", "/cases/{case}/bag", only(Role.ARCHIVIST), rate=Rate("bags", 1 / 60, 6))
async def bag(visit: Visit) -> web.StreamResponse:
    """The sealed bag and its renewals as one tar file."""
    case = await staffing.look(visit, lambda _tx, state, _reader: state.id)
    folder = visit.services.bags / case
    if not await asyncio.to_thread(folder.is_dir):
        raise NoBag
    headers = {"Content-Disposition": f'attachment; filename="{case}.tar"', "Content-Type": "application/x-tar"}
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(visit.request)
    async for block in tar.blocks(folder, renewals.folder_of(folder)):
        await answer.write(block)
    await answer.write_eof()
    return answer


@route("GET", "/cases/{case}/release", only(Role.ARCHIVIST))
async def release(visit: Visit) -> web.Response:
    """The closed case as an OCDS release package (docs/ocds.md)."""
    publisher = visit.services.office.organisation
    told = await staffing.look(visit, lambda tx, state, _reader: ocds_out.release_package(tx, state.id, publisher))
    case = visit.request.match_info["case"]
    headers = {"Content-Disposition": f'attachment; filename="{case}-ocds.json"'}
    body = json.dumps(told, ensure_ascii=False, indent=1)
    return web.Response(text=body, content_type="application/json", headers=headers)


@route("GET", "/cases/{case}/archive", only(Role.ARCHIVIST))
async def archive_page(visit: Visit) -> web.Response:
    """One closed case: the verdict on its bag, documents, and each seat's recording beside its events (`seat`)."""
    seat = visit.request.query.get("seat", "")
    stamped = await asyncio.to_thread(_stamped, visit.services.bags / visit.request.match_info["case"], visit.now)

    def add(tx: Tx, state: Case, reader: Reader) -> Json:
        aliases = {member.seat: member.alias for member in state.members.values()}
        shown = seat if seat in aliases else ""
        return {
            "bag": bag_of(tx, state.id),
            "stamped": stamped,
            "candidates": list(state.candidates),
            "names": {bid.id: bid.name for bid in state.bids.values()},
            "aliases": aliases,
            "recorded": sorted(aliases) if state.segments else [],
            "shown": shown,
            **reading_times(tx, state, reader.role),
            "events": timeline.of_seat(tx, state, shown, visit.language) if shown else [],
        }

    return await office_page(visit, "archive.html", add)


def _stamped(bag: Path, now: datetime) -> Json:
    """The last time stamp over a bag: when, which renewal, until when its certificate lives, what is to be said.

    It goes by the certificates that came with it: this is a calendar, no verdict.
    """
    last = renewing.last_of(bag, renewing.claimed(bag))
    if last is None:
        return {}
    left = last.ends - now
    return {
        "at": last.at.isoformat(),
        "ends": last.ends.isoformat(),
        "number": last.number,
        "is_old": now - last.at > ONE_YEAR,
        "ends_soon": timedelta(0) < left < restamping.WARN_BEFORE,
        "has_ended": left <= timedelta(0),
    }


@route("GET", "/verify", ANYBODY)
async def verify(visit: Visit) -> web.Response:
    """How anybody checks a bag with no program of ours, and the 校验码 of a closed case (`case`)."""
    case = visit.request.query.get("case", "").strip().upper()
    found = await visit.services.store.read(lambda tx: _published(tx, CaseId(case))) if case else {}
    return page(visit, "verify.html", {"case": case, "bag": found})


@route("GET", "/receipt", ANYBODY)
async def check_receipt(visit: Visit) -> web.Response:
    """A receipt, judged in the visitor's own browser with the published key; neither is sent here."""
    return page(visit, "receipt_check.html", {})


@route("GET", "/replay", ANYBODY)
async def replay_draw(visit: Visit) -> web.Response:
    """A draw again in the visitor's own browser, from a transcript and a pool file; neither is sent here."""
    return page(visit, "replay_draw.html", {})


def _published(tx: Tx, case: CaseId) -> Json:
    """What is public of a closed case: its code. Whether an open case exists is not said."""
    try:
        if tx.case(case).state is not State.CLOSED:
            return {}
    except UnknownCase:
        return {}
    return {"code": bag_of(tx, case).get("code", "")}

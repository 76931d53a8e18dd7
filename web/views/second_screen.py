"""The second screen beside a seat: its page, what it asks every second, and how the venue's desk pairs and parts it.

A seat's own browser can do neither: whoever tampered with it would put a screen of its own beside it.
"""

import secrets
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import authorising
from conduct import second_screen as rule
from conduct.authorising import Batch, NothingPrepared
from conduct.ports import Actor, Json, Tx
from evaluation.case import CaseId
from identity import service, sessions
from identity.screens import OwnComputer, Screen, ScreenUnknown
from web import cookies, second_screen, staffing
from web.acting import AT_THEIR_SEAT, case_of, look
from web.admission import DEPLOYMENT, SCREENS
from web.pages import page
from web.policy import ANY_BROWSER, ANYBODY, PAIRING, SCREEN, route
from web.screens import Dialog, Said
from web.views.admin import UnknownVenue
from web.views.checkin import DESK, desk_page
from web.visibility import Reader
from web.visit import Visit, as_json, fresh_token


class Pairing(Struct, forbid_unknown_fields=True):
    """The code that the second screen shows, and the seat it stands beside."""

    code: str
    seat: str


class SeatHere(Struct, forbid_unknown_fields=True):
    """A seat of the desk's venue."""

    seat: str


class Shown(Struct, forbid_unknown_fields=True):
    """Which batch the screen shows, and SHA-256 (hex) of the bytes as the screen computed it; empty while it rests."""

    batch: Annotated[str, Meta(max_length=100)] = ""
    shown: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""


@route("GET", "/screen", ANYBODY, rate=PAIRING)
async def screen_page(visit: Visit) -> web.Response:
    """The page of a second screen: a code to pair it by, rest, or what its seat is about to sign."""
    _demand_its_own(visit)
    answer = page(visit, "screen.html", {})
    if not visit.request.cookies.get(cookies.SCREEN):
        cookies.give(answer, cookies.SCREEN, fresh_token(), max_age=cookies.YEAR)
    return answer


@route("POST", "/screen/now", ANY_BROWSER, body=Shown, rate=SCREEN)
async def screen_now(visit: Visit, told: Shown) -> web.Response:
    """What the screen is to show now; it says by a digest what it shows, and can say nothing else."""
    _demand_its_own(visit)
    cookie = visit.request.cookies.get(cookies.SCREEN, "")
    if not cookie:
        raise ScreenUnknown
    services, digest = visit.services, sessions.digest(cookie)
    screens = services.screens
    paired = await services.store.read(lambda tx: service.find_screen(tx.shelf(DEPLOYMENT, SCREENS), digest))
    if paired is None:
        code = screens.code(digest, visit.request.remote or "", secrets.token_bytes(6), visit.now)
        return as_json({"state": "pairing", "code": code})
    dialog = screens.dialog(paired.seat, visit.now)
    said, before = Said(told.batch, told.shown), screens.said(paired.seat, visit.now)
    screens.say(paired.seat, said, visit.now)
    if dialog is not None and said.batch == dialog.batch and said != before:
        await _note(visit, dialog, told.shown)
    given = dialog and await _given(visit, dialog)
    return as_json({"seat": paired.seat, "state": "sheet" if given else "rest", **(given or {})})


def _demand_its_own(visit: Visit) -> None:
    if visit.seat is not None or visit.session is not None:
        raise OwnComputer


async def _given(visit: Visit, dialog: Dialog) -> Json | None:
    return await visit.services.store.read(lambda tx: second_screen.shown(tx, dialog, visit.language))


async def _note(visit: Visit, dialog: Dialog, display: str) -> None:
    try:
        await visit.services.store.act(lambda tx: second_screen.note_shown(tx, dialog, display))
    except NothingPrepared:
        return  # signed or changed meanwhile: there is nothing to keep


@route("GET", "/cases/{case}/sign/{purpose}/screen", AT_THEIR_SEAT)
async def beside_page(visit: Visit) -> web.Response:
    """What the seat's second screen says of what is read back here; the signing page asks every second."""
    purpose, read = visit.request.match_info["purpose"], visit.request.query.get("batch", "")
    seat, dialog = visit.paired, Dialog(case_of(visit), visit.actor.who, purpose, read, visit.now)

    def see(tx: Tx, case: CaseId, actor: Actor) -> tuple[Json, Batch | None]:
        prepared = second_screen.still_prepared(tx, dialog)
        if prepared is None:
            is_signed = authorising.signed_before(tx, case, actor.who, purpose, read) is not None
            return {"screen": "signed" if is_signed else "stale"}, None
        is_paired = service.screen_of(tx.shelf(DEPLOYMENT, SCREENS), seat.venue, seat.name) is not None
        about = {"paired": is_paired, "wanted": rule.is_wanted(tx, case)}
        return about, prepared

    about, batch = await look(visit, see)
    screens = visit.services.screens
    if batch is None:
        return as_json(about)
    screens.open(seat.name, dialog)
    right = Said(batch.id, batch.display.hex())
    return as_json({**about, "screen": _says(screens.said(seat.name, visit.now), right, about)})


def _says(said: Said | None, right: Said, about: Json) -> str:
    """`none`, `away`, `waiting` (it does not show this yet), `shown`, or `differs`."""
    if not about["paired"]:
        return "none"
    if said is None:
        return "away"
    return "waiting" if said.batch != right.batch else "shown" if said == right else "differs"


@route("POST", "/cases/{case}/desk/screen", DESK, body=Pairing, rate=PAIRING, form=desk_page)
async def pair_screen(visit: Visit, form: Pairing) -> web.Response:
    """Make the screen that shows this code the second screen of a seat here; a former one goes back to its code."""
    venue, services = visit.signed_in.venue, visit.services
    await staffing.look(visit, lambda _tx, _state, reader: _demand_seat_here(reader, form.seat))
    screen = Screen(services.screens.codes.spend(form.code, visit.now), venue, form.seat)

    def pair(tx: Tx, case: CaseId, actor: Actor) -> None:
        rule.state_paired(tx, case, actor, screen)
        service.pair_screen(tx.shelf(DEPLOYMENT, SCREENS), screen)

    await staffing.act(visit, pair)
    services.screens.say(form.seat, Said("", ""), visit.now)  # it has just asked for this code
    return visit.done(_desk(visit), {"seat": form.seat})


@route("POST", "/cases/{case}/desk/screen/part", DESK, body=SeatHere, form=desk_page)
async def part_screen(visit: Visit, form: SeatHere) -> web.Response:
    """A seat here has no second screen any more; the screen goes back to its code."""
    venue, services = visit.signed_in.venue, visit.services
    await staffing.look(visit, lambda _tx, _state, reader: _demand_seat_here(reader, form.seat))

    def part(tx: Tx, case: CaseId, actor: Actor) -> None:
        former = service.part_screen(tx.shelf(DEPLOYMENT, SCREENS), venue, form.seat)
        if former is not None:
            rule.state_parted(tx, case, actor, former)

    await staffing.act(visit, part)
    services.screens.part(form.seat)
    return visit.done(_desk(visit))


def _demand_seat_here(reader: Reader, seat: str) -> None:
    if seat not in reader.seats:
        raise UnknownVenue


def _desk(visit: Visit) -> str:
    return f"/cases/{visit.request.match_info['case']}/desk"

"""The rooms of a case as pages: the wall a member sits in (会场) and the check of a seat's equipment (设备检测)."""

from aiohttp import web

from conduct import venue_draw, watching
from conduct.ports import Json, Tx
from conduct.rulebook import profile_of
from conduct.sight import is_disguised
from evaluation.case import Case, CaseId, State
from web.acting import AT_THEIR_SEAT, case_of, look
from web.admission import NotYourCase
from web.i18n import Language, _, say
from web.lots import in_hand
from web.now import STAGES
from web.pages import Heading, page
from web.policy import route
from web.visit import Visit
from web.words import parties_of

MAIN = "main"


@route("GET", "/cases/{case}/room", AT_THEIR_SEAT)
async def room_page(visit: Visit) -> web.Response:
    """The wall of the room: this seat's camera on, all other seats in their fixed places."""

    told = await look(visit, lambda tx, case, _: wall_of(tx, case, visit.language))
    return page(visit, "room.html", told | {"own": visit.signed_in.place})


@route("GET", "/cases/{case}/device", AT_THEIR_SEAT)
async def device_page(visit: Visit) -> web.Response:
    """The check of this seat's browser, camera, microphone and speaker."""
    case = case_of(visit)
    heading = await visit.services.store.read(lambda tx: heading_of(tx, tx.case(case), visit.language))
    return page(visit, "device.html", {"case": case, "own": visit.signed_in.place, "heading": heading})


def wall_of(tx: Tx, case: CaseId, language: Language) -> Json:
    """Every seat booked for a case in its fixed order, the main venue's first. Raises `NotYourCase` before check-in."""
    state = tx.case(case)
    if state.state.rank < State.CHECK_IN.rank:
        raise NotYourCase
    places = venue_draw.places(tx, case)
    seats = _seats(state, places, language)
    disguised = is_disguised(profile_of(tx, case))
    return {"case": case, "seats": seats, "disguised": disguised, "heading": heading_of(tx, state, language)}


def wall_if_seated(tx: Tx, state: Case, language: Language) -> list[Json]:
    """The seats that somebody who watches sees, none before check-in and after the last signature."""
    if not watching.is_recorded(state):
        return []
    seats: list[Json] = wall_of(tx, state.id, language)["seats"]
    return seats


def heading_of(tx: Tx, state: Case, language: Language) -> Heading:
    """The head of a page of the room; the project's title opens with the committee."""
    info = state.info
    stage = say(language, STAGES.get(state.state, ""))
    title, is_demo = (info.title if state.is_open else "", info.demo) if info else ("", False)
    lot = in_hand(state, language) if state.is_open else ""
    return Heading(state.id, title, stage, is_demo, parties_of(profile_of(tx, state.id), language), lot)


def _seats(state: Case, places: Json, language: Language) -> list[Json]:
    aliases = {member.seat: member.alias for member in state.members.values()}
    ordered = sorted(places, key=lambda place: (place != MAIN, place))
    return [
        {"seat": seat, "alias": aliases.get(seat, ""), "venue": _venue(place, language)}
        for place in ordered
        for seat in places[place]["seats"]
    ]


def _venue(place: str, language: Language) -> str:
    """A venue's name in the room says its part, never its town: who sits where stays behind the alias."""
    if place == MAIN:
        return say(language, _("主场"))
    return say(language, _("副场 %(number)s"), number=place.removeprefix("sub-"))

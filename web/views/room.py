"""The rooms of a case as pages: the wall a member sits in (会场) and the check of a seat's equipment (设备检测)."""

from aiohttp import web

from conduct import venue_draw
from conduct.ports import Json, Tx
from conduct.rooms import is_disguised
from evaluation.case import Case, CaseId, State
from web.acting import AT_THEIR_SEAT, case_of
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
    case = case_of(visit)
    told = await visit.services.store.read(lambda tx: wall_of(tx, case, visit.language))
    return page(visit, "room.html", told | {"own": visit.signed_in.place})


@route("GET", "/cases/{case}/device", AT_THEIR_SEAT)
async def device_page(visit: Visit) -> web.Response:
    """The check of this seat's browser, camera, microphone and speaker."""
    case = case_of(visit)
    state = await visit.services.store.read(lambda tx: tx.case(case))
    return page(
        visit, "device.html", {"case": case, "own": visit.signed_in.place, "heading": heading_of(state, visit.language)}
    )


def wall_of(tx: Tx, case: CaseId, language: Language) -> Json:
    """Every seat booked for a case in its fixed order, the main venue's first. Raises `NotYourCase` before check-in."""
    state = tx.case(case)
    if state.state.rank < State.CHECK_IN.rank:
        raise NotYourCase
    places = venue_draw.places(tx, case)
    seats = _seats(state, places, language)
    return {"case": case, "seats": seats, "disguised": is_disguised(state), "heading": heading_of(state, language)}


def heading_of(state: Case, language: Language) -> Heading:
    """The head of a page of the room; the project's title opens with the committee."""
    info = state.info
    stage = say(language, STAGES.get(state.state, ""))
    title, is_demo = (info.title if state.is_open else "", info.demo) if info else ("", False)
    lot = in_hand(state, language) if state.is_open else ""
    return Heading(state.id, title, stage, is_demo, parties_of(state, language), lot)


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

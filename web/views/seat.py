"""A browser becomes a seat; a member enters with the seat code. No name, no phone."""

from aiohttp import web
from msgspec import Struct

from conduct import checking_in
from conduct.ports import Tx
from identity import service
from identity.roles import Role
from identity.seats import PairedSeat
from identity.sessions import Holder
from web import cookies
from web.admission import DEPLOYMENT, PAIRINGS, SEATS
from web.pages import page
from web.policy import ANYBODY, LOGIN, PAIRED_SEAT, PAIRING, route
from web.sessions import open_session
from web.visit import Visit, fresh_token


class PairingCode(Struct, forbid_unknown_fields=True):
    """The code on the venue's paper."""

    code: str


class SeatCode(Struct, forbid_unknown_fields=True):
    """The six digits on the member's slip."""

    code: str


@route("GET", "/seat/pair", ANYBODY)
async def pairing_page(visit: Visit) -> web.Response:
    """The page on which a venue's administrator makes this browser a seat."""
    return page(visit, "pair.html", {})


@route("POST", "/seat/pair", ANYBODY, body=PairingCode, rate=PAIRING, form="pair.html")
async def pair_seat(visit: Visit, form: PairingCode) -> web.Response:
    """Make this browser the seat its pairing code was printed for."""
    cookie = fresh_token()

    def pair(tx: Tx) -> PairedSeat:
        pairings, paired = tx.shelf(DEPLOYMENT, PAIRINGS), tx.shelf(DEPLOYMENT, SEATS)
        return service.pair(pairings, paired, form.code, cookie, tx.now)

    seat = await visit.services.store.act(pair)
    answer = visit.done("/seat", {"venue": seat.venue, "seat": seat.name})
    cookies.give(answer, cookies.SEAT, cookie, max_age=cookies.YEAR)
    return answer


@route("GET", "/seat", PAIRED_SEAT)
async def seat_page(visit: Visit) -> web.Response:
    """The page a seat waits on: type the seat code."""
    return page(visit, "seat.html", {})


@route("POST", "/seat/enter", PAIRED_SEAT, body=SeatCode, rate=LOGIN, form="seat.html")
async def enter_seat(visit: Visit, form: SeatCode) -> web.Response:
    """Exchange the seat code for the membership; it works once."""
    seat = visit.paired
    case, member = await visit.services.store.act(lambda tx: checking_in.enter(tx, seat.name, form.code))
    holder = Holder(Role.MEMBER, member, seat.venue, case, seat.digest, seat.name)
    return await open_session(visit, holder, f"/cases/{case}/me")

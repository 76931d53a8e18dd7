"""The sub venues' draw: which centres host, drawn like experts and hidden until check-in opens (两随机、四不知).

Who may host and which seats are free are rules of `venues`; here they meet the draw and the bookings' shelf.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conduct import asking, directory, drawing
from conduct.ports import Actor, Json, Store, Tx
from conduct.sealed_draw.questions import Drawn, DrawNow, DrawProcess, Material
from draw.exclusions import publish
from draw.pool import freeze, seal
from evaluation.case import CaseId, State
from evaluation.life import OutOfOrder
from venues import booking, choice
from venues.booking import Booking, Window
from venues.place import Centre, CentreId, RoomId, Seat, SeatId

VENUES = "venues"


@dataclass(frozen=True, slots=True)
class VenueRequest:
    """How many sub venues, and how many seats each must have free."""

    count: int
    seats: int


def hold(tx: Tx, case: CaseId, actor: Actor, seats: tuple[str, ...]) -> None:
    """The main venue holds seats of its own for the case. Raises `booking.SeatClosed`, `booking.SeatTaken`."""
    own = [seat for seat in _seats(tx) if seat.centre == actor.venue]
    made = booking.book(own, _bookings(tx), map(SeatId, seats), window_of(tx, case), _blind(case))
    _keep(tx, made)
    tx.record(case, "seats.held", {"by": actor.as_by(), "venue": actor.venue, "seats": list(seats)})


def free_seats(tx: Tx, case: CaseId, venue: str) -> tuple[str, ...]:
    """The seats that a venue has free for this case's days."""
    free = booking.free_seats(_seats(tx), _bookings(tx), CentreId(venue), window_of(tx, case))
    return tuple(seat.id for seat in free)


def request(tx: Tx, case: CaseId, actor: Actor, asked: VenueRequest, at: str) -> None:
    """Ask for the draw of sub venues at its scheduled minute (a stamp); a confirmed one is never asked for again.

    Raises `OutOfOrder`.
    """
    state = tx.case(case)
    asked_before = state.draws.get(VENUES)
    if state.state is not State.SEATS_HELD or (asked_before is not None and asked_before.confirmed):
        raise OutOfOrder("draw.requested", state.state)
    form: Json = {"project": _project(tx, case), "count": asked.count, "seats": asked.seats}
    tx.record(case, "draw.requested", {"by": actor.as_by(), "draw": VENUES, "request": form, "at": at})


def prepare(tx: Tx, case: CaseId) -> Material:
    """One equal ticket for each centre of another region with seats enough. Raises `choice.NoVenueHasSeats`."""
    need = _need(tx, case)
    centres = _centres(tx)
    records = choice.candidates(centres, _seats(tx), _bookings(tx), need)
    lot = choice.venue_request(_project(tx, case), need, records)
    pool = freeze(seal(record, tx.random(32)) for record in records)
    left_out = len(centres) - 1 - len(records)
    return Material(lot, pool, ineligible=publish({"seats": left_out}))


async def run(store: Store, process: DrawProcess, case: CaseId) -> None:
    """Draw and book at once: each place's centre gives its first free seats; the main venue keeps those it holds.

    Who hosts is told to the server now, for its own use: seats cannot be booked of an unknown venue. Raises
    `LinksMissing`, `NoSuchDraw`.
    """

    def read(tx: Tx) -> DrawNow:
        return drawing.to_draw(tx, case, VENUES)

    await asking.settle(store, process, read, lambda tx, drawn: _book(tx, case, drawn), "drawn")


def _book(tx: Tx, case: CaseId, drawn: Drawn) -> None:
    drawing.state_drawn(tx, case, VENUES, drawn)
    state, need = tx.case(case), _need(tx, case)
    taken: Json = {"main": {"venue": state.venue, "seats": list(state.seats)}}
    for place, name in drawn.venues:
        centre = CentreId(name)
        free = booking.free_seats(_seats(tx), _bookings(tx), centre, need.window)
        made = booking.hold(free, dict(need.places)[place], need.window, _blind(case))
        _keep(tx, made)
        taken[place] = {"venue": centre, "seats": [one.seat for one in made]}
    tx.shelf(case, "place").put("all", taken)


def book_again(tx: Tx, case: CaseId, before: CaseId) -> None:
    """Book as many seats at the centres where the case before sat, for this case's days; the main venue holds its own.

    Raises `booking.TooFewSeats`.
    """
    state, window = tx.case(case), window_of(tx, case)
    taken: Json = {"main": {"venue": state.venue, "seats": list(state.seats)}}
    for place, row in places(tx, before).items():
        if place != "main":
            free = booking.free_seats(_seats(tx), _bookings(tx), CentreId(row["venue"]), window)
            made = booking.hold(free, len(row["seats"]), window, _blind(case))
            _keep(tx, made)
            taken[place] = {"venue": row["venue"], "seats": [one.seat for one in made]}
    tx.shelf(case, "place").put("all", taken)


def places(tx: Tx, case: CaseId) -> dict[str, dict[str, Any]]:
    """Place (`main`, `sub-1` …) → venue and seats; sealed until check-in opens, for the server's own use before."""
    return tx.shelf(case, "place").get("all") or {}


def release(tx: Tx, case: CaseId) -> None:
    """Give a closed case's seats back."""
    shelf = tx.shelf(directory.DEPLOYMENT, "booking")
    for key, row in list(shelf.items()):
        if row["blind_code"] == _blind(case):
            shelf.delete(key)


def window_of(tx: Tx, case: CaseId) -> Window:
    """From the application's start for as many days as it says."""
    application = tx.case(case).application
    begins = datetime.fromisoformat(application.start) if application else tx.now
    return Window(begins, begins + timedelta(days=application.days if application else 1))


def _project(tx: Tx, case: CaseId) -> str:
    info = tx.case(case).info
    return info.project if info else ""


def _need(tx: Tx, case: CaseId) -> choice.VenueNeed:
    state = tx.case(case)
    form = state.draws[VENUES].request
    wanted = tuple((f"sub-{number}", form["seats"]) for number in range(1, form["count"] + 1))
    return choice.VenueNeed(CentreId(state.venue), window_of(tx, case), wanted)


def _centres(tx: Tx) -> dict[CentreId, Centre]:
    rows = directory.venues(tx).values()
    return {CentreId(row.code): Centre(CentreId(row.code), row.name, row.region, frozenset()) for row in rows}


def _seats(tx: Tx) -> list[Seat]:
    return [
        Seat(SeatId(name), RoomId(row.code), CentreId(row.code), number)
        for row in directory.venues(tx).values()
        for number, name in enumerate(row.seats, 1)
    ]


def _bookings(tx: Tx) -> list[Booking]:
    found = []
    for _, row in tx.shelf(directory.DEPLOYMENT, "booking").items():
        begins, ends = map(datetime.fromisoformat, row["window"])
        found.append(Booking(SeatId(row["seat"]), Window(begins, ends), row["blind_code"]))
    return found


def _keep(tx: Tx, made: tuple[Booking, ...]) -> None:
    shelf = tx.shelf(directory.DEPLOYMENT, "booking")
    for one in made:
        window = [one.window.begins.isoformat(), one.window.ends.isoformat()]
        shelf.put(f"{one.blind_code}/{one.seat}", {"seat": one.seat, "window": window, "blind_code": one.blind_code})


def _blind(case: CaseId) -> str:
    return hashlib.sha256(f"booking\n{case}".encode()).hexdigest()[:16]

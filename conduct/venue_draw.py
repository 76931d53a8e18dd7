"""The sub venues' draw: which centres host, drawn like experts and hidden until check-in opens (两随机、四不知)."""

from dataclasses import dataclass

from conduct import directory, drawing
from conduct.ports import SERVER, Actor, Tx
from draw import lot
from draw.pool import freeze, seal
from evaluation.case import CaseId

VENUES = "venues"


class TooFewVenues(Exception):
    """Fewer centres have enough free seats than sub venues are asked for."""

    code = "venue.too_few"


@dataclass(frozen=True, slots=True)
class VenueRequest:
    """How many sub venues, and how many seats each must have free."""

    count: int
    seats: int


def request(tx: Tx, case: CaseId, actor: Actor, asked: VenueRequest, at: str) -> None:
    """Ask for the draw of sub venues at its scheduled minute (a stamp)."""
    state = tx.case(case)
    project = state.info.project if state.info else ""
    form = {"project": project, "count": asked.count, "seats": asked.seats}
    tx.record(case, "draw.requested", {"by": actor.as_by(), "draw": VENUES, "request": form, "at": at})


def prepare(tx: Tx, case: CaseId) -> drawing.Material:
    """One ticket for each centre but the main venue with enough free seats. Raises `TooFewVenues`."""
    state = tx.case(case)
    form = state.draws[VENUES].request
    able = [code for code in directory.venues(tx) if code != state.venue and len(free_seats(tx, code)) >= form["seats"]]
    if len(able) < form["count"]:
        raise TooFewVenues
    pool = freeze(seal(record, tx.random(32)) for record in lot.tickets(able))
    left_out = len(directory.venues(tx)) - 1 - len(able)
    ineligible = (("seats", left_out),) if left_out else ()
    return drawing.Material(lot.plain_request(form["project"], form["count"]), pool, ineligible=ineligible)


def run(tx: Tx, case: CaseId) -> None:
    """Draw and book: the first is `sub-1`, the second `sub-2`; the main venue keeps the seats it holds."""
    state = tx.case(case)
    seats = state.draws[VENUES].request["seats"]
    outcome = drawing.run(tx, case, VENUES)
    record_of = {entry.label: entry.record.id for entry in outcome.ordered}
    drawn = [record_of[label] for label in outcome.selections[0].taken]
    places = {"main": {"venue": state.venue, "seats": list(state.seats)}}
    for number, code in enumerate(drawn, 1):
        booked = free_seats(tx, code)[:seats]
        book(tx, case, code, booked)
        places[f"sub-{number}"] = {"venue": code, "seats": list(booked)}
    tx.shelf(case, "place").put("all", places)


def hold(tx: Tx, case: CaseId, actor: Actor, seats: tuple[str, ...]) -> None:
    """The main venue holds seats of its own for the case. Raises `SeatNotFree`."""
    if not set(seats) <= set(free_seats(tx, actor.venue)):
        raise SeatNotFree
    book(tx, case, actor.venue, seats)
    tx.record(case, "seats.held", {"by": actor.as_by(), "venue": actor.venue, "seats": list(seats)})


class SeatNotFree(Exception):
    """A seat does not exist or is booked for another case."""

    code = "seat.not_free"


def free_seats(tx: Tx, venue: str) -> tuple[str, ...]:
    """Seats of a venue that no open case has booked."""
    taken = {key for key, _ in tx.shelf(directory.DEPLOYMENT, "booking").items()}
    return tuple(seat for seat in directory.venues(tx)[venue].seats if f"{venue}/{seat}" not in taken)


def book(tx: Tx, case: CaseId, venue: str, seats: tuple[str, ...]) -> None:
    """Keep seats for a case until it closes."""
    shelf = tx.shelf(directory.DEPLOYMENT, "booking")
    for seat in seats:
        shelf.put(f"{venue}/{seat}", {"case": case})


def release(tx: Tx, case: CaseId) -> None:
    """Give a closed case's seats back."""
    shelf = tx.shelf(directory.DEPLOYMENT, "booking")
    for key, row in list(shelf.items()):
        if row["case"] == case:
            shelf.delete(key)


def places(tx: Tx, case: CaseId) -> dict[str, dict[str, object]]:
    """Place (`main`, `sub-1` …) → venue and seats; sealed until check-in opens, for the server's own use before."""
    return tx.shelf(case, "place").get("all") or {}


__all__ = ["SERVER", "VENUES", "VenueRequest", "hold", "places", "prepare", "release", "request", "run"]

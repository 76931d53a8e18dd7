"""Booking seats: never two cases in one seat at one time, never a seat that is closed.

A booking names its case by a blind code alone, so that a sub venue does not learn the project (四不知).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from venues.place import CentreId, Seat, SeatId


class BookingRefused(Exception):
    """Seats that cannot be booked. `seats` are the ones in the way."""

    code = "booking.refused"

    def __init__(self, seats: Iterable[SeatId] = ()) -> None:
        self.seats = tuple(sorted(seats))
        super().__init__(f"{self.code} {' '.join(self.seats)}".rstrip())


class SeatTaken(BookingRefused):
    """A seat is booked for another case in an overlapping window."""

    code = "booking.seat_taken"


class SeatClosed(BookingRefused):
    """A seat is closed, or is not one of the seats known."""

    code = "booking.seat_closed"


class TooFewSeats(BookingRefused):
    """A centre has not so many free seats."""

    code = "booking.too_few_seats"


class WindowEmpty(BookingRefused):
    """A window that ends before it begins."""

    code = "booking.window_empty"


@dataclass(frozen=True, slots=True)
class Window:
    """From `begins` (included) to `ends` (excluded), both aware times."""

    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.ends <= self.begins:
            raise WindowEmpty

    def overlaps(self, other: "Window") -> bool:
        """Whether there is a moment in both. One may begin as the other ends."""
        return self.begins < other.ends and other.begins < self.ends


@dataclass(frozen=True, slots=True)
class Booking:
    """One seat for one case's blind code; `released_at` is set when it is given back."""

    seat: SeatId
    window: Window
    blind_code: str
    released_at: datetime | None = None


def free_seats(
    seats: Iterable[Seat], bookings: Iterable[Booking], centre: CentreId, window: Window
) -> tuple[Seat, ...]:
    """The open seats of a centre that nobody has booked in the window, by room and number."""
    taken = {booking.seat for booking in bookings if _stands(booking, window)}
    free = (seat for seat in seats if seat.centre == centre and not seat.closed_because and seat.id not in taken)
    return tuple(sorted(free, key=lambda seat: (seat.room, seat.number)))


def book(
    seats: Iterable[Seat], bookings: Iterable[Booking], wanted: Iterable[SeatId], window: Window, blind_code: str
) -> tuple[Booking, ...]:
    """One booking for each wanted seat, all or none. Raises `SeatClosed`, `SeatTaken`."""
    asked = set(wanted)
    open_ones = {seat.id for seat in seats if not seat.closed_because}
    if closed := asked - open_ones:
        raise SeatClosed(closed)
    if taken := asked & {booking.seat for booking in bookings if _stands(booking, window)}:
        raise SeatTaken(taken)
    return tuple(Booking(seat, window, blind_code) for seat in sorted(asked))


def hold(free: Iterable[Seat], count: int, window: Window, blind_code: str) -> tuple[Booking, ...]:
    """The first `count` of these free seats, as bookings. Raises `TooFewSeats`."""
    chosen = tuple(free)[:count]
    if len(chosen) < count:
        raise TooFewSeats(seat.id for seat in chosen)
    return tuple(Booking(seat.id, window, blind_code) for seat in chosen)


def _stands(booking: Booking, window: Window) -> bool:
    return booking.released_at is None and booking.window.overlaps(window)

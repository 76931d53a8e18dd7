"""Which sub venues a case may get: drawn among those with seats enough, or agreed with a written reason.

Published seats bind their centre, so nobody is asked after the draw and nobody learns of the case before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from draw.pool import Record
from draw.request import Quota, Request
from venues.booking import Booking, Window, free_seats
from venues.place import Centre, CentreId, Grade, Seat


class VenueRefused(Exception):
    """Sub venues that cannot be drawn or agreed."""

    code = "venue.refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code} {detail}".rstrip())
        self.detail = detail


class NoVenueHasSeats(VenueRefused):
    """Fewer centres have seats enough than places are to be filled; `detail` names the place."""

    code = "venue.none_has_seats"


class AgreedNeedsReason(VenueRefused):
    """A sub venue that is agreed, not drawn, needs a written reason."""

    code = "venue.agreed_needs_reason"


class NoPlaceAsked(VenueRefused):
    """A remote evaluation has a sub venue with at least one seat."""

    code = "venue.no_place_asked"


@dataclass(frozen=True, slots=True)
class VenueNeed:
    """Seats wanted at each place (`sub-1` → 2), when, and what the centre must be able to do."""

    main: CentreId
    window: Window
    places: tuple[tuple[str, int], ...]
    grades: frozenset[Grade] = frozenset()

    def __post_init__(self) -> None:
        if not self.places or any(count < 1 for _, count in self.places):
            raise NoPlaceAsked


def candidates(
    centres: Mapping[CentreId, Centre], seats: Iterable[Seat], bookings: Iterable[Booking], need: VenueNeed
) -> tuple[Record, ...]:
    """The lot's records: every centre of another region than the main venue's that can serve some place.

    A record's categories are the places for which the centre has seats enough; all tickets are equal.
    """
    known_seats, known_bookings = tuple(seats), tuple(bookings)
    home = centres[need.main].region
    records = []
    for centre in sorted(centres.values(), key=lambda one: one.id):
        if centre.region == home or not need.grades <= centre.grades:
            continue
        free = len(free_seats(known_seats, known_bookings, centre.id, need.window))
        if served := tuple(sorted(place for place, count in need.places if free >= count)):
            records.append(Record(centre.id, categories=served, region=centre.region))
    return tuple(records)


def venue_request(project: str, need: VenueNeed, records: Iterable[Record]) -> Request:
    """One centre for each place, the place with most seats first. Raises `NoVenueHasSeats` when the lot could fail."""
    by_need = sorted(need.places, key=lambda place: (-place[1], place[0]))
    known = tuple(records)
    for filled, (place, _) in enumerate(by_need):
        if sum(1 for record in known if place in record.categories) <= filled:
            raise NoVenueHasSeats(place)
    return Request(project, tuple(Quota(1, category=place) for place, _ in by_need))


def agreed(reason: str) -> str:
    """The reason for agreeing on a sub venue instead of drawing it, stripped. Raises `AgreedNeedsReason`."""
    if not reason.strip():
        raise AgreedNeedsReason
    return reason.strip()

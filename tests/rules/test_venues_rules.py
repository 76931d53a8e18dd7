"""Seats are booked once, sub venues are drawn only among those that can serve."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draw.order import order
from draw.pool import seal
from draw.selection import first_wants, select
from venues.booking import Booking, SeatClosed, SeatTaken, TooFewSeats, Window, WindowEmpty, book, free_seats, hold
from venues.choice import NoPlaceAsked, NoVenueHasSeats, VenueNeed, candidates, venue_request
from venues.place import Centre, CentreId, Grade, RoomId, Seat, SeatId

NINE = datetime(2026, 11, 25, 1, tzinfo=UTC)
MORNING = Window(NINE, NINE + timedelta(hours=3))
AFTERNOON = Window(MORNING.ends, MORNING.ends + timedelta(hours=4))


def _centre(name: str, region: str, *grades: Grade) -> Centre:
    return Centre(CentreId(name), f"演示中心{name}", region, frozenset(grades))


def _seats(centre: str, count: int) -> list[Seat]:
    return [Seat(SeatId(f"{centre}-{n}"), RoomId(f"{centre}-room"), CentreId(centre), n) for n in range(1, count + 1)]


CENTRES = {
    centre.id: centre
    for centre in (
        _centre("main", "990100", Grade.CITY),
        _centre("sister", "990100", Grade.CITY),
        _centre("large", "990200", Grade.CITY, Grade.OVERNIGHT),
        _centre("small", "990300", Grade.CITY),
        _centre("none", "990400", Grade.CITY),
    )
}
SEATS = [*_seats("main", 5), *_seats("sister", 5), *_seats("large", 3), *_seats("small", 1)]


def test_a_seat_is_not_booked_twice_in_one_window_but_again_after_it() -> None:
    seat = SEATS[0].id
    first = book(SEATS, (), [seat], MORNING, "K1")
    with pytest.raises(SeatTaken) as refused:
        book(SEATS, first, [seat, SEATS[1].id], Window(NINE + timedelta(hours=2), AFTERNOON.ends), "K2")
    assert refused.value.seats == (seat,)
    assert book(SEATS, first, [seat], AFTERNOON, "K2") == (Booking(seat, AFTERNOON, "K2"),)


def test_a_released_seat_is_free_again() -> None:
    released = Booking(SEATS[0].id, MORNING, "K1", released_at=NINE)
    assert book(SEATS, [released], [SEATS[0].id], MORNING, "K2")


def test_a_closed_or_unknown_seat_takes_no_booking() -> None:
    broken = Seat(SeatId("b"), RoomId("r"), CentreId("main"), 9, closed_because="摄像头故障")
    with pytest.raises(SeatClosed):
        book([broken], (), [broken.id], MORNING, "K1")
    with pytest.raises(SeatClosed):
        book([broken], (), [SeatId("elsewhere")], MORNING, "K1")
    assert free_seats([broken], (), CentreId("main"), MORNING) == ()


@given(st.integers(0, 48), st.integers(1, 48), st.integers(0, 48), st.integers(1, 48))
def test_windows_overlap_exactly_when_an_hour_lies_in_both(a: int, long_a: int, b: int, long_b: int) -> None:
    def window(begins: int, hours: int) -> Window:
        return Window(NINE + timedelta(hours=begins), NINE + timedelta(hours=begins + hours))

    shared = set(range(a, a + long_a)) & set(range(b, b + long_b))
    assert window(a, long_a).overlaps(window(b, long_b)) is bool(shared)


def test_a_window_that_ends_as_it_begins_is_refused() -> None:
    with pytest.raises(WindowEmpty):
        Window(NINE, NINE)


def test_seats_are_held_all_or_none() -> None:
    free = free_seats(SEATS, (), CentreId("large"), MORNING)
    assert [booking.seat for booking in hold(free, 2, MORNING, "K1")] == ["large-1", "large-2"]
    with pytest.raises(TooFewSeats):
        hold(free, 4, MORNING, "K1")


NEED = VenueNeed(CentreId("main"), MORNING, (("sub-1", 2), ("sub-2", 1)))


def test_only_centres_of_another_region_with_seats_enough_are_in_the_lot() -> None:
    records = candidates(CENTRES, SEATS, (), NEED)
    assert [(record.id, record.categories) for record in records] == [
        ("large", ("sub-1", "sub-2")),
        ("small", ("sub-2",)),
    ]


def test_each_place_gets_a_centre_of_its_own() -> None:
    records = candidates(CENTRES, SEATS, (), NEED)
    request = venue_request("P", NEED, records)
    ordered = order(bytes(32), [seal(record, sha256(record.id.encode()).digest()) for record in records])
    names = {entry.label: entry.record.id for entry in ordered}
    found = select(ordered, request, {}, first_wants(request))
    assert [names[selection.taken[0]] for selection in found] == ["large", "small"]


def test_a_centre_whose_seats_are_booked_leaves_the_lot() -> None:
    taken = book(SEATS, (), [SeatId("large-1"), SeatId("large-2")], MORNING, "K1")
    records = candidates(CENTRES, SEATS, taken, NEED)
    assert all("sub-1" not in record.categories for record in records)
    with pytest.raises(NoVenueHasSeats) as refused:
        venue_request("P", NEED, records)
    assert refused.value.detail == "sub-1"


def test_two_places_are_not_served_by_one_centre() -> None:
    need = VenueNeed(CentreId("main"), MORNING, (("sub-1", 2), ("sub-2", 2)))
    with pytest.raises(NoVenueHasSeats):
        venue_request("P", need, candidates(CENTRES, SEATS, (), need))


def test_an_overnight_case_gets_only_centres_that_can_lodge() -> None:
    need = VenueNeed(CentreId("main"), MORNING, (("sub-1", 1),), frozenset({Grade.OVERNIGHT}))
    assert [record.id for record in candidates(CENTRES, SEATS, (), need)] == ["large"]


@pytest.mark.parametrize("places", [(), (("sub-1", 0),)])
def test_a_remote_evaluation_without_a_remote_seat_is_refused(places: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(NoPlaceAsked):
        VenueNeed(CentreId("main"), MORNING, places)

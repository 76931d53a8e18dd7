"""The wall of a room: pictures and sound reach every seat, come back after an outage, and stay in their places."""

from tests.browser.seat import Seats

THREE = ("V1-01", "V1-02")


async def test_every_seat_sees_and_hears_the_others(seats: Seats) -> None:
    members = list(seats.site.cookies)[:3]
    pages = {seat: await seats.open(seat, "/room") for seat in members}
    for seat, page in pages.items():
        others = [other for other in members if other != seat]
        await page.wait_for_function(
            "others => others.every(seat => told.frames[seat]?.frames > 20 && told.frames[seat].energy > 0)",
            arg=others,
            timeout=30000,
        )
    await pages[members[0]].screenshot(path="/tmp/rw/wall.png", full_page=True)

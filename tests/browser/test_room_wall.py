"""The wall of a room: pictures and sound reach every seat, come back after an outage, and stay in their places."""

import json
import re
from typing import Any

from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.seat import Seats, told
from tests.services.evaluation import CASE

PLAYING = "seats => seats.every(seat => told.frames[seat]?.frames > 20 && told.frames[seat].energy > 0)"
MORE = "seen => Object.entries(seen).every(([seat, count]) => told.frames[seat]?.frames > count)"

# Between two looks, more than one telling apart, nothing was heard of a seat.
QUIET = """
seat => {
  const [before, { energy }] = [window.heard, told.frames[seat]];
  window.heard = energy;
  return energy - before < 0.001;
}
"""


async def all_seated(seats: Seats, labels: list[str]) -> dict[str, Page]:
    """The walls of these seats, once each shows and plays all others."""
    pages = {label: await seats.open(label, "/room") for label in labels}
    for label, page in pages.items():
        await page.wait_for_function(PLAYING, arg=[other for other in labels if other != label], timeout=30000)
    return pages


def counts(told_by_page: Any) -> dict[str, int]:  # noqa: ANN401 - what JSON brings
    return {seat: received["frames"] for seat, received in told_by_page["frames"].items() if received["frames"]}


async def test_every_seat_sees_and_hears_the_others(seats: Seats) -> None:
    pages = await all_seated(seats, seats.labels[:3])
    page = pages[seats.labels[0]]
    for other in seats.labels[1:3]:
        tile = page.locator(f'seat-video[seat="{other}"]')
        await tile.get_by_text("良好").wait_for()
        sound = "sound => !sound.paused && !sound.muted && sound.srcObject.active"
        assert await tile.locator("audio").evaluate(sound)


async def test_a_dead_media_worker_is_joined_again(seats: Seats) -> None:
    pages = await all_seated(seats, seats.labels[:2])
    seats.site.kill_media_worker()
    for page in pages.values():
        await page.wait_for_function(
            "() => told.renegotiated.filter(what => what === 'publish').length > 1", timeout=15000
        )
    for label, page in pages.items():
        await page.wait_for_function(MORE, arg={seat: 0 for seat in pages if seat != label}, timeout=15000)


async def test_a_silenced_seat_is_not_heard_and_says_that_it_is_recorded(seats: Seats) -> None:
    one, other = (await all_seated(seats, seats.labels[:2])).values()
    await one.get_by_role("button", name="静音").click()
    tile = other.locator(f'seat-video[seat="{seats.labels[0]}"]')
    await tile.get_by_text("已静音 · 仍在录制").wait_for()
    seen = await told(other)
    await other.wait_for_function(QUIET, arg=seats.labels[0], polling=2500)  # a buffer is played to its end
    await other.wait_for_function(MORE, arg=counts(seen))
    await one.get_by_role("button", name="取消静音").click()  # the server keeps it for whoever opens the room next
    await expect(tile.get_by_text("已静音 · 仍在录制")).to_have_count(0)


async def test_seats_keep_their_places_and_one_is_enlarged_by_its_number(seats: Seats) -> None:
    page = await seats.open(seats.labels[0], "/room")
    boxes = "() => [...document.querySelectorAll('.cell')].map(cell => JSON.stringify(cell.getBoundingClientRect()))"
    await page.wait_for_function("() => told.renegotiated.includes('publish')")  # nobody is asked for a camera any more
    before = await page.evaluate(boxes)
    await seats.open(seats.labels[1], "/room")
    await page.wait_for_function(PLAYING, arg=[seats.labels[1]], timeout=20000)
    tile = page.locator(f'seat-video[seat="{seats.labels[1]}"]')
    await page.keyboard.press(await tile.get_attribute("place") or "")
    assert await tile.get_by_role("button").get_attribute("aria-pressed") == "true"
    await page.keyboard.press("Escape")
    assert await tile.get_by_role("button").get_attribute("aria-pressed") == "false"
    assert await page.evaluate(boxes) == before


async def test_one_window_holds_the_room_until_another_takes_it(seats: Seats) -> None:
    first = await seats.open(seats.labels[0], "/room")
    await first.wait_for_function("() => told.renegotiated.includes('publish')")
    await first.get_by_role("button", name="静音", exact=True).click()
    second = await first.context.new_page()
    await second.goto(first.url)
    await second.get_by_role("button", name="在这里打开").click()
    await first.get_by_text("会场已在另一个窗口打开").wait_for()
    await second.wait_for_function("() => told.renegotiated.includes('publish')")
    # A seat that held its sound back does so in the other window as well, and says so.
    await expect(second.get_by_role("button", name="取消静音")).to_be_visible()
    tile = second.locator(f'seat-video[seat="{seats.labels[0]}"]')
    await expect(tile.get_by_text("已静音")).to_be_visible()
    await second.get_by_role("button", name="取消静音").click()
    await first.get_by_role("button", name="在这里打开").click()
    await expect(first.get_by_role("button", name="静音", exact=True)).to_have_attribute("aria-pressed", "false")


async def test_the_witness_sees_all_seats_and_hears_them_when_wanted(seats: Seats) -> None:
    label = seats.labels[0]
    room = await seats.open(label, "/room")
    await room.wait_for_function("() => told.renegotiated.includes('publish')")
    listed = json.dumps([{"seat": label, "alias": "评委1", "venue": "主场"}])
    page = await seats.mount("witness", "room-wall", case=CASE, mode="watch", seats=listed)
    await page.wait_for_function("seat => told.frames[seat]?.frames > 10", arg=label, timeout=15000)
    assert (await told(page))["frames"][label]["energy"] == 0
    await page.get_by_role("button", name="打开声音").click()
    await page.wait_for_function("seat => told.frames[seat].energy > 0", arg=label)


async def test_pictures_that_rest_come_back_when_the_room_is_made_anew(seats: Seats) -> None:
    context = await seats.context(seats.labels[0])
    lines: list[WebSocketRoute] = []

    def join(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    await context.route_web_socket(re.compile(r"/ws$"), join)
    page = await seats.opened(context, seats.labels[0], "/room")
    await page.wait_for_function("() => told.renegotiated.includes('publish')", timeout=30000)
    lines[-1].send(json.dumps({"t": "congested", "who": "m1", "resting": True}))
    await expect(page.locator(".saving")).to_contain_text("画面暂停几秒")
    lines[-1].send(json.dumps({"t": "moved"}))
    await expect(page.locator(".saving")).to_be_hidden()
    # Nor do they rest for ever where the word that they go on was lost with the line.
    lines[-1].send(json.dumps({"t": "congested", "who": "m1", "resting": True}))
    await expect(page.locator(".saving")).to_be_visible()
    await lines[-1].close()
    await expect(page.locator(".saving")).to_be_hidden()

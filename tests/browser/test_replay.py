"""What the recorder wrote is replayed from checked byte ranges; what does not match its digest is never shown."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.browser.seat import CASE_PATH, Seats, told
from tests.services.evaluation import CASE

# Whether the log names enough segments of the seat's camera; asked again and again if it is to become so.
ENOUGH = """
async ([path, seat, least, isAwaited]) => {
  for (;;) {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    const { segments } = await answer.json();
    if (segments.filter((one) => one.seat === seat && one.track === "camera" && one.n).length >= least) return true;
    if (!isAwaited) return false;
    await new Promise((later) => setTimeout(later, 300));
  }
}
"""


async def recorded(seats: Seats, label: str) -> None:
    """Footage of a seat is there: it sits in its room, if it has not done so for an earlier test."""
    witness = await seats.open("witness", "/login")
    asked = [f"{CASE_PATH}/segments", label, 3]
    if await witness.evaluate(ENOUGH, [*asked, False]):
        return
    room = await seats.open(label, "/room")
    async with asyncio.timeout(30):
        await witness.evaluate(ENOUGH, [*asked, True])
    await room.close()


async def replay(seats: Seats, label: str) -> Page:
    return await seats.mount("witness", "replay-seat", case=CASE, seat=label)


async def test_footage_plays_in_step_with_the_clock(seats: Seats) -> None:
    label = seats.labels[4]
    await recorded(seats, label)
    page = await replay(seats, label)
    await page.get_by_role("button", name="播放").click()
    enough = "name => told.replay?.frames[name] > 12 && told.replay.right > 3"
    await page.wait_for_function(enough, arg=f"{label}/camera", timeout=20000)
    said = (await told(page))["replay"]
    assert said["words"] == {f"{label}/camera": "此段已核验", f"{label}/mic": "此段已核验"}
    assert said["wrong"] == 0
    assert all(abs(drift) < 0.3 for drift in said["drift"].values())


async def test_a_leap_shows_the_picture_of_that_moment(seats: Seats) -> None:
    label = seats.labels[4]
    await recorded(seats, label)
    page = await replay(seats, label)
    await page.get_by_role("slider").fill("3")
    await page.wait_for_function("() => Math.abs(told.replay?.time - 3) < 0.1")
    place = "() => Math.abs(document.querySelector('replay-seat video').currentTime - 3) < 0.1"
    await page.wait_for_function(place)
    assert not (await told(page))["replay"]["isPlaying"]
    seek = "at => document.querySelector('replay-seat').dispatchEvent(new CustomEvent('bid:seek', { detail: { at } }))"
    await page.evaluate(seek, "1970-01-01T00:00:00Z")
    await page.wait_for_function("() => told.replay.time === 0")


async def test_changed_footage_is_named_and_not_shown(seats: Seats) -> None:
    label = seats.labels[4]
    await recorded(seats, label)
    context = await seats.context("witness")

    async def shift(passing: Route) -> None:
        """Other bytes than those asked for, as many."""
        first, last = passing.request.headers["range"].removeprefix("bytes=").split("-")
        await passing.continue_(headers={**passing.request.headers, "range": f"bytes={int(first) + 1}-{int(last) + 1}"})

    await context.route(f"**/footage/{label}/camera/*", shift)
    page = await seats.mounted(context, "replay-seat", case=CASE, seat=label)
    await page.get_by_role("slider").fill("1")
    verdict = page.locator("figure", has_text="摄像头").locator(".verdict")
    await expect(verdict).to_have_text("校验不符，不予播放")
    await expect(page.locator("figure", has_text="麦克风").locator(".verdict")).to_have_text("此段已核验")
    await page.wait_for_function("() => told.replay?.wrong > 0")
    assert (await told(page))["replay"]["frames"][f"{label}/camera"] == 0

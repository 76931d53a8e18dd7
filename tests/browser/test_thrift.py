"""节省流量 as a pure function: what is given up in which order, and when it comes back."""

from typing import Any

import pytest_asyncio
from playwright.async_api import Page

from tests.browser.conftest import LOOP
from tests.browser.seat import Seats

LOAD = """
async () => {
  const root = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "elements/");
  window.thrift = await import(`${root}room-wall-thrift.js`);
  Object.assign(window, await import(`${root}room-wall-felt.js`));
}
"""
# Steps after each of these samples, from the beginning.
STEPS = """
(samples) => {
  let mode = thrift.AT_FIRST;
  const told = {
    save: () => thrift.choose(mode, true),
    undo: () => thrift.choose(mode, false),
    returned: () => thrift.returned(mode),
  };
  const after = (one) => (one in told ? told[one]() : thrift.next(mode, one));
  return samples.map((one) => (mode = after(one)).step);
}
"""
GOOD = {"loss": 0, "rttMs": 30, "freezes": 0, "frozenMs": 0}
LOSSY = {**GOOD, "loss": 800}
HEAVY = {**GOOD, "loss": 2000}
FROZEN = {**GOOD, "freezes": 1, "frozenMs": 900}


@pytest_asyncio.fixture(loop_scope=LOOP)
async def page(seats: Seats) -> Page:
    opened = await seats.visit("/login")
    await opened.evaluate(LOAD)
    return opened


async def steps(page: Page, *samples: Any) -> list[int]:  # noqa: ANN401 - measurements and words
    found: list[int] = await page.evaluate(STEPS, list(samples))
    return found


async def test_pictures_go_first_then_the_screen_then_half_the_own_camera_and_it_never_goes_off(page: Page) -> None:
    assert await steps(page, *[HEAVY] * 12) == [0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4]
    assert await page.evaluate("[0, 1, 2].map((step) => thrift.cameraAt(step))") == [None] * 3
    least = await page.evaluate("thrift.cameraAt(4)")
    assert least["frames"] > 0
    assert least["bits"] > 0


async def test_one_bad_moment_and_repaired_loss_change_nothing(page: Page) -> None:
    assert set(await steps(page, *[HEAVY, GOOD] * 10)) == {0}
    assert set(await steps(page, *[LOSSY] * 30)) == {0}


async def test_what_was_given_up_comes_back_step_by_step_and_later_after_a_relapse(page: Page) -> None:
    down = [FROZEN] * 4
    assert await steps(page, *down, *[GOOD] * 15) == [0, 1, 1, 2] + [2] * 4 + [1] * 10 + [0]
    relapse = await steps(page, *[HEAVY] * 2, *[GOOD] * 5, *[HEAVY] * 2, *[GOOD] * 10)
    assert relapse[-10:] == [1] * 9 + [0]


async def test_what_a_cut_has_cost_is_not_counted_against_the_way_that_is_back(page: Page) -> None:
    assert set(await steps(page, HEAVY, "returned", HEAVY, HEAVY, HEAVY, GOOD)) == {0}
    assert (await steps(page, "returned", *[HEAVY] * 5))[-1] == 1


async def test_a_line_that_goes_and_comes_all_the_time_is_judged_in_between(page: Page) -> None:
    flapping = ["returned", HEAVY, HEAVY, HEAVY] * 6
    assert (await steps(page, *flapping))[-1] >= 1


async def test_between_good_and_bad_it_stays_where_it_is(page: Page) -> None:
    assert set((await steps(page, *[HEAVY] * 2, *[LOSSY] * 40))[1:]) == {1}


async def test_who_saves_by_choice_saves_until_it_is_taken_back(page: Page) -> None:
    assert await steps(page, "save", *[GOOD] * 50, "undo") == [2] * 51 + [0]


COUNTED = {"lost": 90, "received": 5000, "sent": 400, "lostThere": 7, "rttMs": 30, "pictures": {}}


async def felt(page: Page, before: dict[str, Any], now: dict[str, Any]) -> Any:  # noqa: ANN401 - what JSON brings
    return await page.evaluate("([before, now]) => felt(before, now)", [before, now])


def stood(*frozen_ms: int, frames: int = 99) -> dict[str, Any]:
    """A picture for each value, which stood still for so long in all, and as often as there are hundreds in it."""
    made = {"packets": 2 * frames, "frames": frames}
    return {f"p{at}": {**made, "freezes": ms // 100, "frozenMs": ms} for at, ms in enumerate(frozen_ms)}


async def test_a_connection_made_anew_is_measured_from_its_beginning(page: Page) -> None:
    before = {**COUNTED, "pictures": stood(800, 800)}
    anew = {"lost": 1, "received": 99, "sent": 600, "lostThere": 12, "rttMs": -1, "pictures": stood(0, 0, frames=9)}
    assert await felt(page, before, anew) == {"loss": 250, "rttMs": -1, "freezes": 0, "frozenMs": 0}


async def test_a_seat_that_stands_still_for_all_says_nothing_of_their_own_ways(page: Page) -> None:
    before = {**COUNTED, "pictures": stood(0, 0, 0, 0, frames=0)}
    one = await felt(page, before, {**COUNTED, "pictures": stood(2000, 0, 0, 0)})
    assert (one["freezes"], one["frozenMs"]) == (0, 0)
    half = await felt(page, before, {**COUNTED, "pictures": stood(2000, 2000, 0, 0)})
    assert half["frozenMs"] == 0
    most = await felt(page, before, {**COUNTED, "pictures": stood(2000, 900, 1500, 0)})
    assert (most["freezes"], most["frozenMs"]) == (9, 900)


async def test_a_picture_that_is_not_sent_here_is_not_counted(page: Page) -> None:
    before = stood(0, 500, 500)
    sent = {"packets": 240, "frames": 120, "freezes": 1, "frozenMs": 900}
    now = {**before, "p0": sent, "p1": {**sent, "frozenMs": 1400}}
    two = await felt(page, {**COUNTED, "pictures": before}, {**COUNTED, "pictures": now})
    assert two["frozenMs"] == 900
    none = await felt(page, {**COUNTED, "pictures": now}, {**COUNTED, "pictures": now})
    assert none["frozenMs"] == 0


async def test_one_picture_alone_counts_where_the_way_is_not_good_either(page: Page) -> None:
    before, now = {**COUNTED, "pictures": stood(0, frames=0)}, {**COUNTED, "pictures": stood(900)}
    assert (await felt(page, before, now))["frozenMs"] == 0
    assert (await felt(page, before, {**now, "rttMs": 500}))["frozenMs"] == 900
    assert (await felt(page, before, {**now, "lost": 190, "received": 5900}))["frozenMs"] == 900


async def test_a_picture_of_which_packets_come_and_no_frame_is_frozen_all_the_time(page: Page) -> None:
    before = stood(0, 0, 0)
    now = {name: {**one, "packets": 500} for name, one in before.items()}
    still = await felt(page, {**COUNTED, "pictures": before}, {**COUNTED, "pictures": now})
    assert (still["freezes"], still["frozenMs"]) == (1, 2000)
    waiting = {name: {**one, "frames": 0} for name, one in now.items()}  # for its first key frame
    first = await felt(page, {**COUNTED, "pictures": {}}, {**COUNTED, "pictures": waiting})
    assert first["frozenMs"] == 0


REPORTS: list[dict[str, Any]] = [
    {"type": "inbound-rtp", "id": "a", "kind": "video", "mid": "0", "packetsReceived": 70, "packetsLost": 2}
    | {"framesDecoded": 30, "freezeCount": 1, "totalFreezesDuration": 0.4},
    {"type": "inbound-rtp", "id": "b", "kind": "video", "mid": "1", "packetsReceived": 9, "framesDecoded": 3},
    {"type": "inbound-rtp", "id": "c", "kind": "audio", "mid": "2", "packetsReceived": 100, "packetsLost": -1},
    {"type": "outbound-rtp", "packetsSent": 300},
    {"type": "remote-inbound-rtp", "packetsLost": 4, "roundTripTime": 0.25},
]
PAIR = {"type": "candidate-pair", "nominated": True, "currentRoundTripTime": 0.031}


async def test_reports_are_counted_without_shared_screens_and_with_either_round_trip(page: Page) -> None:
    count = "([reports, mids]) => counted([undefined, new Map(reports.map((one, at) => [at, one]))], mids)"
    mids = {"0": "A-01/camera", "1": "A-01/screen", "2": "A-01/mic"}
    found = await page.evaluate(count, [REPORTS, mids])
    seen = {"packets": 70, "frames": 30, "freezes": 1, "frozenMs": 400}
    sums = {"lost": 2, "received": 179, "sent": 300, "lostThere": 4}
    assert found == {**sums, "rttMs": 250, "pictures": {"a": seen}}
    assert (await page.evaluate(count, [[*REPORTS, PAIR], mids]))["rttMs"] == 31

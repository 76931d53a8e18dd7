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
  window.felt = (await import(`${root}room-wall-felt.js`)).felt;
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


async def test_between_good_and_bad_it_stays_where_it_is(page: Page) -> None:
    assert set((await steps(page, *[HEAVY] * 2, *[LOSSY] * 40))[1:]) == {1}


async def test_who_saves_by_choice_saves_until_it_is_taken_back(page: Page) -> None:
    assert await steps(page, "save", *[GOOD] * 50, "undo") == [2] * 51 + [0]


COUNTED = {"lost": 90, "received": 5000, "sent": 400, "lostThere": 7, "rttMs": 30, "pictures": {}}


async def felt(page: Page, before: dict[str, Any], now: dict[str, Any]) -> Any:  # noqa: ANN401 - what JSON brings
    return await page.evaluate("([before, now]) => felt(before, now)", [before, now])


def stood(*frozen_ms: int, frames: int = 99) -> dict[str, Any]:
    """A picture for each value, which stood still for so long in all, and as often as there are hundreds in it."""
    return {f"p{at}": {"frames": frames, "freezes": ms // 100, "frozenMs": ms} for at, ms in enumerate(frozen_ms)}


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
    now = {**before, "p0": {"frames": 120, "freezes": 1, "frozenMs": 900}}
    one = await felt(page, {**COUNTED, "pictures": before}, {**COUNTED, "pictures": now})
    assert one["frozenMs"] == 900
    none = await felt(page, {**COUNTED, "pictures": now}, {**COUNTED, "pictures": now})
    assert none["frozenMs"] == 0

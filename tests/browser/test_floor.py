"""Who sees and hears whom at the pages: tiles shown, a button that is held, silence, hands, how a seat fares."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from identity.roles import Role
from identity.sessions import Holder
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.seat import Seats, told
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, prepared, serving

HOST = Holder(Role.MAIN_STAFF, "main", "V1")
HEARD = "([seat, before]) => told.frames[seat]?.energy > before + 0.001"
SEEN = "([seat, before]) => told.frames[seat]?.frames > before"


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def led(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Site, Browser]]:
    """A committee that has its leader, in a server and a browser of its own."""
    folder = tmp_path_factory.mktemp("floor")
    site = await prepared(folder, (*BEFORE_THE_PLEDGE, "pledge_and_elect"), (WITNESS, HOST))
    async with serving(site), async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest, folder)
        yield site, browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def room(led: tuple[Site, Browser], tmp_path: Path) -> AsyncIterator[Seats]:
    """Pages of one test; a seat that stays open would take the room from the next."""
    seats = Seats(*led, tmp_path)
    yield seats
    await seats.close()
    assert not seats.complaints
    assert not led[0].complaints()


def leader_and_member(seats: Seats) -> tuple[str, str]:
    """Where the leader sits, and another."""
    assert seats.site.evaluation is not None
    state = seats.site.evaluation.state
    led = next(member.seat for member in state.members.values() if member.id == state.leader)
    return led, next(label for label in sorted(seats.site.cookies) if label not in {led, "witness", "main"})


def silenced(page: Page) -> Locator:
    """The line that tells a seat of its silence."""
    return page.locator("room-wall .floor").get_by_text("已将您静音")


async def both(seats: Seats) -> tuple[Page, Page, str, str]:
    led, other = leader_and_member(seats)
    leader, member = await seats.open(led, "/room"), await seats.open(other, "/room")
    await leader.wait_for_function(HEARD, arg=[other, 0], timeout=30000)
    await member.wait_for_function(HEARD, arg=[led, 0], timeout=30000)
    return leader, member, led, other


async def energy(page: Page, seat: str) -> float:
    return float((await told(page))["frames"][seat]["energy"])


async def is_silent(page: Page, seat: str) -> bool:
    """Whether nothing is heard of a seat while its picture goes on for a while."""
    settled = (await told(page))["frames"][seat]["frames"] + 4
    await page.wait_for_function(SEEN, arg=[seat, settled])
    before, frames = await energy(page, seat), (await told(page))["frames"][seat]["frames"]
    await page.wait_for_function(SEEN, arg=[seat, frames + 6])
    return await energy(page, seat) - before < 0.001


async def test_the_leader_silences_everybody_lets_who_asks_speak_and_takes_the_last_act_back(
    room: Seats,
) -> None:
    leader, member, _, other = await both(room)
    await leader.get_by_role("button", name="全体静音", exact=True).click()
    await silenced(member).wait_for()
    assert await is_silent(leader, other)
    await member.get_by_role("button", name="申请发言").click()
    await leader.locator(f'seat-video[seat="{other}"]').get_by_text("申请发言").wait_for()
    await leader.locator(".hands").get_by_role("button").click()
    await silenced(member).wait_for(state="hidden")
    await leader.wait_for_function(HEARD, arg=[other, await energy(leader, other)])
    await leader.get_by_role("button", name="撤销").click()
    await silenced(member).wait_for()
    await leader.get_by_role("button", name="取消全体静音").click()
    await silenced(member).wait_for(state="hidden")


async def test_under_push_to_talk_a_seat_is_heard_while_the_space_bar_is_down(room: Seats) -> None:
    leader, member, _, other = await both(room)
    await leader.get_by_role("button", name="改为按住按钮发言").click()
    await member.get_by_role("button", name="按住说话").wait_for()
    assert await is_silent(leader, other)
    await member.locator("h1").click()
    await member.keyboard.down("Space")
    await leader.locator(f'seat-video[seat="{other}"]').get_by_text("正在发言").wait_for()
    await leader.wait_for_function(HEARD, arg=[other, await energy(leader, other)])
    await member.keyboard.up("Space")
    assert await is_silent(leader, other)
    await leader.get_by_role("button", name="改为随时发言").click()
    await leader.wait_for_function(HEARD, arg=[other, await energy(leader, other)])


async def test_a_picture_that_nobody_looks_at_is_not_sent_and_comes_back(room: Seats) -> None:
    leader, _, led, other = await both(room)
    place = await leader.locator(f'seat-video[seat="{led}"]').get_attribute("place") or ""
    await leader.keyboard.press(place)
    frames = (await told(leader))["frames"][other]["frames"]
    await leader.wait_for_function(HEARD, arg=[other, await energy(leader, other) + 0.05])
    stopped = (await told(leader))["frames"][other]["frames"]
    await leader.wait_for_function(HEARD, arg=[other, await energy(leader, other) + 0.05])
    assert (await told(leader))["frames"][other]["frames"] == stopped >= frames
    await leader.keyboard.press("Escape")
    await leader.wait_for_function(SEEN, arg=[other, stopped + 4])


async def test_the_host_silences_a_seat_from_its_own_wall(room: Seats) -> None:
    _, member, _, other = await both(room)
    host = await room.open("main", "/host")
    await host.locator(f'seat-video[seat="{other}"]').get_by_role("button", name="静音").click()
    await silenced(member).wait_for()
    await host.get_by_role("button", name="撤销").click()
    await silenced(member).wait_for(state="hidden")


async def test_a_seat_says_how_it_fares_in_a_word_with_its_figure_and_an_icon(room: Seats) -> None:
    leader, member, _, other = await both(room)
    badge = leader.locator(f'seat-video[seat="{other}"] .badge')
    await expect(badge).to_have_text(re.compile(r"良好 丢包 \d\.\d%"))
    assert await badge.locator("svg").count() == 1
    await member.get_by_role("button", name="节省流量").click()
    await expect(member.locator("room-wall .saving")).to_contain_text("已按您的选择暂停接收其他席位的画面")
    await member.get_by_role("button", name="全部恢复").click()
    await member.close()
    await expect(badge).to_have_text(re.compile(r"中断 \d+ 秒"), timeout=10000)

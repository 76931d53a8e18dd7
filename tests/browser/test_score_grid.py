"""The grid of seven bidders and fifteen items beside the papers: by the keyboard, through a cut of the network."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.people import keyboard
from tests.browser.seat import Seats
from tests.browser.wide import BIDS, ITEMS, a_wide_site
from tests.services.evaluation import PASSWORD

pytestmark = pytest.mark.pages

ON_ITS_WAY = re.compile(r"423 \(Locked\).* /cases/[^/ ]+/(documents/[0-9a-f]{64}|reading)$")
"""A range of a paper, or the time it was read, sent before a seat or the case was locked: refused, as it must be."""
CUT_AT, BACK_AT = 40, 65
LOW = 17


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def wide(tmp_path_factory: object) -> AsyncIterator[Seats]:
    """Pages of a case with this grid."""
    folder: Path = tmp_path_factory.mktemp("wide")  # type: ignore[attr-defined]
    async with a_wide_site(folder) as site, async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest, folder)
        made = Seats(site, browser, folder)
        yield made
        await made.close()
        await browser.close()
        assert [one for one in made.complaints if not ON_ITS_WAY.search(one)] == []
        assert not site.complaints()


async def shown(page: Page, number: int) -> None:
    """A page of a paper is on the screen."""
    await page.wait_for_function("number => told.page?.page === number", arg=number)


async def test_papers_open_beside_the_grid_where_its_references_say(wide: Seats) -> None:
    page = await wide.open(wide.labels[0], "/scores")
    await shown(page, 1)
    assert await page.evaluate("told.page.pages") == 120
    assert await violations(page) == []
    await page.get_by_role("link", name="第三章 2.2.4(1)-3", exact=True).click()
    await page.get_by_text("第 1 处，共 1 处").wait_for()
    await page.wait_for_selector("pdf-page .marks .present")
    async with page.expect_request(lambda one: one.url.endswith("/reading") and one.method == "POST"):
        await page.locator("#bid-3").get_by_role("link", name="看文件").click()
    await expect(page.locator("#paper option:checked")).to_have_text("演示投标人D")
    await page.locator("#c-0-1").press("F4")
    await expect(page.locator("#paper option:checked")).to_have_text("演示投标人B")
    await expect(page.locator("pdf-page .view")).to_be_focused()
    await page.keyboard.press("F4")
    await expect(page.locator("#c-0-1")).to_be_focused()


async def test_who_leaves_the_seat_comes_back_by_password_to_the_same_cell(wide: Seats) -> None:
    page = await wide.open(wide.labels[0], "/scores")
    await shown(page, 1)
    await page.locator("#c-2-3").focus()
    await page.get_by_role("button", name="离席").click()
    await expect(page.get_by_role("heading", name="您已离席，席位已锁定", exact=True)).to_be_visible()
    await expect(page.locator("#back-password")).to_be_focused()
    assert await violations(page) == []
    await page.goto(page.url.partition("/me")[0] + "/scores")
    await page.wait_for_url("**/me")
    await page.go_back()
    await page.locator("#back-password").fill(PASSWORD)
    await page.get_by_role("button", name="回到席位").click()
    await page.wait_for_url("**/scores#c-2-3")
    await expect(page.locator("#c-2-3")).to_be_focused()


def score_of(number: int) -> str:
    """What goes into a cell, counted down the columns: different enough that one in a wrong place is seen."""
    return "1.5" if number == LOW else str(2 + number % 5 * 0.5).removesuffix(".0")


async def fill(page: Page, first: int, last: int) -> None:
    """Cells down the columns by digits, Enter and arrows; the focus is in the first of them."""
    keys = page.keyboard
    for number in range(first, last):
        assert await page.locator("input:focus").get_attribute("id") == f"c-{number % ITEMS}-{number // ITEMS}"
        await keys.type(score_of(number))
        if number == LOW:
            await keys.press("F2")
            await keys.type("方案未见施工组织图")
            await keys.press("Escape")
        if (number + 1) % ITEMS:
            await keys.press("Enter")
        else:
            await keys.press("ArrowRight")
            for _ in range(ITEMS - 1):
                await keys.press("ArrowUp")


async def test_a_hundred_and_five_cells_are_filled_by_the_keyboard_through_a_cut_of_the_network(wide: Seats) -> None:
    page = await wide.open(wide.labels[1], "/scores")
    unsaved, send = page.locator(".unsaved"), page.get_by_role("button", name="提交并核对")
    await keyboard.tab_to(page, page.locator("#c-0-0"))
    await page.locator("#c-0-6").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator("#c-1-0")).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("#item-1 a")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#c-1-0")).to_be_focused()
    await page.locator("#c-0-0").focus()
    await fill(page, 0, CUT_AT)
    await expect(unsaved).to_have_text("已全部保存")
    await page.context.set_offline(True)
    await fill(page, CUT_AT, BACK_AT)
    await expect(unsaved).to_have_text(f"{BACK_AT - CUT_AT} 项未保存")
    await page.locator("input:focus").press("Control+Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator("#alert")).to_contain_text("保存后才能签名")
    await page.locator(f"#c-{BACK_AT % ITEMS}-{BACK_AT // ITEMS}").focus()
    await page.context.set_offline(False)
    await fill(page, BACK_AT, len(BIDS) * ITEMS)
    await expect(unsaved).to_have_text("已全部保存")
    await page.locator("input:focus").press("Control+Enter")
    await expect(send).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("核对与签名")
    read_back = await page.locator("tbody tr:not(.sum) td.figure:not(:nth-child(2))").evaluate_all(
        "cells => cells.map(cell => cell.firstChild.textContent)"
    )
    by_row = [score_of(column * ITEMS + row) for row in range(ITEMS) for column in range(len(BIDS))]
    assert read_back == by_row


async def test_a_paper_is_hidden_the_moment_work_is_paused(wide: Seats) -> None:
    page = await wide.open(wide.labels[2], "/scores")
    await shown(page, 1)
    desk = await wide.open("main", "/host")
    await desk.get_by_label("原因").fill("停电")
    await desk.get_by_role("button", name="暂停").click()
    await expect(page.locator("pdf-page")).to_contain_text("暂停期间文件已隐藏。")
    assert not await page.locator("pdf-page canvas").is_visible()

"""A page that brings itself anew does so by itself, and never under the feet of who has just followed a link."""

import asyncio
import json

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.seat import CASE_PATH, Seats

pytestmark = pytest.mark.pages

ENOUGH = 2
NEWS = {"state": "elsewhere", "paused": False, "ahead": 0, "say": "新的一步", "done": 0, "of": 5}


async def have_news(page: Page) -> asyncio.Event:
    """From now on the page is told of another step; set once it has been told, and asks again."""
    asked = asyncio.Event()
    times = 0

    async def tell(route: Route) -> None:
        nonlocal times
        times += 1
        if times == ENOUGH:
            asked.set()
        await route.fulfill(body=json.dumps(NEWS), content_type="application/json")

    await page.route("**/now", tell)
    return asked


async def test_a_page_with_news_loads_itself_again(seats: Seats) -> None:
    page = await seats.open(seats.labels[0], "/me")
    async with page.expect_request(lambda request: request.is_navigation_request()) as renewed:
        await have_news(page)
    assert (await renewed.value).url.endswith(f"{CASE_PATH}/me")


async def test_a_link_that_was_followed_before_the_news_came_is_not_lost(seats: Seats) -> None:
    page = await seats.open(seats.labels[0], "/me")

    async def slowly(route: Route) -> None:
        await (await have_news(page)).wait()
        await route.continue_()

    await page.route("**/receipts", slowly)
    await page.get_by_role("link", name="回执").click(no_wait_after=True)
    await expect(page).to_have_url(f"{seats.site.origin}{CASE_PATH}/receipts", timeout=15000)

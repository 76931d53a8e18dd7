"""A document is read page by page, enlarged and searched, and leaves the page in no other way."""

import pytest
from playwright.async_api import Page

from tests.browser.seat import CASE_PATH, Seats

pytestmark = pytest.mark.pages

INK = """
() => {
  const canvas = document.querySelector("pdf-page canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 200) dark += 1;
  return dark;
}
"""


async def opened(seats: Seats, page_number: str = "1") -> Page:
    address = f"{CASE_PATH}/documents/{seats.site.tender}"
    page = await seats.mount(seats.labels[0], "pdf-page", src=address, page=page_number)
    await page.wait_for_function("() => told.page")
    return page


async def test_a_page_is_drawn_and_turned(seats: Seats) -> None:
    page = await opened(seats)
    assert await page.evaluate(INK) > 1000
    pages = await page.evaluate("() => told.page.pages")
    await page.get_by_role("button", name="下一页").click()
    await page.wait_for_function("() => told.page.page === 2")
    await page.get_by_label("页码").fill(str(pages))
    await page.keyboard.press("Enter")
    await page.wait_for_function("pages => told.page.page === pages", arg=pages)
    assert await page.get_by_role("button", name="下一页").is_disabled()


async def test_words_are_found_and_marked(seats: Seats) -> None:
    page = await opened(seats)
    await page.get_by_role("searchbox").fill("评标办法")
    await page.keyboard.press("Enter")
    await page.get_by_text("第 1 处").wait_for()
    await page.wait_for_selector("pdf-page .marks .present")

"""A visitor draws again in the browser: under the policy of the page, without a word to the server, by key or drop."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.axe import violations
from tests.browser.seat import Seats
from tests.rules.test_draw_replay import ACCEPT, REJECT

pytestmark = pytest.mark.pages

TRANSCRIPT, POOL = ACCEPT / "draw-transcript.json", ACCEPT / "draw-transcript-pool.jsonl"


async def _drawn_again(page: Page, transcript: Path, pool: Path | None = None) -> str:
    """The verdict on these files."""
    await page.set_input_files("#transcript", transcript)
    await page.set_input_files("#pool", [pool] if pool else [])
    await page.evaluate("document.querySelector('draw-replay .outcome').replaceChildren()")
    await page.keyboard.press("Tab")
    await page.locator("draw-replay button").press("Enter")
    return await page.locator("draw-replay .verdict").inner_text()


async def test_a_visitor_draws_again_and_nothing_leaves_the_browser(seats: Seats) -> None:
    page = await seats.visit("/replay")
    await page.wait_for_selector("draw-replay:defined")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    assert "完全一致" in await _drawn_again(page, TRANSCRIPT, POOL)
    words = await page.locator("draw-replay .outcome").inner_text()
    assert "E008 (d7bfe011)、E004 (02d4fb6f)；跳过" in words
    assert "承诺的各方分属 2 个独立法人" in words
    for size in ("normal", "largest"):
        await page.evaluate("size => (document.documentElement.dataset.size = size)", size)
        assert not await violations(page)
    assert "未提供候选池" in await _drawn_again(page, TRANSCRIPT)
    differs = REJECT / "draw-differs-at-result.selections[0].taken[1].json"
    assert "result.selections[0].taken[1]" in await _drawn_again(page, differs, POOL)
    assert "抽取记录" in await _drawn_again(page, POOL, TRANSCRIPT)
    assert not await violations(page)
    # The worker and what it imports, files of this site; the visitor's own files go nowhere.
    assert asked
    assert all(one.startswith(f"GET {seats.site.origin}/static/") for one in asked), asked
    assert not seats.complaints
    assert not seats.site.complaints()


async def test_files_may_be_dropped_and_the_page_speaks_english(seats: Seats) -> None:
    page = await seats.visit("/replay")
    await page.locator("button[name=language][value=en], [value=en]").first.click()
    await page.wait_for_selector("html[lang=en] draw-replay:defined")
    files = [[path.name, path.read_text(encoding="utf-8")] for path in (POOL, TRANSCRIPT)]
    await page.evaluate(
        """(files) => {
          const dataTransfer = new DataTransfer();
          for (const [name, text] of files) dataTransfer.items.add(new File([text], name));
          const dropped = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
          document.querySelector("draw-replay .files").dispatchEvent(dropped);
        }""",
        files,
    )
    await page.locator("draw-replay button").click()
    assert "exactly what the record says" in await page.locator("draw-replay .verdict").inner_text()
    assert not seats.complaints

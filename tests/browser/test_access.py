"""No page or element breaks a rule of WCAG 2.2 A or AA that axe can see, in any size of letters."""

import pytest
from playwright.async_api import Page

from tests.browser.seat import CASE_PATH, Seats
from tests.house.tree import ROOT
from tests.services.evaluation import CASE

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = "async (rules) => (await axe.run({ runOnly: rules })).violations.map(({ id, nodes }) => [id, nodes[0].html])"


async def violations(page: Page) -> list[list[str]]:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[str]] = await page.evaluate(RUN, RULES)
    return found


@pytest.mark.parametrize("path", ["/room", "/device"])
async def test_pages_of_the_room(seats: Seats, path: str) -> None:
    page = await seats.open(seats.labels[0], path)
    await page.wait_for_selector("seat-video, device-check li")
    for size in ("normal", "largest"):
        await page.evaluate("size => (document.documentElement.dataset.size = size)", size)
        assert not await violations(page)


async def test_a_document_and_a_replay(seats: Seats) -> None:
    source = f"{CASE_PATH}/documents/{seats.site.tender}"
    document = await seats.mount(seats.labels[0], "pdf-page", src=source)
    await document.wait_for_function("() => told.page")
    assert not await violations(document)
    replayed = await seats.mount("witness", "replay-seat", case=CASE)
    await replayed.wait_for_selector("replay-seat > *")
    assert not await violations(replayed)

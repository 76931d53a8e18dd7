"""What is looked at on every page that anybody opens: axe, the console, the content policy; and pictures of it."""

import re
from pathlib import Path

from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, ViewportSize

from tests.browser.axe import violations

# What a browser says by itself of a network that is cut, and of an answer that is a refusal.
OF_AN_OUTAGE = ("net::ERR", "WebSocket connection to")
# Two of one name: a label leads to the wrong field, and axe does not say so.
TWICE = """
() => [...document.querySelectorAll("[id]")].map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at)
"""
SHOWN = ViewportSize(width=1440, height=1180)
CHANGING = (
    (re.compile(r"[0-9a-f]{64}"), "…"),
    (re.compile(r"^/b/.*"), "/b/…"),
    (re.compile(r"/cases/[^/]+"), "/cases/…"),
)


class Inspection:
    """Collects what is wrong with pages, by name of the page; every page is looked at once in each of its states."""

    def __init__(self, pictures: Path | None = None) -> None:
        self.faults: list[str] = []
        self.looked_at: set[str] = set()
        self._pictures = pictures

    def listen(self, context: BrowserContext, who: str) -> None:
        """Hear what the pages of a context complain of."""
        context.on("weberror", lambda fault: self.faults.append(f"{who}: {fault.error}"))
        context.on("console", lambda said: self._hear(who, said))

    def _hear(self, who: str, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"} and not any(word in said.text for word in OF_AN_OUTAGE):
            self.faults.append(f"{who}: {said.text}")

    async def look(self, page: Page) -> None:
        """Let axe judge a page once with each heading; one that renews itself meanwhile is judged anew."""
        while True:
            try:
                return await self._judge(page)
            except Error as torn:
                if "navigation" not in torn.message:
                    raise

    async def _judge(self, page: Page) -> None:
        heading = await page.locator("h1").first.inner_text()
        name = f"{address(page)} {heading}"
        if name in self.looked_at:
            return
        self.looked_at.add(name)  # before looking: five members come to a page at the same moment
        try:
            found = [f"{name}: {rule} {element[:160]}" for rule, element in await violations(page)]
            found += [f"{name}: two elements are #{twice}" for twice in await page.evaluate(TWICE)]
        except Error:
            self.looked_at.discard(name)
            raise
        self.faults += found

    async def picture(self, page: Page, name: str) -> None:
        """A picture for the README, where pictures are asked for."""
        if self._pictures is not None:
            before = page.viewport_size
            await page.set_viewport_size(SHOWN)
            await page.screenshot(path=self._pictures / f"{name}.png")
            await page.set_viewport_size(before or SHOWN)


def address(page: Page) -> str:
    """The path of a page without what differs from case to case."""
    path = "/" + page.url.split("/", 3)[3].split("#")[0].split("?")[0]
    for pattern, shown in CHANGING:
        path = pattern.sub(shown, path)
    return path

"""A page as one person of the case sees it, and what happens on it."""

from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.site import Site
from tests.services.evaluation import CASE

# Counts what the elements tell, so that a test waits for news instead of for time.
LISTEN = """
window.told = { connection: [], frames: {}, renegotiated: [], state: null };
addEventListener("bid:connection", (event) => told.connection.push({ ...event.detail, at: performance.now() }));
addEventListener("bid:frames", (event) => (told.frames = event.detail.seats));
addEventListener("bid:renegotiated", (event) => told.renegotiated.push({ ...event.detail, at: performance.now() }));
addEventListener("bid:state", (event) => (told.state = event.detail));
"""
CASE_PATH = f"/cases/{CASE}"


class Seats:
    """Pages of several people in one browser, each in a context of its own."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site = site
        self.browser = browser
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    async def context(self, who: str) -> BrowserContext:
        """A browser session signed in as the member at this seat, or as an account by its name."""
        made = await self.browser.new_context(viewport={"width": 1280, "height": 800}, base_url=self.site.origin)
        self._contexts.append(made)
        for name, value in self.site.cookies[who].items():
            await made.add_cookies(
                [{"name": name, "value": value, "url": self.site.origin, "secure": True, "httpOnly": True}]
            )
        await made.add_init_script(LISTEN)
        return made

    async def open(self, who: str, path: str) -> Page:
        """A page of the case."""
        page = await (await self.context(who)).new_page()
        page.on("pageerror", lambda fault: self.complaints.append(f"{who}: {fault}"))
        page.on("console", lambda said: self._hear(who, said))
        await page.goto(f"{CASE_PATH}{path}")
        return page

    def _hear(self, who: str, said: ConsoleMessage) -> None:
        if said.type == "error" and "WebSocket" not in said.text:
            self.complaints.append(f"{who}: {said.text}")

    async def close(self) -> None:
        """Leave all pages."""
        for context in self._contexts:
            await context.close()


async def told(page: Page) -> Any:  # noqa: ANN401 - what JSON brings
    """What the elements of a page told so far."""
    return await page.evaluate("told")

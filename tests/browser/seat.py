"""Pages as people of the case see them, and what happens on them."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.site import Site
from tests.services.evaluation import CASE

# Keeps what the elements tell, so that a test waits for news instead of for time.
LISTEN = """
window.told = { connection: [], frames: {}, renegotiated: [], page: null, replay: null };
addEventListener("bid:connection", ({ detail }) => told.connection.push({ ...detail, at: performance.now() }));
addEventListener("bid:frames", ({ detail }) => (told.frames = detail.seats));
addEventListener("bid:renegotiated", ({ detail }) => told.renegotiated.push(detail.what));
addEventListener("bid:page", ({ detail }) => (told.page = detail));
addEventListener("bid:replay", ({ detail }) => (told.replay = detail));
"""
# Puts an element on a page that does not have it, as a page of its own would.
MOUNT = """
async ([name, attributes]) => {
  const build = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "elements/");
  const style = document.createElement("link");
  Object.assign(style, { rel: "stylesheet", href: `${build}${name}.css` });
  document.head.append(style);
  await import(`${build}${name}.js`);
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  document.querySelector("main").replaceChildren(element);
}
"""
# What a browser says by itself of a network that is cut.
OF_AN_OUTAGE = ("net::ERR", "WebSocket connection to", "status of 503")
CASE_PATH = f"/cases/{CASE}"


class Seats:
    """Pages of several people in one browser, each in a context of its own; what they complain of is kept."""

    def __init__(self, site: Site, browser: Browser, album: Path) -> None:
        self.site = site
        self.album = album
        self.browser = browser
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    @property
    def labels(self) -> list[str]:
        """The seats that somebody sits at, the main venue's first."""
        return sorted(label for label in self.site.cookies if label not in self.site.csrf)

    async def context(self, who: str) -> BrowserContext:
        """A browser session signed in as the member at this seat, or as the witness."""
        made = await self.browser.new_context(viewport={"width": 1280, "height": 900}, base_url=self.site.origin)
        self._contexts.append(made)
        for name, value in self.site.cookies[who].items():
            await made.add_cookies(
                [{"name": name, "value": value, "url": self.site.origin, "secure": True, "httpOnly": True}]
            )
        await made.add_init_script(LISTEN)
        return made

    async def open(self, who: str, path: str) -> Page:
        """A page of the case, or of the site where the path names one."""
        return await self.opened(await self.context(who), who, path)

    async def opened(self, context: BrowserContext, who: str, path: str) -> Page:
        """The same in a context that is prepared already."""
        page = await self._page(context, who)
        await page.goto(path if path == "/login" else f"{CASE_PATH}{path}")
        return page

    async def page(self, who: str, path: str) -> Page:
        """A page of the site, in a browser session of its own."""
        page = await self._page(await self.context(who), who)
        await page.goto(path)
        return page

    async def visit(self, path: str) -> Page:
        """A public page of the site, for somebody who is not signed in."""
        made = await self.browser.new_context(viewport={"width": 1280, "height": 900}, base_url=self.site.origin)
        self._contexts.append(made)
        page = await self._page(made, "visitor")
        await page.goto(path)
        return page

    async def mount(self, who: str, element: str, **attributes: str) -> Page:
        """An element alone on a page."""
        return await self.mounted(await self.context(who), element, **attributes)

    async def mounted(self, context: BrowserContext, element: str, **attributes: str) -> Page:
        """The same in a context that is prepared already."""
        page = await self._page(context, element)
        await page.goto("/login")
        await page.evaluate(MOUNT, [element, attributes])
        return page

    async def _page(self, context: BrowserContext, name: str) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda fault: self.complaints.append(f"{name}: {fault.stack}"))
        page.on("console", lambda said: self._hear(name, said))
        return page

    def _hear(self, who: str, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"} and not any(word in said.text for word in OF_AN_OUTAGE):
            self.complaints.append(f"{who}: {said.text} {urlsplit(said.location['url']).path}".rstrip())

    async def close(self) -> None:
        """Leave all pages, a picture of each behind."""
        for number, context in enumerate(self._contexts):
            for page in context.pages:
                await page.screenshot(path=self.album / f"page-{number}.png")
            await context.close()


async def told(page: Page) -> Any:  # noqa: ANN401 - what JSON brings
    """What the elements of a page told so far."""
    return await page.evaluate("told")

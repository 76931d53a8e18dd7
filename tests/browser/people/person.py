"""Somebody at a browser of their own: opens pages, presses what is written on them, reads what they say."""

from collections.abc import Awaitable, Callable
from functools import partial

from playwright.async_api import Error, Locator, Page, TimeoutError, expect

from tests.browser.people.inspection import Inspection

PATIENCE_MS = 60000
DISTURBED = 3
RENEWED = ("interrupted by another navigation", "Execution context was destroyed", "net::ERR_ABORTED")


class Person:
    """One page of one context; whatever is opened is inspected. `case` is the path of the case."""

    def __init__(self, page: Page, inspection: Inspection, case: str) -> None:
        self.page = page
        self.inspection = inspection
        self.case = case

    async def go(self, path: str) -> None:
        """Open a page of the site; a page that renews itself at that very moment is left all the same."""
        await self._undisturbed(partial(self.page.goto, path))
        await self.look()

    async def look(self) -> None:
        """Inspect what is open."""
        await self._undisturbed(partial(self.inspection.look, self.page))

    async def _undisturbed(self, act: Callable[[], Awaitable[object]]) -> None:
        for _ in range(DISTURBED):
            try:
                await act()
            except Error as disturbed:
                if not any(words in disturbed.message for words in RENEWED):
                    raise
                await self.page.wait_for_load_state()
            else:
                return
        await act()

    async def log_in(self, name: str, password: str) -> None:
        """With an account."""
        await self.go("/login")
        await self.page.get_by_label("账号", exact=True).fill(name)
        await self.page.get_by_label("密码", exact=True).fill(password)
        await self.press("登录", "我的任务")

    async def press(self, words: str, heading: str) -> None:
        """Press a button; the page that follows has this heading."""
        await self._click(self.page.get_by_role("button", name=words, exact=True))
        await self.reads(heading)

    async def follow(self, words: str, heading: str) -> None:
        """Follow a link; the page that follows has this heading."""
        await self._click(self.page.get_by_role("link", name=words, exact=True).first)
        await self.reads(heading)

    async def _click(self, target: Locator) -> None:
        """Click; where the page is another one than was thought, say which."""
        try:
            await target.click()
        except TimeoutError as missing:
            missing.add_note(f"at {self.page.url}: {await self.page.locator('h1').all_inner_texts()}")
            raise

    async def reads(self, heading: str) -> None:
        """The page has this heading; what it refuses is told when it has not."""
        try:
            await expect(self.page.locator("h1")).to_contain_text(heading, timeout=PATIENCE_MS)
        except AssertionError as missing:
            missing.add_note("refused: " + " ".join(await self.page.locator(".faults").all_inner_texts()))
            raise
        await self.look()

    async def sees(self, words: str) -> None:
        """Words stand on the page, or come to."""
        await expect(self.page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)

"""Hands that stay on the keyboard: they reach things as the browser leads from one to the next."""

from playwright.async_api import Locator, Page

MOST_STEPS = 60
HERE = "element => element === document.activeElement"


async def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until something has the focus. Raises `AssertionError` where it is out of reach."""
    for _ in range(MOST_STEPS):
        if await wanted.evaluate(HERE):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached by the keyboard")


async def press(page: Page, wanted: Locator) -> None:
    """Reach a button or link and press it."""
    await tab_to(page, wanted)
    await page.keyboard.press("Enter")

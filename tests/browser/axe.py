"""What axe finds on a page against WCAG 2.2 A and AA."""

from functools import cache

from playwright.async_api import Page

from tests.house.tree import ROOT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """
async (rules) => (await axe.run({ runOnly: rules })).violations.map(({ id, nodes: [{ html, any }] }) =>
  [`${id}${any.length ? ` (${any[0].message})` : ""}`, html])
"""


@cache
def source() -> str:
    """The text of axe itself."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[list[str]]:
    """Rules that a page breaks, each with the first element that does."""
    await page.evaluate(source())
    found: list[list[str]] = await page.evaluate(RUN, RULES)
    return found

"""The real server with a prepared case, and real Chromium processes with fake cameras (320x180, 4 a second)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.abroad import Abroad, abroad
from tests.browser.launch import launched
from tests.browser.seat import Seats
from tests.browser.site import Site, a_site

LOOP: Final = "session"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share one loop, one server and one browser: a start costs seconds."""
    for item in items:
        if Path(__file__).parent in item.path.parents and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.asyncio(loop_scope=LOOP), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The server."""
    async with a_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def chromium(site: Site, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """A browser that trusts this server's key; its camera shows a film, its microphone beeps."""
    async with async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest, tmp_path_factory.mktemp("camera"))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def seats(site: Site, chromium: Browser, tmp_path: Path) -> AsyncIterator[Seats]:
    """Opens pages as people of the case; what they complain of fails the test."""
    made = Seats(site, chromium, tmp_path)
    yield made
    await made.close()
    assert not made.complaints
    assert not site.complaints()


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Abroad]:
    """A Chromium and a Firefox in networks of their own."""
    async with abroad(tmp_path_factory.mktemp("abroad")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope=LOOP)
async def places(both: Abroad) -> AsyncIterator[Abroad]:
    """The same, left tidy."""
    yield both
    await both.leave()

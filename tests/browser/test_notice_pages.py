"""The pages of notices break no rule of WCAG 2.2 A or AA that axe can see: both languages, two sizes, a telephone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, async_playwright

from conduct import calling, hand_calls
from conduct.ports import Actor
from identity import service, sessions
from identity.roles import Role
from identity.sessions import Holder
from storage.deployment_keys import open_keys
from storage.logs import LogKeys
from storage.store import Store
from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.services.activation import office_of
from tests.services.evaluation import CASE, Evaluation
from tests.web.committee import services_on
from web.app import make_app
from web.visit import fresh_token

pytestmark = pytest.mark.pages

TELEPHONE = {"width": 360, "height": 740}


@dataclass
class Pages:
    """The two pages, on a case whose experts are being called."""

    browser: Browser
    origin: str
    paths: dict[str, str]
    cookie: str


@pytest_asyncio.fixture(loop_scope=LOOP)
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    keys = open_keys(tmp_path / "keys", "演示交易中心", ["localhost"], datetime.now(UTC))
    log_keys = LogKeys("test.example/log", keys.log_seed)
    store = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", keys.storage, log_keys)
    office = office_of(keys)
    evaluation = Evaluation(store, office, tmp_path)
    evaluation.starts_in = timedelta(hours=1)
    for part in (evaluation.prepare_deployment, evaluation.apply, evaluation.draw_venues, evaluation.ask_for_experts):
        await part()
    await calling.call(store, evaluation.process, CASE)
    first, *_ = store.look(lambda tx: hand_calls.lines(tx, "province"))
    operator = Actor(Role.POOL_OWNER, "province")
    await store.act(lambda tx: hand_calls.open_line(tx, operator, "province", first.id))
    cookie = fresh_token()
    session = sessions.opened(Holder(Role.POOL_OWNER, "province"), cookie, fresh_token(), datetime.now(UTC))
    await store.act(lambda tx: service.keep_session(tx.shelf("deployment", "sessions"), session))
    services = replace(services_on(evaluation), contact="0000-000000")
    async with TestServer(make_app(services)) as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        paths = {"notice": f"/n/{first.payload['link']}", "calls": "/calls", "over": "/n/" + "0" * 32}
        yield Pages(browser, str(server.make_url("")).rstrip("/"), paths, cookie)
        await browser.close()
    store.close()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_pages_of_notices(pages: Pages, language: str, tmp_path: Path) -> None:
    cookies = f"__Host-session={pages.cookie}; __Host-language={language}"
    settings: dict[str, Any] = {"viewport": TELEPHONE, "extra_http_headers": {"Cookie": cookies}}
    context = await pages.browser.new_context(**settings)
    for name, path in pages.paths.items():
        page = await context.new_page()
        await page.goto(pages.origin + path)
        for size in ("normal", "largest"):
            await page.evaluate("size => (document.documentElement.dataset.size = size)", size)
            assert not await violations(page), (name, size)
            wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (name, size)
            await page.screenshot(path=tmp_path / f"{name}-{language}-{size}.png", full_page=True)
    await context.close()

"""Three organisations draw by hand, each in a browser of its own; one that stays silent is named on every page."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from conduct.ports import stamp
from identity.roles import Role
from identity.sessions import Holder
from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.browser.party_log import Log
from tests.browser.seat import Seats
from tests.browser.site import Site, a_site
from tests.services.evaluation import CASE
from tests.services.parties import HOST, PARTIES

PHRASE = "blue heron slow river"
OTHERS = tuple(party for party in PARTIES if party != HOST)
PEOPLE = (
    *(Holder(Role.PARTY, party, account=f"{party}-clerk") for party in PARTIES),
    Holder(Role.MAIN_STAFF, "main", "V1"),
    Holder(Role.AGENT, "agent"),
    Holder(Role.SUPERVISOR, "supervisor"),
)
POST = """
async ([path, headers, fields]) => {
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(fields) });
  return [answer.status, await answer.text()];
}
"""
SILENT = "supervision"
EXPERTS = {
    "region_reason": "副场席位所在地区",
    "quotas": [
        {"category": "A08", "count": 2, "alternates": 0, "place": "main"},
        {"category": "A08", "count": 1, "alternates": 1, "place": "sub-1"},
        {"category": "B01", "count": 1, "alternates": 1, "place": "sub-2"},
    ],
}
PATIENCE_MS = 60_000


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def site(tmp_path_factory: Any) -> AsyncIterator[Site]:  # noqa: ANN401 - pytest's own
    """A server with a case whose seats are held and nothing is drawn."""
    async with a_site(tmp_path_factory.mktemp("draws"), ("prepare_deployment", "apply"), PEOPLE) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def chromium(site: Site) -> AsyncIterator[Browser]:
    """A browser that trusts this server's key."""
    arguments = [f"--ignore-certificate-errors-spki-list={site.key_digest}", "--no-sandbox"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def seats(site: Site, chromium: Browser, tmp_path: Path) -> AsyncIterator[Seats]:
    made = Seats(site, chromium, tmp_path)
    yield made
    await made.close()
    assert not made.complaints
    assert not site.complaints()


async def posted(page: Page, site: Site, who: str, path: str, **fields: object) -> None:
    """An act of somebody of the offices, whose pages have tests of their own."""
    headers = {"Accept": "application/json", "Content-Type": "application/json", "X-CSRF-Token": site.csrf[who]}
    status, text = await page.evaluate(POST, [f"/cases/{CASE}{path}", headers, fields])
    assert status == 200, text


async def opened(seats: Seats, party: str, *, saves: bool = True) -> Page:
    """A party's page in a fresh browser, its key made and its recovery file saved."""
    page = await seats.page(party, "/party")
    await expect(page.locator(".ask-first")).to_have_text("现在请您为本单位设置抽取密钥。")
    await page.fill("#new-passphrase", PHRASE)
    await page.fill("#new-passphrase-again", PHRASE)
    async with page.expect_download() as saving:
        await page.click("text=生成密钥并保存恢复文件")
    if saves:
        await (await saving.value).save_as(seats.album / f"{party}.json")
    await expect(page.locator(".kept")).to_be_visible()
    return page


def soon(seconds: int) -> str:
    """A minute to draw at."""
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))


async def press(page: Page, word: str) -> None:
    """Press the one prominent button, which must be this one."""
    button = page.locator("button.primary")
    await expect(button).to_have_text(word, timeout=PATIENCE_MS)
    await button.click()


def state_of(page: Page, draw: str, party: str) -> Any:  # noqa: ANN401 - a locator
    """Where a party's state stands on a page."""
    return page.locator(f'[data-draw="{CASE}/{draw}"] tbody tr', has_text=party).locator("td").first


async def commit(pages: Iterable[Page]) -> None:
    await asyncio.gather(*(press(page, "承诺") for page in pages))


async def leave(host: Page, others: Iterable[Page], word: str) -> None:
    """The host reveals, the others after it."""
    await press(host, word)
    await asyncio.gather(*(press(page, word) for page in others))


async def drawn(page: Page, draw: str) -> None:
    """Wait until the page says that this draw is made."""
    place = page.locator(f'[data-draw="{CASE}/{draw}"]')
    await expect(place).to_contain_text("结果已封存", timeout=PATIENCE_MS)


async def test_three_organisations_draw_and_a_silent_one_is_named(seats: Seats) -> None:
    site = seats.site
    pages = dict(zip(PARTIES, await asyncio.gather(*(opened(seats, party) for party in PARTIES)), strict=True))
    host, silent = pages[HOST], pages[SILENT]
    main, supervisor = await seats.page("main", "/"), await seats.page("supervisor", "/")

    # Sub venues: everybody commits, verifies, and reveals ahead of the minute; once more when the process has died.
    await posted(main, site, "main", "/draws/venues", count=2, seats=2, at=soon(20))
    await posted(supervisor, site, "supervisor", "/draws/venues/confirm")
    await commit(pages.values())
    await expect(state_of(silent, "venues", HOST)).to_have_text("待揭示", timeout=PATIENCE_MS)
    await expect(silent.locator("button.primary")).to_have_count(0)
    await expect(host.locator(".checked li")).to_have_count(4)
    assert not await violations(host)
    await leave(host, [pages[party] for party in OTHERS], "预留揭示")
    for party in PARTIES:
        await expect(state_of(host, "venues", party)).to_have_text("已揭示", timeout=PATIENCE_MS)
    site.kill_draw_process()
    again = (press(pages[party], "再次揭示") for party in PARTIES if party != SILENT)
    await asyncio.gather(in_another_browser(seats, SILENT, "再次揭示"), *again)
    await drawn(host, "venues")
    for page, party in itertools.product(pages.values(), PARTIES):
        await expect(state_of(page, "venues", party)).to_have_text("已揭示", timeout=PATIENCE_MS)

    # Experts: one commits and is gone. The attempt is void in its name, the other two draw without it.
    agent = await seats.page("agent", f"/cases/{CASE}/draws")
    await posted(agent, site, "agent", "/draws/experts", **EXPERTS, at=soon(12))
    await posted(supervisor, site, "supervisor", "/draws/experts/confirm")
    await commit(pages.values())
    await silent.close()
    left = [page for party, page in pages.items() if party not in {HOST, SILENT}]
    await leave(host, left, "预留揭示")
    named = f"第 1 次抽取作废：{SILENT}没有按时回应。"
    for page in (host, *left, agent):
        await expect(page.locator('[data-draw$="experts"] .voided')).to_contain_text(named, timeout=PATIENCE_MS)
    await commit([host, *left])
    await leave(host, left, "揭示")
    await drawn(host, "experts")
    await drawn(agent, "experts")
    assert not await violations(agent)
    await expect(agent.locator("img.qr")).to_have_count(2)


async def in_another_browser(seats: Seats, party: str, word: str) -> None:
    """A secret that is not the committed one is not shown; the recovery file brings the right one, and it is."""
    page = await opened(seats, party, saves=False)
    await expect(page.locator(".ask-first")).to_contain_text("现在请您载入恢复文件", timeout=PATIENCE_MS)
    await page.set_input_files("#recovery-file", seats.album / f"{party}.json")
    await page.fill("#old-passphrase", PHRASE)
    await page.click("button:has-text('载入恢复文件')")
    await press(page, word)


async def test_a_recovery_file_brings_the_secret_into_another_browser(seats: Seats) -> None:
    first = await opened(seats, HOST)
    code = await first.locator(".kept dd").first.text_content()
    second = await seats.page(HOST, "/party")
    await second.click("summary:has-text('本单位已有恢复文件')")
    await second.set_input_files("#recovery-file", seats.album / f"{HOST}.json")
    await second.fill("#old-passphrase", "another passphrase")
    await second.click("text=载入恢复文件")
    await expect(second.locator("details .fault")).to_have_text("口令不正确。没有载入任何内容，请重新输入。")
    await second.fill("#old-passphrase", PHRASE)
    await second.click("text=载入恢复文件")
    await expect(second.locator(".kept dd").first).to_have_text(code or "")
    await second.reload()
    await expect(second.locator(".kept dd").first).to_have_text(code or "")


async def test_another_key_of_the_log_stops_the_page(seats: Seats) -> None:
    page = await opened(seats, HOST, saves=False)
    pin = """async (key) => {
      const root = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "");
      await (await import(`${root}party/keeping.js`)).pinLog(key);
    }"""
    await page.evaluate(pin, Log().vkey)
    await page.reload()
    await expect(page.locator(".ask-first.trouble")).to_contain_text("日志签名钥匙与这个浏览器首次记下的不同")
    await expect(page.locator("button.primary")).to_have_count(0)

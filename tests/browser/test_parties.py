"""Three organisations draw by hand, each in a browser of its own; one that stays silent is named on every page."""

import asyncio
import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.async_api import Browser, Page, async_playwright, expect

from conduct import drawing
from conduct.ports import stamp
from conduct.revealing import Box
from draw import chain, pool_file
from identity.roles import Role
from identity.sessions import Holder
from signing.canonical import canonical
from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.party_log import Log
from tests.browser.seat import Seats
from tests.browser.site import Site, at_work, prepared, serving
from tests.services.evaluation import CASE
from tests.services.parties import HOST, PARTIES, BesideProcess, DrawParty

pytestmark = pytest.mark.pages

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
        {"category": "A08", "count": 1, "alternates": 0, "place": "main"},
        {"category": "A08", "count": 1, "alternates": 1, "place": "sub-1"},
        {"category": "A02", "count": 1, "alternates": 0, "place": "sub-1"},
        {"category": "B01", "count": 1, "alternates": 1, "place": "sub-2"},
    ],
}
LINKS = 32
PATIENCE_MS = 60_000


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def site(tmp_path_factory: Any) -> Site:  # noqa: ANN401 - pytest's own
    """A deployment with a case whose seats are held and nothing is drawn; no server runs."""
    return await prepared(tmp_path_factory.mktemp("draws"), ("prepare_deployment", "apply"), PEOPLE)


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def chromium(site: Site) -> AsyncIterator[Browser]:
    """A browser that trusts this server's key."""
    async with async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def seats(site: Site, chromium: Browser, tmp_path: Path) -> AsyncIterator[Seats]:
    made = Seats(site, chromium, tmp_path)
    yield made
    await made.close()
    assert not made.complaints
    assert not site.complaints()


@pytest_asyncio.fixture(loop_scope=LOOP)
async def server(seats: Seats) -> AsyncIterator[Seats]:
    """The same while a server runs."""
    async with serving(seats.site):
        yield seats


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


async def test_three_organisations_draw_a_silent_one_is_named_and_a_stranger_draws_again(seats: Seats) -> None:
    site = seats.site
    async with serving(site):
        await draw_by_hand(seats)
    pool = await open_the_committee(site, seats.album)
    async with serving(site):
        agent = await seats.page("agent", f"/cases/{CASE}/draws")
        digest = (await agent.locator(f'[data-draw="{CASE}/venues"] .transcript').text_content() or "").strip()
        async with agent.expect_download() as saving:
            await agent.locator(f'[data-draw="{CASE}/venues"] a[href$="/transcript"]').click()
        transcript = seats.album / "venues-transcript.json"
        await (await saving.value).save_as(transcript)
        assert hashlib.sha256(transcript.read_bytes()).hexdigest() == digest
        stranger = await seats.visit("/replay")
        await stranger.set_input_files("#transcript", transcript)
        await stranger.set_input_files("#pool", pool)
        await stranger.locator("draw-replay button").click()
        await expect(stranger.locator("draw-replay .verdict")).to_contain_text("完全一致", timeout=PATIENCE_MS)
        await expect(stranger.locator("draw-replay .outcome")).to_contain_text("3 个独立法人")


async def open_the_committee(site: Site, album: Path) -> Path:
    """From sealed orders to an open committee, links had again from recovery files alone; the pool that was drawn from.

    This is the format of the file and the derivation of chains, written a second time from docs/draw-protocol.md.
    """
    async with at_work(site) as evaluation:
        evaluation.process = BesideProcess()
        for name, draw in evaluation.state.draws.items():
            for party in sorted(draw.parties, key=lambda one: one != HOST):
                evaluation.parties[party] = Recovered(party, album / f"{party}.json", draw.attempt)
                assert await evaluation.reveal(party, name)
        await evaluation.answer_calls()
        await evaluation.open_bids()
        await evaluation.check_in()
        entries = evaluation.store.look(lambda tx: drawing.load(tx, CASE, "venues").pool.entries)
        (album / "pool.jsonl").write_bytes(pool_file.write(entries))
    return album / "pool.jsonl"


class Recovered(DrawParty):
    """A party from its recovery file and passphrase, in one attempt."""

    def __init__(self, party: str, file: Path, attempt: int) -> None:
        super().__init__(party)
        told = json.loads(file.read_bytes())
        box = bytes.fromhex(told.pop("box"))
        salt, iv = bytes.fromhex(told["salt"]), bytes.fromhex(told["iv"])
        key = hashlib.pbkdf2_hmac("sha256", PHRASE.encode(), salt, told["rounds"])
        self.secret, self.attempt = AESGCM(key).decrypt(iv, box, canonical(told)), attempt

    def box(self, draw: str, context: str, key: str, round_no: int = 0, link: bytes | None = None) -> Box:
        label = {"attempt": self.attempt, "case": CASE, "draw": draw, "v": "bid-party-chain/1"}
        first = hmac.digest(self.secret, canonical(label), "sha256")
        return super().box(draw, context, key, round_no, link or chain.reveal(first, LINKS, round_no))


async def draw_by_hand(seats: Seats) -> None:
    """Both draws, by pressing what each page asks for."""
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


async def test_a_recovery_file_brings_the_secret_into_another_browser(server: Seats) -> None:
    seats = server
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


async def test_another_key_of_the_log_stops_the_page(server: Seats) -> None:
    seats = server
    page = await opened(seats, HOST, saves=False)
    pin = """async (key) => {
      const root = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "");
      await (await import(`${root}party/keeping.js`)).pinLog(key);
    }"""
    await page.evaluate(pin, Log().vkey)
    await page.reload()
    await expect(page.locator(".ask-first.trouble")).to_contain_text("日志签名钥匙与这个浏览器首次记下的不同")
    await expect(page.locator("button.primary")).to_have_count(0)

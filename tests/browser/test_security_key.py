"""A security key beside the signing password, in a real Chromium with its virtual authenticator over USB."""

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, async_playwright, expect

from conduct import enrolling
from conduct.ports import Actor
from demo import case_example_a as works
from demo.example import Example
from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.seat import Seats
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, at_work, prepared, serving
from tests.browser.virtual_key import COMPUTING, USB_KEY, Key, Kind, Pledge, another_origin, plug_in
from tests.services.evaluation import PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope=LOOP), pytest.mark.pages]
WITH_KEYS = cast(Example, SimpleNamespace(**{**vars(works), "PROFILE": "demo_keys"}))
# A refused signature is what these pages are opened for; Chromium advises to take RSA keys as well, which we do not:
# the stranger's verifier judges P-256 alone.
EXPECTED = ("403 (Forbidden)", "pubKeyCredParams is missing at least one of the default algorithm identifiers")
# Chromium's virtual key computes when it registers; one on USB says that it can, and computes when it is asked again.
COMPUTES_WHEN_ASKED_AGAIN = """
() => {
  const create = navigator.credentials.create.bind(navigator.credentials);
  navigator.credentials.create = ({ publicKey }) => create({ publicKey: { ...publicKey, extensions: { prf: {} } } });
}
"""
ELSEWHERE = "QSBjaGFsbGVuZ2UgdGhhdCBub2JvZHkgaGVyZSBhc2tlZA"


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def seats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seats]:
    """A case whose rules want a security key; the desk has let three seats set their passwords anew."""
    folder: Path = tmp_path_factory.mktemp("keys")
    site = await prepared(folder, BEFORE_THE_PLEDGE, (WITNESS,), WITH_KEYS)
    async with at_work(site) as evaluation:
        desk, anew = Actor("checkin", "desk", "V1"), sorted(site.cookies)[:3]
        for member in [one.id for one in evaluation.state.members.values() if one.seat in anew]:
            await evaluation.do(enrolling.reissue, desk, "second", member)
    async with serving(site), async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest)
        made = Seats(site, browser, folder)
        yield made
        await made.close()
        await browser.close()
        assert not site.complaints()
        assert [one for one in made.complaints if not any(part in one for part in EXPECTED)] == []


async def test_a_member_registers_a_key_signs_with_it_and_each_attack_is_refused_for_its_own_reason(
    seats: Seats,
) -> None:
    page = await seats.open(seats.labels[0], "/enrol")
    home = page.url.removeprefix(seats.site.origin).removesuffix("/enrol")
    key = await register(page, USB_KEY)
    assert registered(seats)[-1]["prf"] is False
    await page.goto(f"{home}/pledge")
    pledge = Pledge(page, home, PASSWORD)
    for attack, code in ATTACKS.items():
        assert await attack(pledge, key) == code, attack.__name__
    async with another_origin(seats.site) as elsewhere:
        assert await answered_elsewhere(pledge, key, elsewhere) == "security-key-origin"

    used = await sign_on_the_page(page)
    await step_out(page, home)
    assert await handed_in_again(pledge, used) == "security-key-used"
    await come_back(page, key)


def registered(seats: Seats) -> list[dict[str, Any]]:
    """The security keys that the case's log states, in order."""
    with sqlite3.connect(f"file:{seats.site.settings.state}/db/bid.sqlite?mode=ro", uri=True) as database:
        rows = database.execute("SELECT bytes FROM statement WHERE kind = 'key.registered' ORDER BY rowid").fetchall()
    database.close()
    return [json.loads(data)["body"] for (data,) in rows]


async def register(page: Page, kind: Kind) -> Key:
    assert await violations(page) == []
    await page.get_by_label("签名密码", exact=True).fill(PASSWORD)
    await page.get_by_label("再输入一次").fill(PASSWORD)
    key = await plug_in(page, kind)
    await page.get_by_role("button", name="设置签名密码").click()
    await page.wait_for_url("**/me")
    assert (await key.credential())["rpId"] == "localhost"
    return key


async def nothing_from_the_key(pledge: Pledge, key: Key) -> str:
    return await pledge.sign(await pledge.asked(), "")


async def owner_not_recognised(pledge: Pledge, key: Key) -> str:
    await key.say("setUserVerified", isUserVerified=False)
    asked = await pledge.asked()
    answer = await key.touch(asked, userVerification="discouraged")
    await key.say("setUserVerified", isUserVerified=True)
    return await pledge.sign(asked, json.dumps(answer))


async def another_challenge(pledge: Pledge, key: Key) -> str:
    """The page has the key answer a challenge of its own making."""
    asked = await pledge.asked()
    return await pledge.sign(asked, json.dumps(await key.touch(asked, challenge=ELSEWHERE)))


async def answer_to_the_question_before(pledge: Pledge, key: Key) -> str:
    """The same bytes were asked about again meanwhile: the two minutes of the first question are void."""
    asked = await pledge.asked()
    answer = await key.touch(asked)
    await pledge.asked_again(asked["batch"])
    return await pledge.sign(asked, json.dumps(answer))


async def other_bytes(pledge: Pledge, key: Key) -> str:
    """What the key answered about is exchanged for other bytes before it is handed in."""
    answer = await key.touch(await pledge.asked())
    return await pledge.sign(await pledge.asked(), json.dumps(answer))


async def a_copy_that_has_counted_less(pledge: Pledge, key: Key) -> str:
    original = await key.credential()
    await key.replace({**original, "signCount": 0})
    asked = await pledge.asked()
    answer = await key.touch(asked)
    await key.replace(original)
    return await pledge.sign(asked, json.dumps(answer))


ATTACKS: dict[Callable[[Pledge, Key], Awaitable[str]], str] = {
    nothing_from_the_key: "security-key-missing",
    owner_not_recognised: "security-key-unverified",
    another_challenge: "security-key-challenge",
    answer_to_the_question_before: "security-key-challenge",
    other_bytes: "security-key-other-bytes",
    a_copy_that_has_counted_less: "security-key-counter",
}


async def answered_elsewhere(pledge: Pledge, key: Key, elsewhere: str) -> str:
    """Another site of this host, which Chromium lets use the key, has it answer the challenge that our page got."""
    asked, ours = await pledge.asked(), pledge.page.url
    await pledge.page.goto(elsewhere)
    answer = await key.touch(asked)
    await pledge.page.goto(ours)
    return await pledge.sign(asked, json.dumps(answer))


async def sign_on_the_page(page: Page) -> str:
    """The pledge as its own page signs it; the key's answer that went with it."""
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one))  # noqa: PLW0108 - Playwright marks the function it is given
    await page.get_by_role("button", name="同意并遵守").click()
    await page.get_by_label("签名密码").fill(PASSWORD)
    assert await violations(page) == []
    await page.get_by_role("button", name="核对无误，签名").click()
    await page.wait_for_url("**/receipts")
    (form,) = (one.post_data for one in sent if one.method == "POST" and one.url.endswith("/sign/pledge"))
    (answer,) = parse_qs(form or "")["security_key"]
    return answer


async def step_out(page: Page, home: str) -> None:
    await page.goto(f"{home}/me")
    await page.get_by_role("button", name="离席").click()
    await page.locator("#back-password").wait_for()


async def handed_in_again(pledge: Pledge, used: str) -> str:
    """The answer that released the pledge, with the statement of coming back."""
    asked = await pledge.post("/seat/back/key", {"batch": ""})
    body = {"batch": asked["batch"], "password": PASSWORD, "security_key": used}
    return str((await pledge.post("/seat/back", body)).get("code", "signed"))


async def come_back(page: Page, key: Key) -> None:
    """A seat that is left opens by the key as well; a copy of the key that has counted less does not open it."""
    original = await key.credential()
    await key.replace({**original, "signCount": 1})
    await page.locator("#back-password").fill(PASSWORD)
    await page.get_by_role("button", name="回到席位").click()
    await expect(page.get_by_text("安全密钥的计数没有增加")).to_be_visible()
    await key.replace(original)
    await page.locator("#back-password").fill(PASSWORD)
    await page.get_by_role("button", name="回到席位").click()
    await page.locator("#back-password").wait_for(state="detached")


async def test_a_key_that_computes_seals_the_signing_key_which_opens_with_nothing_less(seats: Seats) -> None:
    """Registered by two touches; each signature asks of the present salt and of the next, by the pages alone."""
    page = await seats.open(seats.labels[1], "/enrol")
    home = page.url.removeprefix(seats.site.origin).removesuffix("/enrol")
    await page.evaluate(COMPUTES_WHEN_ASKED_AGAIN)
    key = await register(page, COMPUTING)
    assert registered(seats)[-1]["prf"] is True
    assert (await key.credential())["signCount"] == 2
    await page.goto(f"{home}/pledge")
    pledge = Pledge(page, home, PASSWORD)
    asked = await pledge.asked()
    assert await pledge.sign(asked, json.dumps(await key.touch(asked))) == "security-key-prf"

    used = await sign_on_the_page(page)
    assert [len(one) for one in json.loads(used)["prf"]] == [43, 43]
    for _ in range(2):
        await step_out(page, home)
        await page.locator("#back-password").fill(PASSWORD)
        await page.get_by_role("button", name="回到席位").click()
        await page.locator("#back-password").wait_for(state="detached")


async def test_a_key_that_computes_when_it_registers_is_touched_once(seats: Seats) -> None:
    page = await seats.open(seats.labels[2], "/enrol")
    home = page.url.removesuffix("/enrol")
    key = await register(page, COMPUTING)
    assert registered(seats)[-1]["prf"] is True
    assert (await key.credential())["signCount"] == 1
    await page.goto(f"{home}/pledge")
    await sign_on_the_page(page)


async def test_without_a_key_nothing_is_set_and_the_page_says_so(seats: Seats) -> None:
    page = await seats.open(seats.labels[0], "/enrol")
    await page.get_by_label("签名密码", exact=True).fill(PASSWORD)
    await page.get_by_label("再输入一次").fill(PASSWORD)
    await page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new DOMException('')); }")
    await page.get_by_role("button", name="设置签名密码").click()
    await expect(page.get_by_text("安全密钥没有应答")).to_be_visible()

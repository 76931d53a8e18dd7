"""A receipt is judged in the visitor's browser alone: what holds, what does not and why, what an old browser says."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from playwright.async_api import Page

from signing.canonical import short_code
from signing.note import ED25519, VerifierKey
from tests.browser.axe import violations
from tests.browser.party_log import CASE, NAME, Log
from tests.browser.seat import Seats

pytestmark = pytest.mark.pages

OLD_BROWSER = """() => {
const known = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = async (form, key, algorithm, ...rest) => {
  if (algorithm.name === "Ed25519") throw new DOMException("Unrecognized name.", "NotSupportedError");
  return known(form, key, algorithm, ...rest);
};
}"""


def log() -> Log:
    made = Log()
    for number in range(7):
        made.state("sheet.signed", {"member": f"m{number}"})
    return made


def receipt(of: Log, place: int, **changed: object) -> str:
    """As `GET /cases/…/receipts/…` answers, with something changed."""
    entry = sha256(of.statements[place]).digest()
    told = {"code": short_code(entry), "entry": entry.hex(), "index": place, "proof": of.proof(place)}
    return json.dumps({**told, **changed})


async def judged(page: Page, text: str, key: str) -> str:
    await page.fill("#receipt", text)
    await page.fill("#key", key)
    await page.evaluate("document.querySelector('receipt-check .outcome').replaceChildren()")
    await page.locator("receipt-check button").press("Enter")
    return await page.locator("receipt-check .verdict").inner_text()


async def test_a_receipt_is_judged_in_the_browser_and_goes_nowhere(seats: Seats) -> None:
    page = await seats.visit("/receipt")
    await page.wait_for_selector("receipt-check:defined")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    real, other = log(), log()
    assert "回执有效" in await judged(page, receipt(real, 4), real.vkey)
    words = await page.locator("receipt-check .outcome").inner_text()
    assert short_code(sha256(real.statements[4]).digest()) in words
    assert CASE in words
    assert "第 4 条，检查点覆盖前 7 条" in words
    for size in ("normal", "largest"):
        await page.evaluate("size => (document.documentElement.dataset.size = size)", size)
        assert not await violations(page)
    renamed = real.vkey.replace(NAME, "other.example")
    elsewhere = str(VerifierKey("other.example", ED25519, real.key.public_key().public_bytes_raw()))
    wrong = {
        "不是一份完整的回执": (receipt(real, 4)[:-1], real.vkey),
        "校验码与其内容不符": (receipt(real, 4, code="0000-0000"), real.vkey),
        "序号与证明不符": (receipt(real, 4, index=3), real.vkey),
        "不在检查点所覆盖的日志里": (receipt(real, 4, proof=real.proof(3)), real.vkey),
        "没有这个公钥的签名": (receipt(real, 4), other.vkey),
        "证明格式不对": (receipt(real, 4, proof="x"), real.vkey),
        "这不是日志公钥": (receipt(real, 4), renamed),
        "不是这个公钥所属日志的": (receipt(real, 4), elsewhere),
    }
    for why, (text, key) in wrong.items():
        assert why in await judged(page, text, key), why
    assert "签名没有核验" in await judged(page, receipt(real, 4), "")
    assert not asked
    assert not seats.complaints
    assert not seats.site.complaints()


async def test_a_forged_signature_is_named(seats: Seats) -> None:
    page = await seats.visit("/receipt")
    real = log()
    told = json.loads(receipt(real, 2))
    line = told["proof"].splitlines()[-1]
    word, name, signed = line.split(" ")
    raw = bytearray(b64decode(signed))
    raw[-1] ^= 1
    told["proof"] = told["proof"].replace(line, f"{word} {name} {b64encode(raw).decode()}")
    assert "检查点的签名无效" in await judged(page, json.dumps(told), real.vkey)


async def test_a_browser_without_ed25519_checks_the_rest_and_says_so(seats: Seats) -> None:
    page = await seats.visit("/receipt")
    await page.wait_for_selector("receipt-check:defined")
    await page.evaluate(OLD_BROWSER)
    real = log()
    assert "签名没有核验" in await judged(page, receipt(real, 4), real.vkey)
    assert "这个浏览器太旧" in await page.locator("receipt-check .outcome").inner_text()
    assert "不在检查点" in await judged(page, receipt(real, 4, proof=real.proof(3)), real.vkey)


async def test_the_page_speaks_english(seats: Seats) -> None:
    page = await seats.visit("/receipt")
    await page.locator("button[name=language][value=en], [value=en]").first.click()
    await page.wait_for_selector("html[lang=en] receipt-check:defined")
    real = log()
    assert "The receipt holds" in await judged(page, receipt(real, 0), real.vkey)

"""A member of a case that is signed by P-256 and SM2 signs once, in a real Chromium: two signatures come out of it."""

from collections.abc import AsyncIterator
from hashlib import sha256
from types import SimpleNamespace
from typing import cast

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from archive.verifier import cms, suites, x509
from demo import case_example_a as works
from demo.example import Example
from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.seat import Seats
from tests.browser.site import BEFORE_THE_PLEDGE, at_work, prepared, serving
from tests.services.evaluation import CASE, PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope=LOOP), pytest.mark.pages]
BY_BOTH = cast(Example, SimpleNamespace(**{**vars(works), "PROFILE": "demo_sm2"}))


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def seats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seats]:
    """A seated committee whose profile wants both."""
    folder = tmp_path_factory.mktemp("both")
    site = await prepared(folder, BEFORE_THE_PLEDGE, (), BY_BOTH)
    async with async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest)
        yield Seats(site, browser, folder)
        await browser.close()


async def test_one_password_gives_both_signatures_and_the_receipts_name_them(seats: Seats) -> None:
    async with serving(seats.site):
        page = await seats.open(seats.labels[0], "/pledge")
        await page.get_by_role("button", name="同意并遵守").click()
        await page.get_by_label("签名密码").fill(PASSWORD)
        await page.get_by_role("button", name="核对无误，签名").click()
        await page.wait_for_url("**/receipts")
        words = await page.locator("main table").inner_text()
        assert await violations(page) == []
        await seats.close()
    assert not seats.complaints
    assert not seats.site.complaints()

    async with at_work(seats.site) as evaluation:
        (signed,) = evaluation.store.signatures(CASE)
        ((index, content),) = evaluation.store.look(lambda tx: list(tx.statements(CASE, "pledge.signed")))
        now = int(evaluation.clock().timestamp())
    assert signed.index == index
    assert f"通行算法 {index:06}.p7s" in words
    assert f"国密算法（SM2） {index:06}.sm2.cms" in words
    trust = seats.site.folder / "var" / "trust"
    roots = {name: x509.read_pem((trust / name).read_bytes()) for name in ("root.pem", "sm2-root.pem")}
    plain = cms.verify(signed.cms, sha256(content).digest(), roots["root.pem"], now)
    twin = cms.verify(signed.twin, suites.SM2.digest(content), roots["sm2-root.pem"], now)
    assert (plain.signed_at, plain.authorisation) == (twin.signed_at, twin.authorisation)

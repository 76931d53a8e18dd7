"""Everybody who sits at a browser while one case is evaluated, each in a context of their own."""

import base64
import csv
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright

from demo import cast as people
from demo import pool
from demo.server_process import ServerProcess
from demo.story_before import REPRESENTATIVE, Stage
from tests.browser.launch import launched
from tests.browser.people.desk import Desk
from tests.browser.people.inspection import Inspection
from tests.browser.people.member import Member
from tests.browser.people.offices import Supervisor, Witness
from tests.browser.people.person import PATIENCE_MS, Person
from tests.browser.seat import LISTEN

Kind = TypeVar("Kind", bound=Person)

VIEW = ViewportSize(width=1280, height=900)


class Company:
    """Opens browsers for people; keeps the members by number once they have sat down."""

    def __init__(self, browser: Browser, stage: Stage, inspection: Inspection) -> None:
        self.stage = stage
        self.inspection = inspection
        self.members: dict[int, Member] = {}
        self.witness: Witness
        self.supervisor: Supervisor
        self.contexts: dict[str, BrowserContext] = {}
        self._browser = browser

    async def come(self, kind: type[Kind], who: str) -> Kind:
        """Somebody opens a browser."""
        context = await self._browser.new_context(viewport=VIEW, locale="zh-CN", base_url=self.stage.cast.site.origin)
        self.contexts[who] = context
        self.inspection.listen(context, who)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(LISTEN)
        return kind(await context.new_page(), self.inspection, self.stage.case)

    async def staff(self, kind: type[Kind], who: str) -> Kind:
        """Somebody with an account opens a browser and logs in."""
        person = await self.come(kind, who)
        await person.log_in(who, self.stage.cast.passwords[who])
        return person

    async def check_in(self) -> None:
        """Everybody who was called comes to a desk; who is on the sealed list takes the seat on the slip."""
        desks: dict[str, Desk] = {}
        for venue, id_number in arrivals(self.stage):
            if venue not in desks:
                desks[venue] = await self.staff(Desk, f"desk-{venue}")
            slip = await desks[venue].match(id_number)
            if slip is not None:
                await self._sit_down(*slip)
        await desks[people.MAIN].read_in_english()

    async def _sit_down(self, seat: str, code: str) -> None:
        pairings = f"/admin/venues/{seat.split('-', maxsplit=1)[0]}/pairings"
        pairing = (await self.stage.cast["system"].post(pairings, seat=seat))["code"]
        member = await self.come(Member, seat)
        await member.take_seat(pairing, code)
        self.members[member.number] = member

    async def keep_pictures(self, folder: Path) -> None:
        """What everybody sees at this moment."""
        for who, context in self.contexts.items():
            for number, page in enumerate(context.pages):
                await page.screenshot(path=folder / f"{who}-{number}.png")


@asynccontextmanager
async def assembled(
    server: ServerProcess, stage: Stage, inspection: Inspection, folder: Path
) -> AsyncIterator[Company]:
    """A browser that trusts the server's key, with fake cameras; a picture of every page is left where a test fails."""
    async with async_playwright() as playwright:
        browser = await launched(playwright.chromium, key_digest(server), folder)
        company = Company(browser, stage, inspection)
        try:
            yield company
        except BaseException:
            await company.keep_pictures(folder)
            raise
        finally:
            await browser.close()


def arrivals(stage: Stage) -> list[tuple[str, str]]:
    """Venue and identity number of everybody who said to come, the tenderer's representative last."""
    rows = csv.DictReader(io.StringIO(pool.to_csv(pool.rows(datetime.now(UTC).date())).decode("utf-8-sig")))
    by_phone = {row["手机号"]: row["身份证号"] for row in rows}
    codes = {f"演示中心{number + 1}": venue for number, venue in enumerate((people.MAIN, *people.SUBS))}
    calls = [call for call in stage.provider.calls if call.pressed == "attend"]
    coming = [(codes[call.venue], by_phone[call.phone]) for call in calls]
    return [*coming, (people.MAIN, REPRESENTATIVE[1])]


def key_digest(server: ServerProcess) -> str:
    """What Chromium's switch for one trusted key wants: the digest of the public key, base64."""
    key = x509.load_pem_x509_certificate((server.state / "keys" / "tls.pem").read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()

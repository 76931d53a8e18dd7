"""A room whose venue lets nothing but TCP out: its seats meet by the relay, are told so, and are recorded."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.browser.launch import launched
from tests.browser.network import CENTRE, a_country
from tests.browser.relay import SECRET, a_relay
from tests.browser.seat import Seats
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, bring_up, serving
from tests.browser.test_room_wall import all_seated
from tests.media.scene import decoded_frames
from tests.services.evaluation import CASE

ON_THE_RELAY = "使用备用通道"
RELAY = f"turns:{CENTRE}:443?transport=tcp"


def within(words: tuple[str, ...], folder: Path) -> str:
    """A program that is Chromium in another network."""
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec {" ".join(words)} /usr/bin/chromium "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return str(script)


@pytest.mark.full
async def test_a_room_works_and_is_recorded_where_a_venue_lets_no_udp_out(tmp_path: Path) -> None:
    secret = tmp_path / "turn.secret"
    secret.write_text(SECRET, encoding="utf-8")
    async with a_country(1) as (centre, [venue]), venue.without_udp(), async_playwright() as playwright:
        site = Site(tmp_path, 8443, 40000, address=CENTRE, within=centre.within)
        site.further = {"turn_urls": RELAY, "turn_secret": str(secret), "turn_host": CENTRE}
        await bring_up(site, BEFORE_THE_PLEDGE, (WITNESS,), timedelta(minutes=2))
        async with serving(site), a_relay(centre, site.settings.state / "run" / "turnserver.conf", 443):
            chromium = await launched(playwright.chromium, site.key_digest, tmp_path, within(venue.within, tmp_path))
            seats = Seats(site, chromium, tmp_path)
            pages = await all_seated(seats, seats.labels[:2])
            for page in pages.values():
                await expect(page.get_by_text(ON_THE_RELAY)).to_be_visible()
            check = await seats.open(seats.labels[3], "/device")
            await check.get_by_role("button", name="放一声").click()
            await check.get_by_role("button", name="听到了").click()
            await expect(check.get_by_text("设备全部正常，结果已保存。")).to_be_visible(timeout=20000)
            await expect(check.get_by_text(ON_THE_RELAY)).to_be_visible()
            await seats.close()
            await chromium.close()
    assert not [*seats.complaints, *site.complaints()]
    for label in pages:
        for kind in ("camera", "mic"):
            assert decoded_frames(site.settings.footage / CASE / label / kind / "take01.webm") > 0

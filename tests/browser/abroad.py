"""Two venues far from the centre: a Chromium at one, a Firefox at the other, each behind a cable of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.browser.chromium import a_chromium
from tests.browser.firefox import a_firefox
from tests.browser.network import CENTRE, Venue, a_country
from tests.browser.remote import Remote, Tab
from tests.browser.seat import CASE_PATH, LISTEN
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, bring_up, serving

TONES_HZ: Mapping[str, int] = {"chromium": 440, "firefox": 700}
"""What the microphone of each browser hums."""
START_SECONDS = 30
# Keeps the connections that a page makes, for what only their counters tell.
PRELUDE = f"""
{LISTEN}
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {{
  constructor(...settings) {{
    super(...settings);
    peers.push(this);
  }}
}};
"""
# The streams of all living connections, each with the codec's name.
STREAMS = """
async (direction) => {
  const streams = [];
  for (const peer of peers.filter(({ connectionState }) => connectionState === "connected")) {
    const report = await peer.getStats();
    for (const entry of report.values())
      if (entry.type === `${direction}-rtp`)
        streams.push({ ...entry, codec: report.get(entry.codecId)?.mimeType });
  }
  return streams;
}
"""


@dataclass
class Abroad:
    """Browsers, their venues and seats by the browsers' names."""

    site: Site
    venues: Mapping[str, Venue]
    browsers: Mapping[str, Remote]
    seats: Mapping[str, str]
    tabs: list[Tab] = field(default_factory=list)

    def other(self, browser: str) -> str:
        """The seat that a browser sees."""
        return next(seat for name, seat in self.seats.items() if name != browser)

    async def sign_in(self, browser: str, who: str = "") -> None:
        """From now on a browser acts for its seat, or for somebody else of the case."""
        await self.browsers[browser].sign_in(self.site.origin, self.site.cookies[who or self.seats[browser]])

    async def tab(self, browser: str, path: str) -> Tab:
        """A page of the site."""
        made = await self.browsers[browser].tab()
        self.tabs.append(made)
        await made.goto(f"{self.site.origin}{path}")
        return made

    async def rooms(self) -> dict[str, Tab]:
        """Each browser in its seat's room."""
        for browser in self.browsers:
            await self.sign_in(browser)
        return {browser: await self.tab(browser, f"{CASE_PATH}/room") for browser in self.browsers}

    async def leave(self) -> None:
        """Close all pages. Nothing may have been thrown on any, and the server has nothing to complain of."""
        while self.tabs:
            await self.tabs.pop().close()
        faults = [fault for browser in self.browsers.values() for fault in browser.faults]
        assert not faults, faults
        complaints = self.site.complaints()
        assert not complaints, complaints


@asynccontextmanager
async def abroad(folder: Path) -> AsyncIterator[Abroad]:
    """A server, and the two browsers at the first two seats of its case."""
    async with a_country(len(TONES_HZ)) as (centre, venues):
        site = Site(folder, 8443, 40000, address=CENTRE, within=centre.within)
        await bring_up(site, BEFORE_THE_PLEDGE, (WITNESS,), timedelta(minutes=2))
        places = dict(zip(TONES_HZ, venues, strict=True))
        homes = {name: folder / name for name in places}
        for home in homes.values():
            home.mkdir()
        async with (
            serving(site),
            a_chromium(places["chromium"], homes["chromium"], TONES_HZ["chromium"], site.key_digest) as chromium,
            a_screen() as display,
            a_firefox(places["firefox"], homes["firefox"], TONES_HZ["firefox"], display=display) as firefox,
        ):
            browsers: dict[str, Remote] = {"chromium": chromium, "firefox": firefox}
            for browser in browsers.values():
                await browser.prelude(PRELUDE)
            labels = sorted(label for label in site.cookies if label != WITNESS.who)
            yield Abroad(site, places, browsers, dict(zip(browsers, labels, strict=False)))


@asynccontextmanager
async def a_screen() -> AsyncIterator[str]:
    """The name of a display in memory: without one a Firefox has no screen to share."""
    process = await asyncio.create_subprocess_exec(
        "Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            number = (await process.stdout.readline()).decode().strip()
        yield f":{number}"
    finally:
        process.terminate()
        await process.communicate()


async def streams(tab: Tab, direction: str) -> list[dict[str, Any]]:
    """Counters of what a page sends (`outbound`) or receives (`inbound`) just now."""
    found: list[dict[str, Any]] = await tab.evaluate(STREAMS, direction)
    return found

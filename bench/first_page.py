"""The first page of a long bid on a real Chromium's screen, beside the grid, driven by its own debugging protocol."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import aiohttp

from bench.drawing import BROWSER
from bench.figures import say
from bench.seat import Seat
from demo.client import Json

ROUNDS = 7
PATIENCE_S = 60
POLL_S = 0.02
LISTEN = """
addEventListener("bid:page", ({ detail }) => (window.shown ??= { at: performance.now(), pages: detail.pages }));
addEventListener("DOMContentLoaded", () => (window.ready = performance.now()));
"""


async def measure(folder: Path, origin: str, seat: Seat, pages: int) -> None:
    """Open the scoring page several times, the first not counted: code is kept by the browser, papers never are."""
    async with chromium(folder) as tab:
        for name, value in seat.cookies.items():
            await tab.ask("Network.setCookie", name=name, value=value, url=origin, secure=True, httpOnly=True)
        await tab.ask("Page.enable")
        await tab.ask("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        found = [await opened(tab, f"{origin}{seat.case}/scores") for _ in range(ROUNDS)][1:]
    if any(shown["pages"] != pages for shown, _ in found):
        raise RuntimeError(f"another paper: {found}")
    first, ready = (statistics.median(values) / 1000 for values in zip(*((s["at"], r) for s, r in found), strict=True))
    say("evaluation.pdf_page_ready_s", ready, "s")
    say("evaluation.pdf_first_page_s", first, "s")
    say("evaluation.pdf_over_page", first / ready, "ratio")


async def opened(tab: "Tab", address: str) -> tuple[Json, float]:
    """When the first page of the paper was drawn, and when the page itself was there: milliseconds from the start."""
    await tab.ask("Page.navigate", url="about:blank")
    await tab.ask("Page.navigate", url=address)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            told = await tab.ask("Runtime.evaluate", expression="[window.shown, window.ready]", returnByValue=True)
            shown, ready = told["result"].get("value") or (None, None)
            if shown and ready:
                return shown, ready
            await asyncio.sleep(POLL_S)


class Tab:
    """One tab's line of the debugging protocol: calls and their answers, news is passed over."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._numbers = count(1)

    async def ask(self, method: str, **parameters: object) -> Json:
        """Call and wait. Raises `RuntimeError` with what the browser says against it."""
        number = next(self._numbers)
        await self._line.send_json({"id": number, "method": method, "params": parameters})
        while True:
            told: Json = await self._line.receive_json()
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return dict(told["result"])


async def _port(told: Path) -> str:
    """Where the browser listens, once it says so."""
    while True:
        if said := await asyncio.to_thread(_words, told):
            return said[0]
        await asyncio.sleep(POLL_S)


def _words(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Tab]:
    """A headless browser with an empty profile and one tab."""
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        *BROWSER, "--ignore-certificate-errors", "--remote-debugging-port=0", f"--user-data-dir={profile}",
        "--window-size=1920,1080", "about:blank", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as site:
            port = await _port(profile / "DevToolsActivePort")
            tabs = await (await site.get(f"http://127.0.0.1:{port}/json")).json()
        address = next(one["webSocketDebuggerUrl"] for one in tabs if one["type"] == "page")
        async with aiohttp.ClientSession() as site, site.ws_connect(address, max_msg_size=0) as line:
            yield Tab(line)
    finally:
        process.terminate()
        await process.wait()

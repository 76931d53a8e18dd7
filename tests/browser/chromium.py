"""Chromium over its DevTools protocol, without Playwright: tabs may be hidden, sound waits for a gesture."""

import math
import struct
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.browser.camera import write_camera
from tests.browser.launch import SPARING
from tests.browser.network import Namespace
from tests.browser.remote import CommandFailed, Remote, Tab, Wire, started

ANNOUNCES = r"DevTools listening on (ws://\S+)\n"
RATE = 48_000
LOUD = 0.4
FRAMES = 15


class Chromium(Remote):
    """A running Chromium."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)
        self._prelude = ""

    async def tab(self) -> "ChromiumTab":
        """See `Remote`."""
        target = await self.wire.ask("Target.createTarget", {"url": "about:blank"})
        attached = await self.wire.ask("Target.attachToTarget", {**target, "flatten": True})
        made = ChromiumTab(self.wire, attached["sessionId"])
        for domain in ("Page", "Runtime"):
            await made.ask(f"{domain}.enable")
        await made.ask("Page.addScriptToEvaluateOnNewDocument", source=self._prelude)
        return made

    async def sign_in(self, origin: str, cookies: Mapping[str, str]) -> None:
        """See `Remote`."""
        made = [{"name": n, "value": v, "url": origin, "secure": True, "httpOnly": True} for n, v in cookies.items()]
        await self.wire.ask("Storage.setCookies", {"cookies": made})

    async def prelude(self, script: str) -> None:
        """See `Remote`."""
        self._prelude = script

    @property
    def faults(self) -> list[str]:
        """See `Remote`."""
        said = [one["params"] for one in self.wire.news if one.get("method") == "Runtime.exceptionThrown"]
        return [str(one["exceptionDetails"].get("exception", {}).get("description")) for one in said]


class ChromiumTab(Tab):
    """A tab of Chromium."""

    def __init__(self, wire: Wire, session: str) -> None:
        self._wire = wire
        self._session = session

    async def ask(self, method: str, **params: object) -> Any:  # noqa: ANN401 - what JSON brings
        """A command to this tab. Raises `CommandFailed`."""
        return await self._wire.ask(method, params, sessionId=self._session)

    async def goto(self, address: str) -> None:
        """See `Tab`."""
        await self.ask("Page.navigate", url=address)
        await self.until("at => location.href.startsWith(at) && document.readyState === 'complete'", address)

    async def close(self) -> None:
        """See `Tab`."""
        await self.ask("Page.close")

    async def _run(self, expression: str, *, is_click: bool = False) -> str:
        asked = {"awaitPromise": True, "returnByValue": True, "userGesture": is_click}
        answer = await self.ask("Runtime.evaluate", expression=expression, **asked)
        if "exceptionDetails" in answer:
            raise CommandFailed(str(answer["exceptionDetails"]))
        return str(answer["result"]["value"])


@asynccontextmanager
async def a_chromium(place: Namespace, folder: Path, tone_hz: int, key_digest: str) -> AsyncIterator[Chromium]:
    """A Chromium that trusts this key, whose camera shows a film and whose microphone hums at `tone_hz`."""
    command = (
        "chromium",
        "--headless=new",
        "--no-sandbox",
        "--no-first-run",
        "--remote-debugging-port=0",
        "--window-size=1280,900",
        f"--user-data-dir={folder / 'profile'}",
        f"--ignore-certificate-errors-spki-list={key_digest}",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={write_camera(folder / 'camera.y4m', FRAMES)}",
        f"--use-file-for-fake-audio-capture={write_tone(folder / 'tone.wav', tone_hz)}",
        *SPARING,
    )
    async with started(place, command, ANNOUNCES) as wire:
        yield Chromium(wire)
        await wire.ask("Browser.close", {})


def write_tone(path: Path, tone_hz: int) -> Path:
    """A second of a tone, which Chromium plays again and again."""
    samples = (LOUD * math.sin(2 * math.pi * tone_hz * at / RATE) for at in range(RATE))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", round(32767 * sample)) for sample in samples))
    return path

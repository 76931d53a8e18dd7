"""Debian's Firefox over WebDriver BiDi (W3C, 2026): started with a fake camera and a tone of its own, no geckodriver.

It never works over loopback: it has to run in a `Namespace` with a default route.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.network import Namespace
from tests.browser.remote import CommandFailed, Remote, Tab, Wire, started

PREFERENCES: Mapping[str, object] = {
    "media.navigator.streams.fake": True,
    # BiDi knows no permission for cameras; unasked, getUserMedia would wait for ever.
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # Without a sound device every AudioContext stays suspended, and media elements fail.
    "media.cubeb.force_mock_context": True,
    "media.getusermedia.audio.processing.platform.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
# A network that is cut counts as a fault of the page.
OF_AN_OUTAGE = ("wss://", "WebRTC: ICE failed")
ANNOUNCES = r"WebDriver BiDi listening on (ws://\S+)\n"


class Firefox(Remote):
    """A running Firefox."""

    async def tab(self) -> "FirefoxTab":
        """See `Remote`."""
        made = await self.wire.ask("browsingContext.create", {"type": "tab"})
        return FirefoxTab(self.wire, made["context"])

    async def sign_in(self, origin: str, cookies: Mapping[str, str]) -> None:
        """See `Remote`."""
        for name, value in cookies.items():
            cookie = {"name": name, "value": {"type": "string", "value": value}, "domain": urlsplit(origin).hostname}
            await self.wire.ask("storage.setCookie", {"cookie": {**cookie, "secure": True, "httpOnly": True}})

    async def prelude(self, script: str) -> None:
        """See `Remote`."""
        await self.wire.ask("script.addPreloadScript", {"functionDeclaration": f"() => {{{script}}}"})

    @property
    def faults(self) -> list[str]:
        """See `Remote`."""
        said = [one["params"] for one in self.wire.news if one.get("method") == "log.entryAdded"]
        thrown = [entry["text"] for entry in said if entry["type"] == "javascript" and entry["level"] == "error"]
        return [text for text in thrown if not any(word in text for word in OF_AN_OUTAGE)]


class FirefoxTab(Tab):
    """A tab of Firefox."""

    def __init__(self, wire: Wire, context: str) -> None:
        self._wire = wire
        self._context = context

    async def goto(self, address: str) -> None:
        """See `Tab`."""
        await self._wire.ask("browsingContext.navigate", {"context": self._context, "url": address, "wait": "complete"})

    async def close(self) -> None:
        """See `Tab`."""
        await self._wire.ask("browsingContext.close", {"context": self._context})

    async def _run(self, expression: str, *, is_click: bool = False) -> str:
        asked = {"target": {"context": self._context}, "awaitPromise": True, "userActivation": is_click}
        answer: dict[str, Any] = await self._wire.ask("script.evaluate", {"expression": expression, **asked})
        if answer["type"] == "exception":
            raise CommandFailed(answer["exceptionDetails"]["text"])
        return str(answer["result"]["value"])


@asynccontextmanager
async def a_firefox(place: Namespace, folder: Path, tone_hz: int, *, display: str = "") -> AsyncIterator[Firefox]:
    """A Firefox that trusts any certificate, whose microphone hums at `tone_hz`; headless but on a `display`."""
    chosen = {**PREFERENCES, "media.navigator.audio.fake_frequency": tone_hz}
    preferences = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in chosen.items())
    (folder / "user.js").write_text(preferences, encoding="utf-8")
    head = ("env", f"DISPLAY={display}") if display else ()
    bare = () if display else ("--headless",)
    command = (*head, "firefox-esr", *bare, "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0")
    async with started(place, command, ANNOUNCES, "/session") as wire:
        await wire.ask("session.new", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})
        await wire.ask("session.subscribe", {"events": ["log.entryAdded"]})
        yield Firefox(wire)
        await wire.ask("browser.close", {})

"""A browser as a person has it, driven over its own wire: no click is invented, no page kept awake, no pop-up allowed.

Firefox speaks WebDriver BiDi, Chromium its DevTools protocol; both are numbered JSON over one WebSocket. Playwright has
neither this Firefox nor hidden tabs.
"""

import asyncio
import json
import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.browser.network import Namespace

START_SECONDS = 60
STOP_SECONDS = 10
MESSAGE_BYTES = 64 << 20
# Looks again and again from inside the page, so that nothing but the page's own clock counts.
WAIT = """
async ([is_true, given, seconds]) => {
  const end = performance.now() + 1000 * seconds;
  while (!(await is_true(given))) {
    if (performance.now() > end) return false;
    await new Promise((later) => setTimeout(later, 50));
  }
  return true;
}
"""


class CommandFailed(Exception):
    """The browser could not do what it was told, or the page threw."""


class Wire:
    """Commands to one browser, one at a time; `news` is what it said unasked."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._turn = asyncio.Lock()
        self._number = 0
        self.news: list[dict[str, Any]] = []

    async def ask(self, method: str, params: Mapping[str, Any], **beside: str) -> Any:  # noqa: ANN401 - what JSON brings
        """The result of a command. Raises `CommandFailed`."""
        async with self._turn:
            self._number += 1
            await self._socket.send_json({"id": self._number, "method": method, "params": params, **beside})
            while (said := await self._socket.receive_json()).get("id") != self._number:
                self.news.append(said)
        if "error" in said:
            raise CommandFailed(f"{method}: {said.get('message') or said['error']}")
        return said["result"]


class Tab(ABC):
    """A page in a tab of its own. What it is asked is no click: what wants one from a person must get it by `click`."""

    async def evaluate(self, function: str, given: Any = None) -> Any:  # noqa: ANN401 - what JSON brings
        """What a function of the page's language makes of `given`. Raises `CommandFailed`."""
        call = f"(async () => JSON.stringify((await ({function.strip()})({json.dumps(given)})) ?? null))()"
        return json.loads(await self._run(call))

    async def until(self, function: str, given: Any = None, seconds: float = 30) -> None:  # noqa: ANN401
        """Return when the function is true of `given`. Raises TimeoutError."""
        call = f"(none) => ({WAIT.strip()})([{function.strip()}, {json.dumps(given)}, {seconds}])"
        if not await self.evaluate(call):
            raise TimeoutError(function)

    @abstractmethod
    async def goto(self, address: str) -> None:
        """Open an address."""

    @abstractmethod
    async def close(self) -> None:
        """Close the tab."""

    async def click(self, function: str) -> None:
        """Run a function in the belief that a person has just clicked. Raises `CommandFailed`."""
        await self._run(f"(async () => JSON.stringify((await ({function.strip()})()) ?? null))()", is_click=True)

    @abstractmethod
    async def _run(self, expression: str, *, is_click: bool = False) -> str:
        """The string that a promise gives."""


class Remote(ABC):
    """A running browser."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    @abstractmethod
    async def tab(self) -> Tab:
        """A new tab, in front of those there are."""

    @abstractmethod
    async def sign_in(self, origin: str, cookies: Mapping[str, str]) -> None:
        """Give the browser these cookies for a site."""

    @abstractmethod
    async def prelude(self, script: str) -> None:
        """Run this in every page of tabs opened from now on, before anything of its own."""

    @property
    @abstractmethod
    def faults(self) -> list[str]:
        """What pages threw and nobody caught."""


class _Birth(asyncio.SubprocessProtocol):
    """Hears what a browser says on its error output: first where it listens, then nothing that matters."""

    def __init__(self, announces: str) -> None:
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.is_over = asyncio.Event()
        self._announces = announces
        self._said = ""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """See `asyncio.SubprocessProtocol`."""
        if not self.address.done():
            self._said += data.decode(errors="replace")
            if found := re.search(self._announces, self._said):
                self.address.set_result(found[1])

    def process_exited(self) -> None:
        """See `asyncio.SubprocessProtocol`."""
        self.is_over.set()
        if not self.address.done():
            self.address.set_exception(CommandFailed(f"did not start: {self._said}"))


@asynccontextmanager
async def started(place: Namespace, command: tuple[str, ...], announces: str, path: str = "") -> AsyncIterator[Wire]:
    """Run a browser in `place`; give the wire whose address it `announces` (a pattern with one group)."""
    loop = asyncio.get_running_loop()
    transport, birth = await loop.subprocess_exec(
        lambda: _Birth(announces), *place.within, *command, stdin=None, stdout=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            address = await birth.address
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=place.socket_factory)) as session,
            session.ws_connect(address + path, max_msg_size=MESSAGE_BYTES) as socket,
        ):
            yield Wire(socket)
    finally:
        if not birth.is_over.is_set():
            transport.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await birth.is_over.wait()
        except TimeoutError:
            transport.kill()
            await birth.is_over.wait()
        transport.close()

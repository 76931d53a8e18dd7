"""The provider of calls and messages in the demo: a real HTTP server whose experts say yes, no, or nothing.

It learns a receipt number, a telephone number, when and where; never a project. The first expert called declines,
the second lets it ring, all others come.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

TOKEN_BYTES = 24
Answer = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Call:
    """One expert called: receipt number, what was pressed, telephone number, and the venue that was named."""

    ticket: str
    pressed: str
    phone: str
    venue: str


class Provider:
    """Takes messages on a port of its own; `answer` is called with a receipt number and what was pressed."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.links: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.answer: Answer | None = None
        self._pressed: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.calls: list[Call] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        message = await request.json()
        if message["channel"] == "bidder":
            await self.links.put(message)
        elif all(call.ticket != message["ticket"] for call in self.calls):
            self._call(message)
        return web.json_response({})

    async def answer_calls(self) -> None:
        """Hand over what was pressed, one after the other, for ever."""
        while self.answer is not None:
            await self.answer(*await self._pressed.get())

    def _call(self, message: dict[str, Any]) -> None:
        ticket = message["ticket"]
        pressed = {0: "decline", 1: "silent"}.get(len(self.calls), "attend")
        self.calls.append(Call(ticket, pressed, message["phone"], message["venue"]))
        if pressed != "silent":
            self._pressed.put_nowait((ticket, pressed))

"""A provider of calls and messages over real HTTP: takes what docs/notices.md says, fails when told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "provider-token"


@dataclass
class Provider:
    """What came in, by its idempotency key; `answers` are the statuses of the next calls, 200 once they are used up."""

    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrivals: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """One message."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        key, message = request.headers["Idempotency-Key"], await request.json()
        self.arrivals.append(key)
        status = self.answers.pop(0) if self.answers else 200
        if status < 300 or status == 599:
            self.taken.setdefault(key, message)
        return web.Response(status=status)


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    """A provider that listens on this machine."""
    provider = Provider()
    app = web.Application()
    app.router.add_post("/", provider.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield provider
    finally:
        await runner.cleanup()

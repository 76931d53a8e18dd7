"""The outbox runner: messages leave after their transaction is kept, at least once, later and later when refused."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

BACKOFF_S = (1, 2, 5, 15, 60, 300)
IDLE_S = 0.2

log = logging.getLogger("bid.posting")


class Message(Protocol):
    """A message that waits."""

    id: int
    channel: str
    payload: dict[str, Any]
    tries: int


class Outbox(Protocol):
    """Where messages wait."""

    async def due(self) -> list[Any]:
        """Messages whose time has come."""
        ...

    async def done(self, message: int) -> None:
        """Forget one."""
        ...

    async def later(self, message: int, due_at: str) -> None:
        """Keep one until then."""
        ...


async def run(outbox: Outbox, send: Callable[[str, dict[str, Any]], Awaitable[None]], refused: type[Exception]) -> None:
    """Hand messages over for ever; `send` raises `refused` when the far side did not take one."""
    while True:
        try:
            await _round(outbox, send, refused)
        except Exception:  # the outermost loop: a message that could not be settled waits where it was
            log.exception("the outbox could not be worked through; the next round tries again")
        await asyncio.sleep(IDLE_S)


async def _round(
    outbox: Outbox, send: Callable[[str, dict[str, Any]], Awaitable[None]], refused: type[Exception]
) -> None:
    for message in await outbox.due():
        try:
            await send(message.channel, message.payload)
        except refused:
            wait = timedelta(seconds=BACKOFF_S[min(message.tries, len(BACKOFF_S) - 1)])
            await outbox.later(message.id, (datetime.now(UTC) + wait).isoformat(timespec="milliseconds"))
        else:
            await outbox.done(message.id)

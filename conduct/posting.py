"""The outbox runner: messages leave after their transaction is kept, at least once, later and later when refused.

What a provider has taken is told to its flow before the message is forgotten; when nobody takes any, an alarm says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

BACKOFF_S = (1, 2, 5, 15, 60, 300)
ALARM_AFTER = 3
IDLE_S = 0.2
Told = Callable[[dict[str, Any]], Awaitable[None]]

log = logging.getLogger("bid.posting")


class NotSent(Exception):
    """The far side did not take the message; it stays in the outbox."""

    code = "message.not_sent"


class Message(Protocol):
    """A message that waits."""

    id: int
    channel: str
    payload: dict[str, Any]
    tries: int


class Outbox(Protocol):
    """Where messages wait."""

    async def due(self, channels: tuple[str, ...], /) -> list[Any]:
        """Messages of these channels whose time has come."""
        ...

    async def done(self, message: int) -> None:
        """Forget one."""
        ...

    async def later(self, message: int, due_at: str) -> None:
        """Keep one until then."""
        ...


class Carrier(Protocol):
    """Takes messages out of the house; `channels` are those it takes."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels it takes; the others wait for a person."""
        ...

    async def send(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Hand one over. Raises `NotSent`."""
        ...


class Refusals:
    """Counts refusals in a row: each message waits longer than the last time, the third raises the alarm.

    `about` says in the server's log for what nobody takes messages; `alarm` hears why, and "" when one was taken again.
    """

    def __init__(self, outbox: Outbox, about: str, alarm: Callable[[str], None]) -> None:
        self._outbox = outbox
        self._about = about
        self._alarm = alarm
        self._refused = 0

    async def keep(self, message: Message, why: str) -> None:
        """A message was refused: keep it for later."""
        wait = timedelta(seconds=BACKOFF_S[min(message.tries, len(BACKOFF_S) - 1)])
        await self._outbox.later(message.id, (datetime.now(UTC) + wait).isoformat(timespec="milliseconds"))
        self._say(self._refused + 1, why)

    def taken(self) -> None:
        """A message was taken."""
        self._say(0, "")

    def _say(self, refused: int, why: str) -> None:
        if refused == ALARM_AFTER:
            log.error("nobody takes what waits for %s (%s); it is tried again", self._about, why)
        if (self._refused >= ALARM_AFTER) != (refused >= ALARM_AFTER):
            self._alarm(why if refused else "")
        self._refused = refused


class Posting:
    """Hands messages over for ever; `told` hears of each that was taken, by its channel, `alarm` that none is taken."""

    def __init__(
        self, outbox: Outbox, carrier: Carrier, told: Mapping[str, Told], alarm: Callable[[str], None]
    ) -> None:
        self._outbox = outbox
        self._carrier = carrier
        self._told = told
        self._refusals = Refusals(outbox, ", ".join(carrier.channels), alarm)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            try:
                await self.round()
            except Exception:  # the outermost loop: a message that could not be settled waits where it was
                log.exception("the outbox could not be worked through; the next round tries again")
            await asyncio.sleep(IDLE_S)

    async def round(self) -> None:
        """Hand over what is due now."""
        for message in await self._outbox.due(self._carrier.channels):
            try:
                await self._carrier.send(message.channel, message.payload)
            except NotSent as refused:
                await self._refusals.keep(message, str(refused))
            else:
                if message.channel in self._told:
                    await self._told[message.channel](message.payload)
                await self._outbox.done(message.id)
                self._refusals.taken()

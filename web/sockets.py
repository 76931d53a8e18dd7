"""The open WebSockets: who holds which, one way to send on them, closed at once when a session ends.

Owns no message's meaning. A slow or dying reader is dropped, never waited for.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from aiohttp import ClientConnectionResetError, WSCloseCode, web

from conduct.ports import Json
from identity.roles import AT_A_SEAT
from identity.sessions import Session
from web.limits import Limits

MOST_PER_SESSION = 4
SEND_SECONDS = 3.0


class TooManySockets(Exception):
    """This session has as many open connections as it may."""

    code = "request.too_many"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One open connection of a session, on one case; `seats` are those it is told of, None for all of the case."""

    case: str
    session: Session
    socket: web.WebSocketResponse
    seats: frozenset[str] | None = None

    def is_told(self, message: Json) -> bool:
        """Whether a message to the whole case concerns this line."""
        if "who" in message:
            return bool(message["who"] == self.session.who)
        if message["t"] == "floor":
            return self.seats is None
        seat = message.get("seat", "")
        return not seat or self.seats is None or seat in self.seats

    async def send(self, message: Json) -> None:
        """Send one message; whoever cannot take it within three seconds is cut off and comes back for the state."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.socket.send_str(msgspec.json.encode(message).decode())
        except (ClientConnectionResetError, ConnectionError, TimeoutError):
            await self.close(WSCloseCode.GOING_AWAY)

    async def close(self, code: WSCloseCode) -> None:
        """Close the connection with a code; closing twice is no error."""
        if not self.socket.closed:
            await self.socket.close(code=code)


class Sockets:
    """All open lines."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        # Of a session, not of a line: who closes a line and opens another gains nothing.
        self.signals = Limits()

    def add(self, line: Line) -> None:
        """Take a line in. Raises `TooManySockets`."""
        if sum(other.session.digest == line.session.digest for other in self._lines) >= MOST_PER_SESSION:
            raise TooManySockets
        self._lines.add(line)

    def remove(self, line: Line) -> None:
        """Let a closed line go."""
        self._lines.discard(line)

    def of_case(self, case: str) -> list[Line]:
        """The lines on a case."""
        return [line for line in self._lines if line.case == case]

    async def tell(self, case: str, message: Json) -> None:
        """Send one message to everybody on a case whom it concerns; one slow reader delays nobody else."""
        await self._each([line for line in self.of_case(case) if line.is_told(message)], message)

    async def see_out(self, case: str, who: str) -> None:
        """Close every line on a case of a member who has left it."""
        lines = self.of_case(case)
        await self._end(line for line in lines if line.session.role in AT_A_SEAT and line.session.who == who)

    async def close_session(self, digest: str) -> None:
        """Close every line of a session that has ended."""
        await self._end([line for line in self._lines if line.session.digest == digest])

    async def close(self) -> None:
        """Close every line: the server stops."""
        async with asyncio.TaskGroup() as tasks:
            for line in list(self._lines):
                tasks.create_task(line.close(WSCloseCode.GOING_AWAY))

    async def _end(self, lines: Iterable[Line]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for line in lines:
                tasks.create_task(line.close(WSCloseCode.POLICY_VIOLATION))

    async def _each(self, lines: Iterable[Line], message: Json) -> None:
        async with asyncio.TaskGroup() as tasks:
            for line in lines:
                tasks.create_task(line.send(message))


SOCKETS = web.AppKey("sockets", Sockets)

"""The web server's end of the control socket: calls as coroutines, events as they come. Starts no process."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from media import wire
from media.engine import (
    CaseId,
    GapReason,
    MediaRefusal,
    MemberId,
    PublishRequest,
    RoomStats,
    SeatId,
    SubscribeOffer,
    TrackRef,
)
from media.events import Event
from media.socket_path import short_path
from media.wire import (
    Answered,
    Nothing,
    OfAnswer,
    OfCase,
    OfDelivery,
    OfGrant,
    OfMember,
    OfRoom,
    OfSpeakers,
    OfSubscribe,
    OfTrack,
    Refused,
    Reply,
    Request,
)

T = TypeVar("T")


class MediaClient:
    """The calls of `MediaEngine` over one connection, while `run` is running; broken, it refuses `engine-away`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[object]] = {}
        # When it was asked for a sign of life that has not come yet.
        self._asked: float | None = None

    @classmethod
    async def connect(cls, path: Path) -> Self:
        """Connect to a worker; raises OSError."""
        with short_path(path) as place:
            return cls(*await asyncio.open_unix_connection(place, limit=wire.LINE_LIMIT))

    async def run(self, on_event: Callable[[Event], None]) -> None:
        """Read until the worker goes; then every waiting call is refused."""
        try:
            while line := await self._reader.readline():
                self._asked = None
                message = wire.decode_message(line)
                if isinstance(message, Reply | Refused):
                    self._settle(message)
                else:
                    on_event(message)
        except ConnectionError:
            pass
        finally:
            self._writer.close()
            for waiting in self._pending.values():
                if not waiting.done():
                    waiting.set_exception(MediaRefusal("engine-away"))

    def _settle(self, message: Reply | Refused) -> None:
        waiting = self._pending.get(message.id)
        if waiting is None or waiting.done():
            return
        if isinstance(message, Refused):
            waiting.set_exception(MediaRefusal(message.refused, message.detail))
        else:
            waiting.set_result(message.ok)

    async def call(self, op: str, args: object, kind: type[T]) -> T:
        """Send a request and wait for its value."""
        if self._writer.is_closing():
            raise MediaRefusal("engine-away")
        number = next(self._ids)
        waiting = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(wire.encode(Request(number, op, args)))
            return wire.convert(await waiting, kind)
        finally:
            del self._pending[number]

    async def create_room(self, case: CaseId, after: GapReason = "recorder") -> None:
        """See `MediaEngine`."""
        await self.call("create_room", OfRoom(case, after), Nothing)

    async def close_room(self, case: CaseId) -> None:
        """See `MediaEngine`."""
        await self.call("close_room", OfCase(case), Nothing)

    async def publish(self, request: PublishRequest) -> str:
        """See `MediaEngine`."""
        return (await self.call("publish", request, Answered)).sdp

    async def subscribe(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> SubscribeOffer:
        """See `MediaEngine`."""
        args = OfSubscribe(case, member, tuple(str(track) for track in tracks))
        return await self.call("subscribe", args, SubscribeOffer)

    async def answer(self, case: CaseId, member: MemberId, sdp: str) -> None:
        """See `MediaEngine`."""
        await self.call("answer", OfAnswer(case, member, sdp), Nothing)

    async def grant(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        await self.call("grant", OfGrant(case, member, str(track)), Nothing)

    async def revoke(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        await self.call("revoke", OfGrant(case, member, str(track)), Nothing)

    async def mute(self, case: CaseId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        await self.call("mute", OfTrack(case, str(track)), Nothing)

    async def unmute(self, case: CaseId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        await self.call("unmute", OfTrack(case, str(track)), Nothing)

    async def show(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> None:
        """See `MediaEngine`."""
        await self.call("show", OfSubscribe(case, member, tuple(str(track) for track in tracks)), Nothing)

    async def set_speakers(self, case: CaseId, most: int, always: tuple[SeatId, ...]) -> None:
        """See `MediaEngine`."""
        await self.call("speakers", OfSpeakers(case, most, always), Nothing)

    async def leave(self, case: CaseId, member: MemberId) -> None:
        """See `MediaEngine`."""
        await self.call("leave", OfMember(case, member), Nothing)

    async def stats(self, case: CaseId) -> RoomStats:
        """See `MediaEngine`."""
        return await self.call("stats", OfCase(case), RoomStats)

    async def acknowledge(self, delivery: str) -> None:
        """See `MediaEngine`."""
        await self.call("acknowledge", OfDelivery(delivery), Nothing)

    async def settle(self, case: CaseId) -> None:
        """Put in order and deliver what lies of a case that no room is open for."""
        await self.call("settle", OfCase(case), Nothing)

    def ask_for_life(self, now: float) -> float:
        """Make the worker say something, and tell for how long it has owed that; to be called every beat."""
        silent = 0.0 if self._asked is None else now - self._asked
        self._asked = now - silent
        if not self._writer.is_closing():
            self._writer.write(wire.encode(Request(next(self._ids), "ping", Nothing())))
        return silent

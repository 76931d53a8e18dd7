"""All rooms of one worker: carries the engine's calls out on them. Knows no wire format but the typed arguments."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from media import wire
from media.embedded.faults import Faults
from media.embedded.joins import Joins
from media.embedded.room import Plane, Room
from media.engine import CaseId, MediaRefusal, PublishRequest, checked_id, track_ref
from media.record.recorder import RecorderLinks, RoomRecorder
from media.record.recording import RecorderSettings
from media.wire import Answered, OfAnswer, OfCase, OfGrant, OfMember, OfRoom, OfSpeakers, OfSubscribe, OfTrack, Request

log = logging.getLogger(__name__)

_TICK_S = 0.25
_DELIVERY_S = 3.0
_CLOSE_S = 20.0


class Rooms:
    """The rooms and their recorders."""

    def __init__(self, plane: Plane, settings: RecorderSettings, links: RecorderLinks) -> None:
        self._plane = plane
        self._settings = settings
        self._links = links
        self._open: dict[CaseId, tuple[Room, RoomRecorder]] = {}
        self._leftover: dict[CaseId, RoomRecorder] = {}
        self._preparing = asyncio.Lock()
        self._joins = Joins()
        self._faults = Faults(log)
        self._calls: dict[str, Callable[..., Awaitable[object]]] = {
            "create_room": self._create,
            "close_room": self._close,
            "settle": self._settle,
            "publish": self._publish,
            "subscribe": self._subscribe,
            "answer": self._answer,
            "grant": self._grant,
            "revoke": self._revoke,
            "mute": self._mute,
            "unmute": self._unmute,
            "show": self._show,
            "speakers": self._speakers,
            "leave": self._leave,
            "stats": self._stats,
            "ping": self._ping,
        }

    async def handle(self, request: Request) -> object:
        """Carry a request out; raises `MediaRefusal`."""
        return await self._calls[request.op](request.args)

    async def _recorder(self, case: CaseId) -> RoomRecorder:
        recorder = RoomRecorder(case, self._settings, self._links)
        await recorder.prepare()
        return recorder

    async def watch(self) -> None:
        """Let each room look after itself four times a second, each at its own moment: together they held media up."""
        while True:
            cases = list(self._open)
            for case in cases:
                opened = self._open.get(case)
                if opened is not None:
                    self._tick(opened[0], time.monotonic())
                await asyncio.sleep(_TICK_S / len(cases))
            if not cases:
                await asyncio.sleep(_TICK_S)

    def _tick(self, room: Room, now: float) -> None:
        try:
            room.tick(now)
        except Exception:  # the outermost loop of one room: it must not take the others with it
            self._faults.note(f"room {room.case} did not look after itself", now)

    async def close(self, *, deliver: bool) -> None:
        """Close every room; with `deliver`, give the server a moment to acknowledge."""
        recorders = [recorder for _, recorder in self._open.values()] + list(self._leftover.values())
        for room, _ in self._open.values():
            room.close()
        self._open.clear()
        await self._links.disk.drain()
        if deliver:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DELIVERY_S):
                    await asyncio.gather(*(recorder.wait_delivered() for recorder in recorders))
        for recorder in recorders:
            recorder.stop()

    def _room(self, case: CaseId) -> Room:
        found = self._open.get(case)
        if found is None:
            raise MediaRefusal("no-such-room", case)
        return found[0]

    async def _create(self, args: OfRoom) -> None:
        checked_id(args.case)
        async with self._preparing:
            if args.case in self._open:
                return
            recorder = self._leftover.pop(args.case, None) or await self._recorder(args.case)
            recorder.gap_reason = args.after
            self._open[args.case] = (Room(args.case, self._plane, recorder), recorder)

    async def _settle(self, args: OfCase) -> None:
        """Go on delivering what an earlier worker could not, whether or not the room is opened again."""
        checked_id(args.case)
        async with self._preparing:
            if args.case not in self._open and args.case not in self._leftover:
                self._leftover[args.case] = await self._recorder(args.case)

    async def _close(self, args: OfCase) -> None:
        if args.case in self._open:
            room, self._leftover[args.case] = self._open.pop(args.case)
            room.close()
        recorder = self._leftover.get(args.case)
        if recorder is None:
            raise MediaRefusal("no-such-room", args.case)
        try:
            async with asyncio.timeout(_CLOSE_S):
                await recorder.wait_delivered()
        except TimeoutError:
            # Whoever closes the case now would close its log before the last of its evidence.
            raise MediaRefusal("undelivered", args.case) from None
        self._leftover.pop(args.case, None)
        recorder.stop()

    async def _publish(self, args: PublishRequest) -> Answered:
        checked_id(args.seat)
        self._joins.take(time.monotonic())
        return Answered(self._room(args.case).publish(args))

    async def _subscribe(self, args: OfSubscribe) -> object:
        self._joins.take(time.monotonic())
        return self._room(args.case).subscribe(args.member, tuple(track_ref(text) for text in args.tracks))

    async def _answer(self, args: OfAnswer) -> None:
        self._room(args.case).answer(args.member, args.sdp)

    async def _grant(self, args: OfGrant) -> None:
        checked_id(args.member)
        self._room(args.case).grant(args.member, track_ref(args.track))

    async def _revoke(self, args: OfGrant) -> None:
        self._room(args.case).revoke(args.member, track_ref(args.track))

    async def _mute(self, args: OfTrack) -> None:
        self._room(args.case).set_muted(track_ref(args.track), muted=True)

    async def _unmute(self, args: OfTrack) -> None:
        self._room(args.case).set_muted(track_ref(args.track), muted=False)

    async def _show(self, args: OfSubscribe) -> None:
        self._room(args.case).show(args.member, tuple(track_ref(text) for text in args.tracks))

    async def _speakers(self, args: OfSpeakers) -> None:
        if args.most < 1:
            raise MediaRefusal("bad-request", f"{args.most} speakers")
        self._room(args.case).set_speakers(args.most, frozenset(args.always))

    async def _leave(self, args: OfMember) -> None:
        self._room(args.case).leave(args.member)

    async def _stats(self, args: OfCase) -> object:
        return self._room(args.case).stats()

    async def _ping(self, _args: wire.Nothing) -> None:
        return

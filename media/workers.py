"""All media workers of this machine as one `MediaEngine`: a room lives on one of them, and moves when that one dies.

Owns what each room must look like wherever it is; knows no process and no packet.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from media.client import MediaClient
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
    checked_id,
)
from media.events import (
    Alarm,
    AlarmPassed,
    Event,
    GapNamed,
    Lost,
    Published,
    RoomMoved,
    SegmentClosed,
    TakeStarted,
    WorkerStarted,
)
from media.placement import Placement
from media.record.recover import unsettled_cases
from media.supervisor import Life, MediaWorker
from media.wire import WorkerSettings

_START_S = 20.0
_QUEUED_EVENTS = 4096
_STEADY_S = 60.0


def default_count() -> int:
    """One worker for each processor but one, which the web server keeps for itself."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


@dataclass(slots=True)
class _Room:
    """What a room must look like, what arrives in it, and where it is; `home` None: on its way."""

    grants: set[tuple[MemberId, TrackRef]] = field(default_factory=set)
    muted: set[TrackRef] = field(default_factory=set)
    speakers: tuple[int, tuple[SeatId, ...]] | None = None
    live: dict[str, set[str]] = field(default_factory=dict)
    home: Life | None = None
    # Of whoever moves, changes or closes the room.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class MediaWorkers:
    """Make it with `start`; end it with `close`. A call for a room on its way is refused `engine-away`."""

    def __init__(self, settings: Sequence[WorkerSettings], tasks: asyncio.TaskGroup) -> None:
        self._footage = Path(settings[0].footage)
        self._copy = Path(settings[0].footage_copy) if settings[0].footage_copy else None
        self._workers = tuple(MediaWorker(number, one, self) for number, one in enumerate(settings))
        self._tasks = tasks
        self._placement: Placement[Life] = Placement()
        self._rooms: dict[CaseId, _Room] = {}
        # Evidence is acknowledged to whoever sent it: to the next life of a worker it means nothing.
        self._senders: dict[str, Life] = {}
        self._events: asyncio.Queue[Event] = asyncio.Queue(maxsize=_QUEUED_EVENTS)
        self._settling = asyncio.Lock()
        self._all_up = asyncio.Event()
        self._has_begun = False
        self._steady: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, settings: Sequence[WorkerSettings], tasks: asyncio.TaskGroup) -> "MediaWorkers":
        """Start workers, one for each settings, all with the same footage; their watches run in `tasks`.

        Returns when all serve; raises TimeoutError after 20 s.
        """
        engine = cls(settings, tasks)
        for worker in engine._workers:
            tasks.create_task(worker.run())
        async with asyncio.timeout(_START_S):
            await engine._all_up.wait()
        return engine

    async def close(self) -> None:
        """See `MediaEngine`."""
        if self._steady is not None:
            self._steady.cancel()
        async with asyncio.TaskGroup() as tasks:
            for worker in self._workers:
                tasks.create_task(worker.close())

    def life_of(self, case: CaseId) -> Life:
        """The life that carries a room now. Raises `MediaRefusal`."""
        home = self._room(case).home
        if home is None:
            raise MediaRefusal("engine-away", case)
        return home

    def events(self) -> AsyncIterator[Event]:
        """What all workers report, and their own coming and going; for one reader."""
        return self._read_events()

    async def _read_events(self) -> AsyncIterator[Event]:
        while True:
            yield await self._events.get()

    def _put(self, event: Event) -> None:
        # Evidence that finds no room here is repeated by its worker; the rest is only news.
        with contextlib.suppress(asyncio.QueueFull):
            self._events.put_nowait(event)

    def event(self, life: Life, event: Event) -> None:
        """See `Watcher`."""
        if isinstance(event, TakeStarted | SegmentClosed | GapNamed):
            self._senders[event.delivery] = life
        elif isinstance(event, Published | Lost) and (room := self._rooms.get(CaseId(event.case))) is not None:
            kinds = room.live.setdefault(event.seat, set())
            (kinds.update if isinstance(event, Published) else kinds.difference_update)(event.tracks)
        self._put(event)

    def up(self, life: Life) -> None:
        """See `Watcher`."""
        self._placement.admit(life)
        self._put(WorkerStarted(life.worker, life.generation, life.ready.fingerprint))
        if len(self._placement.lives) == len(self._workers):
            self._all_up.set()
            self._has_begun = True
        self._find_homes()

    def down(self, life: Life) -> None:
        """See `Watcher`: its rooms go to who lives, at once."""
        self._all_up.clear()
        self._put(Alarm("worker-down", detail=f"media worker {life.worker} ended; it is started again"))
        since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for case in self._placement.bury(life) & self._rooms.keys():
            room = self._rooms[case]
            room.home = None
            for seat, kinds in room.live.items():
                if kinds:
                    self._put(Lost(case, seat, tuple(sorted(kinds)), since, "worker"))
            room.live.clear()
        self._senders = {delivery: sender for delivery, sender in self._senders.items() if sender is not life}
        self._find_homes()

    def dies_often(self, worker: int) -> None:
        """See `Watcher`."""
        self._put(Alarm("worker-dies-often", detail=f"media worker {worker} died five times in a minute"))
        if self._steady is not None:
            self._steady.cancel()
        passed = AlarmPassed("worker-dies-often")
        self._steady = asyncio.get_running_loop().call_later(_STEADY_S, self._put, passed)

    def _find_homes(self) -> None:
        for case, room in self._rooms.items():
            if self._placement.home(case) is None and (life := self._placement.place(case)) is not None:
                self._tasks.create_task(self._move(case, room, life))
        if self._has_begun:  # else the first worker that serves would get all that the others are to share
            self._tasks.create_task(self._settle_leftovers())
        self._tell_recovered()

    def _tell_recovered(self) -> None:
        if self._all_up.is_set() and all(room.home is not None for room in self._rooms.values()):
            self._put(AlarmPassed("worker-down"))

    async def _move(self, case: CaseId, room: _Room, life: Life) -> None:
        """Make a room anew on another life; callers have it back when nothing that it had is missing."""
        # A refusal means that this life ended, too: `down` sees to the room again.
        async with room.turn:
            if self._rooms.get(case) is not room:
                return  # closed before its turn came
            with contextlib.suppress(MediaRefusal):
                await life.client.create_room(case)
                for member, track in tuple(room.grants):
                    await life.client.grant(case, member, track)
                for track in tuple(room.muted):
                    await life.client.mute(case, track)
                if room.speakers is not None:
                    await life.client.set_speakers(case, *room.speakers)
                room.home = life
                self._put(RoomMoved(case))
                self._tell_recovered()

    async def _settle_leftovers(self) -> None:
        """Have what no living worker holds put in order and delivered, whether or not its room is opened again."""
        async with self._settling:
            for name in await asyncio.to_thread(unsettled_cases, self._footage, self._copy):
                case = CaseId(name)
                life = None if self._placement.home(case) else self._placement.place(case)
                if life is not None:
                    with contextlib.suppress(MediaRefusal):
                        await life.client.settle(case)

    async def create_room(self, case: CaseId, after: GapReason = "recorder") -> None:
        """See `MediaEngine`."""
        if case in self._rooms:
            await self.life_of(case).client.create_room(case, after)
            return
        checked_id(case)
        life = self._placement.place(case)
        if life is None:
            raise MediaRefusal("engine-away", case)
        await life.client.create_room(case, after)
        self._rooms.setdefault(case, _Room()).home = life

    async def close_room(self, case: CaseId) -> None:
        """See `MediaEngine`; a room on its way is closed where it arrives."""
        room = self._rooms.get(case)
        async with room.turn if room is not None else contextlib.nullcontext():
            self._rooms.pop(case, None)
            life = self._placement.home(case)
            if life is None:
                raise MediaRefusal("no-such-room" if room is None else "engine-away", case)
            await life.client.close_room(case)
            self._placement.release(case)

    async def publish(self, request: PublishRequest) -> str:
        """See `MediaEngine`."""
        return await self.life_of(request.case).client.publish(request)

    async def subscribe(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> SubscribeOffer:
        """See `MediaEngine`."""
        return await self.life_of(case).client.subscribe(case, member, tracks)

    async def answer(self, case: CaseId, member: MemberId, sdp: str) -> None:
        """See `MediaEngine`."""
        await self.life_of(case).client.answer(case, member, sdp)

    async def grant(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """See `MediaEngine`; a grant given while the room is on its way holds from its arrival."""
        self._room(case).grants.add((member, track))
        await (await self._arrived(case)).grant(case, member, track)

    async def revoke(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        self._room(case).grants.discard((member, track))
        await (await self._arrived(case)).revoke(case, member, track)

    async def mute(self, case: CaseId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        self._room(case).muted.add(track)
        await (await self._arrived(case)).mute(case, track)

    async def unmute(self, case: CaseId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        self._room(case).muted.discard(track)
        await (await self._arrived(case)).unmute(case, track)

    async def show(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> None:
        """See `MediaEngine`."""
        await self.life_of(case).client.show(case, member, tracks)

    async def set_speakers(self, case: CaseId, most: int, always: tuple[SeatId, ...]) -> None:
        """See `MediaEngine`."""
        self._room(case).speakers = (most, always)
        await (await self._arrived(case)).set_speakers(case, most, always)

    async def leave(self, case: CaseId, member: MemberId) -> None:
        """See `MediaEngine`."""
        await self.life_of(case).client.leave(case, member)

    async def stats(self, case: CaseId) -> RoomStats:
        """See `MediaEngine`."""
        return await self.life_of(case).client.stats(case)

    async def acknowledge(self, delivery: str) -> None:
        """See `MediaEngine`; lost with its worker, it is asked for again by another delivery."""
        life = self._senders.pop(delivery, None)
        if life is not None:
            with contextlib.suppress(MediaRefusal):
                await life.client.acknowledge(delivery)

    async def _arrived(self, case: CaseId) -> MediaClient:
        """Who carries a room, when it is where it goes: what is changed on its way must not get lost."""
        async with self._room(case).turn:
            return self.life_of(case).client

    def _room(self, case: CaseId) -> _Room:
        found = self._rooms.get(case)
        if found is None:
            raise MediaRefusal("no-such-room", case)
        return found

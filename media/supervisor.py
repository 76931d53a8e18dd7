"""Starts and watches one media worker for its parent process, and makes it look like an engine that never went away.

After a death the worker is started again with back-off; rooms, grants and mutes are put back; seats publish anew.
"""

import asyncio
import contextlib
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from media.client import MediaClient
from media.engine import CaseId, GapReason, MediaRefusal, MemberId, PublishRequest, RoomStats, SubscribeOffer, TrackRef
from media.events import Alarm, Event, Lost, Published, WorkerStarted
from media.wire import Ready, WorkerSettings

_BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY_S = 30.0
_DEATHS_PER_MINUTE = 5
_PING_EVERY_S = 1.0
_PING_S = 5.0
_START_S = 20.0
_STOP_S = 8.0
_QUEUED_EVENTS = 4096


@dataclass(slots=True)
class _Wanted:
    """What a room must look like after a restart."""

    grants: set[tuple[MemberId, TrackRef]] = field(default_factory=set)
    muted: set[TrackRef] = field(default_factory=set)


class MediaWorker:
    """A `MediaEngine` in a child process. Make it with `start`; end it with `close`."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._events: asyncio.Queue[Event] = asyncio.Queue(maxsize=_QUEUED_EVENTS)
        # Evidence comes, and is acknowledged, on a new connection before the rooms are back and `_client` is set.
        self._connection: MediaClient | None = None
        self._client: MediaClient | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._rooms: dict[CaseId, _Wanted] = {}
        self._live: dict[tuple[str, str], set[str]] = {}
        self._generation = 0
        self._closing = asyncio.Event()
        self._is_ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._deaths: deque[float] = deque(maxlen=_DEATHS_PER_MINUTE)
        self.ready: Ready | None = None

    @classmethod
    async def start(cls, settings: WorkerSettings, tasks: asyncio.TaskGroup) -> "MediaWorker":
        """Start a worker whose watch runs in `tasks`; return when it serves. Raises TimeoutError after 20 s."""
        worker = cls(settings)
        tasks.create_task(worker._watch())
        async with asyncio.timeout(_START_S):
            await worker._is_ready.wait()
        return worker

    @property
    def pid(self) -> int | None:
        """Process id of the living worker."""
        return self._process.pid if self._process is not None else None

    async def close(self) -> None:
        """End the worker; its segments are closed first."""
        self._closing.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        await self._ended.wait()

    def events(self) -> AsyncIterator[Event]:
        """Everything the worker reports, and the worker's own coming and going; for one reader."""
        return self._read_events()

    async def _read_events(self) -> AsyncIterator[Event]:
        while True:
            yield await self._events.get()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Published):
            self._live.setdefault((event.case, event.seat), set()).update(event.tracks)
        elif isinstance(event, Lost):
            self._live.get((event.case, event.seat), set()).difference_update(event.tracks)
        self._put(event)

    def _put(self, event: Event) -> None:
        # Evidence that finds no room here is repeated by the worker; the rest is only news.
        with contextlib.suppress(asyncio.QueueFull):
            self._events.put_nowait(event)

    async def _watch(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            await self._run_once()
            if not self._closing.is_set():
                failures = 0 if time.monotonic() - began > _STEADY_S else failures + 1
                self._on_death()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)]):
                    await self._closing.wait()
                break
        self._ended.set()

    def _on_death(self) -> None:
        self._put(Alarm("worker-down", detail="the media worker ended; it is started again"))
        since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for (case, seat), tracks in self._live.items():
            if tracks:
                self._put(Lost(case, seat, tuple(sorted(tracks)), since, "worker"))
        self._live.clear()
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) == _DEATHS_PER_MINUTE and now - self._deaths[0] < 60:  # noqa: PLR2004
            self._put(Alarm("worker-dies-often", detail="five deaths in a minute"))

    async def _run_once(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "media.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )
        self._process = process
        if self._closing.is_set() and process.stdin is not None:
            process.stdin.close()
        try:
            client = await self._connect(process)
            if client is not None:
                await self._attend(process, client)
        finally:
            self._client = self._connection = None
            self._is_ready.clear()
            await self._reap(process)

    async def _connect(self, process: asyncio.subprocess.Process) -> MediaClient | None:
        if process.stdin is None or process.stdout is None:
            return None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(asdict(self._settings)) + b"\n")
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            return None
        self.ready = msgspec.json.decode(line, type=Ready)
        return await MediaClient.connect(Path(self._settings.socket))

    async def _attend(self, process: asyncio.subprocess.Process, client: MediaClient) -> None:
        self._connection = client
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(client.run(self._on_event))
            pulse = tasks.create_task(self._feel_pulse(process, client))
            restoring = tasks.create_task(self._restore(client))
            await reading
            pulse.cancel()
            restoring.cancel()

    async def _restore(self, client: MediaClient) -> None:
        with contextlib.suppress(MediaRefusal):
            for case, wanted in list(self._rooms.items()):
                await client.create_room(case)
                for member, track in wanted.grants:
                    await client.grant(case, member, track)
                for track in wanted.muted:
                    await client.mute(case, track)
            self._generation += 1
            self._client = client
            self._put(WorkerStarted(self._generation, self.ready.fingerprint if self.ready else ""))
            self._is_ready.set()

    async def _feel_pulse(self, process: asyncio.subprocess.Process, client: MediaClient) -> None:
        with contextlib.suppress(MediaRefusal, ProcessLookupError):
            while True:
                await asyncio.sleep(_PING_EVERY_S)
                try:
                    async with asyncio.timeout(_PING_S):
                        await client.ping()
                except TimeoutError:
                    process.kill()
                    return

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _engine(self) -> MediaClient:
        if self._client is None:
            raise MediaRefusal("engine-away")
        return self._client

    async def create_room(self, case: CaseId, after: GapReason = "recorder") -> None:
        """See `MediaEngine`."""
        await self._engine().create_room(case, after)
        self._rooms.setdefault(case, _Wanted())

    async def close_room(self, case: CaseId) -> None:
        """See `MediaEngine`."""
        self._rooms.pop(case, None)
        await self._engine().close_room(case)

    async def publish(self, request: PublishRequest) -> str:
        """See `MediaEngine`."""
        return await self._engine().publish(request)

    async def subscribe(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> SubscribeOffer:
        """See `MediaEngine`."""
        return await self._engine().subscribe(case, member, tracks)

    async def answer(self, case: CaseId, member: MemberId, sdp: str) -> None:
        """See `MediaEngine`."""
        await self._engine().answer(case, member, sdp)

    async def grant(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """See `MediaEngine`; a grant given while the worker restarts holds from then on."""
        self._wanted(case).grants.add((member, track))
        await self._engine().grant(case, member, track)

    async def revoke(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        self._wanted(case).grants.discard((member, track))
        await self._engine().revoke(case, member, track)

    async def mute(self, case: CaseId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        self._wanted(case).muted.add(track)
        await self._engine().mute(case, track)

    async def unmute(self, case: CaseId, track: TrackRef) -> None:
        """See `MediaEngine`."""
        self._wanted(case).muted.discard(track)
        await self._engine().unmute(case, track)

    async def leave(self, case: CaseId, member: MemberId) -> None:
        """See `MediaEngine`."""
        await self._engine().leave(case, member)

    async def stats(self, case: CaseId) -> RoomStats:
        """See `MediaEngine`."""
        return await self._engine().stats(case)

    async def acknowledge(self, delivery: str) -> None:
        """See `MediaEngine`; lost with the connection, it is asked for again by another delivery."""
        with contextlib.suppress(MediaRefusal):
            if self._connection is not None:
                await self._connection.acknowledge(delivery)

    def _wanted(self, case: CaseId) -> _Wanted:
        found = self._rooms.get(case)
        if found is None:
            raise MediaRefusal("no-such-room", case)
        return found

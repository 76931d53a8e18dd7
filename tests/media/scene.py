"""A real worker process with real peers, and waiting for what it reports."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from demo.peers import PUBLISHED, Clip, SeatPeer, make_clip
from media.engine import CaseId, MediaEngine, MemberId, PublishRequest, SeatId, TrackRef, TrackStats
from media.events import Event, GapNamed, SegmentClosed, TakeStarted
from media.wire import WorkerSettings
from media.workers import MediaWorkers

CASE = CaseId("E-2026-0001")
SEGMENT_MS = 1000
E = TypeVar("E", bound=Event)
_CLIPS: dict[tuple[str, str], Clip] = {}


def clip_of(seat: str, codec: str = "VP8") -> Clip:
    """The picture and tone of a seat, encoded once."""
    if (seat, codec) not in _CLIPS:
        _CLIPS[seat, codec] = make_clip(seat, codec=codec)
    return _CLIPS[seat, codec]


def camera(seat: str) -> TrackRef:
    return TrackRef(SeatId(seat), "camera")


def mic(seat: str) -> TrackRef:
    return TrackRef(SeatId(seat), "mic")


class Stage:
    """A room on any engine, with seats and viewers; `acknowledges` may be switched off to see evidence repeated."""

    def __init__(self, engine: MediaEngine) -> None:
        self.engine = engine
        self.events: list[Event] = []
        self.acknowledges = True
        self.peers: dict[str, SeatPeer] = {}
        self._news = asyncio.Condition()

    async def listen(self) -> None:
        async for event in self.engine.events():
            async with self._news:
                self.events.append(event)
                self._news.notify_all()
            if self.acknowledges and isinstance(event, TakeStarted | SegmentClosed | GapNamed):
                await self.engine.acknowledge(event.delivery)

    def seen(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True) -> list[E]:
        return [event for event in self.events if isinstance(event, kind) and fits(event)]

    async def wait_for(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True, seconds: float = 10) -> E:
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: self.seen(kind, fits))
        return self.seen(kind, fits)[0]

    async def seat(self, name: str, tracks: Mapping[str, str] = PUBLISHED, codec: str = "VP8") -> SeatPeer:
        """A seat that publishes, each set of kinds over a connection of its own, its picture in one codec."""
        key = f"{name} {'+'.join(tracks.values())} {codec}"
        peer = self.peers.setdefault(key, SeatPeer(clip_of(name, codec)))
        await peer.publish(partial(self._exchange, name, tracks))
        await peer.connected()
        return peer

    async def _exchange(self, seat: str, tracks: Mapping[str, str], sdp: str) -> str:
        return await self.engine.publish(PublishRequest(CASE, SeatId(seat), tracks, sdp))

    async def grant(self, member: str, *tracks: TrackRef) -> None:
        for track in tracks:
            await self.engine.grant(CASE, MemberId(member), track)

    async def watch(self, member: str, *tracks: TrackRef) -> SeatPeer:
        # Who only watches shows nothing: making a picture would hold up those who do.
        peer = self.peers.setdefault(member, SeatPeer(next(iter(_CLIPS.values()), Clip((), ()))))

        async def offer() -> tuple[str, dict[str, str]]:
            offered = await self.engine.subscribe(CASE, MemberId(member), tracks)
            return offered.sdp, dict(offered.mids)

        await peer.subscribe(offer, lambda sdp: self.engine.answer(CASE, MemberId(member), sdp))
        await peer.connected()
        return peer

    async def track_stats(self, track: TrackRef) -> TrackStats:
        stats = await self.engine.stats(CASE)
        return next(t for t in stats.tracks if t.track == str(track))


class Scene(Stage):
    """A room on one of several workers, whose processes and files are at hand."""

    def __init__(self, worker: MediaWorkers, footage: Path) -> None:
        super().__init__(worker)
        self.worker = worker
        self.footage = footage

    def process(self, case: CaseId = CASE) -> asyncio.subprocess.Process:
        """The process that carries a room now."""
        return self.worker.life_of(case).process

    @property
    def port(self) -> int:
        """The UDP port of the worker that carries the room."""
        return self.worker.life_of(CASE).ready.port

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send the room's process a signal."""
        os.kill(self.process().pid, number)

    def folder(self, track: TrackRef) -> Path:
        return self.footage / CASE / track.seat / track.kind


@asynccontextmanager
async def a_scene(
    acknowledges: bool = True,
    segment_ms: int = SEGMENT_MS,
    depth: int = 0,
    workers: int = 1,
    footage_copy: str = "",
    low_space_mb: int = 0,
) -> AsyncIterator[Scene]:
    """Workers with one open room; ended and cleaned up afterwards."""
    place = Path(tempfile.mkdtemp(prefix="bid-"))
    run = place.joinpath(*["folder"] * depth)
    run.mkdir(parents=True, exist_ok=True)
    settings = WorkerSettings(
        str(run / "media.sock"),
        str(place / "footage"),
        segment_ms=segment_ms,
        footage_copy=footage_copy,
        low_space_mb=low_space_mb,
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            worker = await MediaWorkers.start(settings.for_each(workers), tasks)
            scene = Scene(worker, place / "footage")
            scene.acknowledges = acknowledges
            listening = tasks.create_task(scene.listen())
            try:
                await worker.create_room(CASE)
                yield scene
            finally:
                for peer in scene.peers.values():
                    await peer.close()
                await worker.close()
                listening.cancel()
    finally:
        shutil.rmtree(place)


def decoded_frames(file: Path) -> int:
    """How many frames ffmpeg's decoder makes of a file; it must not complain."""
    done = subprocess.run(
        ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "json", file],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return int(json.loads(done.stdout)["streams"][0]["nb_read_frames"])

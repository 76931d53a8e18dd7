"""The recorder of one room: a recording and a courier for each track, alarms named once until they pass."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from media.engine import GapReason, TrackRef
from media.events import Alarm, Evidence
from media.record.courier import Courier
from media.record.disk import Disk
from media.record.recording import RecorderOutlets, RecorderSettings, Recording
from media.record.recover import put_in_order, track_folders
from media.record.sidecar import TrackId

_STALLED_S = 3.0


@dataclass(frozen=True, slots=True)
class RecorderLinks:
    """What the recorder needs of its worker."""

    disk: Disk
    spawn: Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]
    deliver: Callable[[Evidence], Awaitable[None]]
    alarm: Callable[[Alarm], None]


class RoomRecorder:
    """Guest of a room who is granted everything."""

    def __init__(self, case: str, settings: RecorderSettings, links: RecorderLinks) -> None:
        self._case = case
        self._settings = settings
        self._links = links
        # Why nothing was recorded between the takes on disk and the first of this room.
        self.gap_reason: GapReason = "recorder"
        self._recordings: dict[TrackRef, Recording] = {}
        self._couriers: dict[TrackId, tuple[Courier, asyncio.Task[None]]] = {}
        self._alarmed: set[tuple[str, str, str]] = set()

    async def prepare(self) -> None:
        """Put in order what a crash left behind, and go on delivering it."""
        damaged = await asyncio.to_thread(put_in_order, self._settings.footage, self._case)
        for file in damaged:
            self._links.alarm(Alarm("footage-damaged", self._case, detail=file))
        for track, _ in track_folders(self._settings.footage, self._case):
            self._courier(track)

    def open(self, ref: TrackRef) -> Recording:
        """The recording of a track."""
        courier = self._courier(TrackId(self._case, ref.seat, ref.kind))
        outlets = RecorderOutlets(
            courier.notify,
            lambda code, detail: self._alarm(code, ref, detail),
            lambda code: self._alarmed.discard((code, ref.seat, ref.kind)),
        )
        recording = self._recordings[ref] = Recording(
            self._case, ref, self._links.disk, self._settings, outlets, self.gap_reason
        )
        return recording

    def tick(self, now: float) -> None:
        """Raise the alarm when the disk hangs."""
        key = ("recorder-stalled", "", "")
        if self._links.disk.delay_s(now) < _STALLED_S:
            self._alarmed.discard(key)
        elif key not in self._alarmed:
            self._alarmed.add(key)
            self._links.alarm(Alarm("recorder-stalled", self._case, detail="a write has been waiting for 3 s"))

    def close(self, now: float) -> None:
        """Close every take; what is queued is still written."""
        for recording in self._recordings.values():
            recording.close(now)

    async def wait_delivered(self) -> None:
        """Return when every line of this room was acknowledged."""
        await self._links.disk.drain()
        for courier, _ in self._couriers.values():
            await courier.wait_idle()

    def stop(self) -> None:
        """End delivery; the cursors say where to go on."""
        for _, task in self._couriers.values():
            task.cancel()

    def _courier(self, track: TrackId) -> Courier:
        found = self._couriers.get(track)
        if found is None:
            courier = Courier(track, self._settings.footage, self._links.deliver)
            found = self._couriers[track] = (courier, self._links.spawn(courier.run()))
        return found[0]

    def _alarm(self, code: str, ref: TrackRef, detail: str) -> None:
        key = (code, str(ref.seat), ref.kind)
        if key not in self._alarmed:
            self._alarmed.add(key)
            self._links.alarm(Alarm(code, self._case, ref.seat, ref.kind, detail))

"""The recorder of one room: a recording and a courier for each track, alarms named once until they pass."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from media.engine import GapReason, TrackRef
from media.events import Alarm, AlarmPassed, Evidence
from media.record.courier import Courier
from media.record.disk import Disk
from media.record.recording import RecorderOutlets, RecorderSettings, Recording
from media.record.recover import put_in_order, track_folders
from media.record.sidecar import TrackId, folder_of

_STALLED_S = 3.0
_BEHIND_S = 3.0


@dataclass(frozen=True, slots=True)
class RecorderLinks:
    """What the recorder needs of its worker."""

    disk: Disk
    spawn: Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]
    deliver: Callable[[Evidence], Awaitable[None]]
    alarm: Callable[[Alarm | AlarmPassed], None]


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
        shelves = self._settings.shelves
        await asyncio.to_thread(shelves.settle, self._case)
        damaged = await asyncio.to_thread(put_in_order, shelves.written, self._case)
        for file in damaged:
            self._links.alarm(Alarm("footage-damaged", self._case, detail=file))
        for track, _ in track_folders(shelves.written, self._case):
            self._courier(track)
            self._copy(track)

    def open(self, ref: TrackRef) -> Recording:
        """The recording of a track."""
        track = TrackId(self._case, ref.seat, ref.kind)
        courier = self._courier(track)
        self._copy(track)
        outlets = RecorderOutlets(
            lambda: self._copy(track),
            courier.notify,
            lambda code, detail: self._alarm(code, detail, ref),
            lambda code: self._well(code, ref),
        )
        recording = self._recordings[ref] = Recording(
            self._case, ref, self._links.disk, self._settings, outlets, self.gap_reason
        )
        return recording

    def tick(self, now: float) -> None:
        """Raise and end the alarms about the disks."""
        disk, settings, copyist = self._links.disk, self._settings, self._settings.shelves.copyist
        disk.look_at_space(settings.shelves.written, now)
        free = disk.free_bytes
        self._say("recorder-stalled", disk.delay_s(now) >= _STALLED_S, "a write has been waiting for 3 s")
        self._say("disk-slow", disk.is_slow(now), "a write took longer than a second")
        self._say("space-low", free is not None and free < settings.low_space_bytes, f"{free} bytes are free")
        if copyist is not None:
            # Whichever of the two cannot be written: recording goes on in the other.
            is_turned, why = copyist.target == settings.shelves.footage, f"{copyist.target}: {copyist.failure}"
            self._say("footage-failed", is_turned and bool(copyist.failure), why)
            self._say("copy-failed", not is_turned and bool(copyist.failure), why)
            is_late = not is_turned and copyist.behind_s(now) >= _BEHIND_S
            self._say("copy-behind", is_late, "the copy of the footage is 3 s late")

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
            courier = Courier(track, self._settings.shelves, self._links.deliver)
            found = self._couriers[track] = (courier, self._links.spawn(courier.run()))
        return found[0]

    def _copy(self, track: TrackId) -> None:
        if self._settings.shelves.copyist is not None:
            self._settings.shelves.copyist.notify(folder_of(Path(), track))

    def _say(self, code: str, is_wrong: bool, detail: str) -> None:
        if is_wrong:
            self._alarm(code, detail)
        else:
            self._well(code)

    def _alarm(self, code: str, detail: str, ref: TrackRef | None = None) -> None:
        key = (code, *_place(ref))
        if key not in self._alarmed:
            self._alarmed.add(key)
            self._links.alarm(Alarm(code, self._case, *_place(ref), detail))

    def _well(self, code: str, ref: TrackRef | None = None) -> None:
        key = (code, *_place(ref))
        if key in self._alarmed:
            self._alarmed.discard(key)
            self._links.alarm(AlarmPassed(code, self._case, *_place(ref)))


def _place(ref: TrackRef | None) -> tuple[str, str]:
    return (str(ref.seat), ref.kind) if ref is not None else ("", "")

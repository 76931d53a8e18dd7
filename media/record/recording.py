"""The recorder's share of one track: opens takes, names gaps, asks for key frames, notices when nothing is written."""

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from media.embedded.inbound import Inbound
from media.engine import TrackRef
from media.record.assembler import Assembler, Frame
from media.record.disk import Disk
from media.record.sidecar import TrackId
from media.record.take import Take, TakeSink, UtcClock
from media.record.take_file import NewTake, SegmentTimes, TakeFile, name_gap, open_take

_RETRY_S = 2.0
_MAX_PENDING_BYTES = 64 << 20
_SILENT_S = 4.0
_PAUSE_S = 1.0
# A sender whose picture or clock jumps all the time must not fill the disk with takes.
_MIN_TAKE_S = 1.0


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """Where footage lies and how long segments are (milliseconds)."""

    footage: Path
    segment_ms: int


@dataclass(frozen=True, slots=True)
class RecorderOutlets:
    """What a recording tells others: a line was written; something is wrong (code, detail); it is right again."""

    written: Callable[[], None]
    alarm: Callable[[str, str], None]
    well: Callable[[str], None]


@dataclass(slots=True)
class _OpenTake:
    """A take and its file; `file` and `failed` belong to the disk thread once work is queued."""

    take: Take
    file: TakeFile | None = None
    failed: bool = False


class Recording:
    """Sees every packet of a track, granted and muted or not; continues after the takes that lie on disk."""

    def __init__(
        self,
        case: str,
        ref: TrackRef,
        disk: Disk,
        settings: RecorderSettings,
        outlets: RecorderOutlets,
        gap_reason: str,
    ) -> None:
        self.ref = ref
        self.takes = 0
        self.segments = 0
        self._track = TrackId(case, ref.seat, ref.kind)
        self._disk = disk
        self._settings = settings
        self._outlets = outlets
        self._clock = UtcClock(time.monotonic())
        self._assembler: Assembler | None = None
        self._open: _OpenTake | None = None
        # Why nothing is recorded just now; at first, why nothing was since the takes that lie on disk.
        self._gap_reason = gap_reason
        self._was_lost = False
        self._blocked_until = 0.0
        self._last_packet = 0.0
        self._last_frame = 0.0
        self._began = 0.0

    def on_packet(self, source: Inbound, number: int, packet: bytes, now: float) -> None:
        """Take a packet of the track's present source."""
        if self._assembler is None or self._assembler.source is not source:
            self._end_take("network" if now - self._last_packet > _PAUSE_S else "republished")
            self._assembler = Assembler(source)
            self._last_frame = now
        self._last_packet = now
        for frame in self._assembler.push(number, packet, now):
            self._on_frame(frame)

    def on_silence(self, reason: str) -> None:
        """The seat is gone: close what is open; the gap is named when its end is known."""
        self._end_take(reason)
        self._was_lost = True
        self._assembler = None

    def tick(self, now: float) -> None:
        """Give up waiting for lost packets; end a take that is paused; see whether what comes in can be kept."""
        if self._assembler is not None:
            for frame in self._assembler.drain(now):
                self._on_frame(frame)
        if self._open is not None and now - self._last_packet > _SILENT_S:
            self.on_silence("paused")
        receives = now - self._last_packet < _PAUSE_S
        if receives and now - self._last_frame > _SILENT_S:
            self._outlets.alarm("recorder-stalled", "packets arrive, no frame can be kept")
        elif receives and self._open is not None and not self._open.failed:
            self._outlets.well("recorder-stalled")

    def wants_key_frame(self, now: float) -> bool:
        """Whether the publisher should be asked for a key frame now."""
        if self.ref.medium == "audio" or self._assembler is None:
            return False
        return self._open is None or self._assembler.needs_key_frame or self._open.take.wants_key_frame(now)

    def close(self, now: float) -> None:
        """The room ends: close the take, name an open gap up to now."""
        if self._open is not None:
            self._end_take("left")
        elif self._was_lost:
            until, reason = self._clock.text(now), self._gap_reason
            work = partial(name_gap, self._track, self._settings.footage, until, reason)
            self._disk.submit(work, self._on_done)

    def _on_frame(self, frame: Frame) -> None:
        self._last_frame = frame.arrival
        if self._open is not None and self._open.failed:
            self._end_take("disk")
        if self._open is not None and not self._open.take.fits(frame):
            self._end_take("")
            self._blocked_until = self._began + _MIN_TAKE_S
        if self._open is None:
            if not frame.key or frame.arrival < self._blocked_until:
                return
            self._begin(frame)
        if self._open is not None:
            self._open.take.add(frame, self._sink(self._open))

    def _begin(self, first: Frame) -> None:
        if self._disk.pending_bytes > _MAX_PENDING_BYTES:
            self._blocked_until = first.arrival + _RETRY_S
            self._outlets.alarm("recorder-stalled", "the disk does not keep up")
            return
        # Anchored anew with each take: within one, times cannot jump; across takes, they follow the corrected clock.
        self._clock = UtcClock(time.monotonic())
        take = Take(self.ref.medium, first, self._clock, self._settings.segment_ms)
        new = NewTake(take.codec, take.header, take.t0, self._gap_reason)
        opened = _OpenTake(take)
        self._open = opened

        def create() -> None:
            opened.file = open_take(self._track, self._settings.footage, new)

        self._submit(opened, create, len(new.header))
        self.takes += 1
        self._began = first.arrival
        self._was_lost = False

    def _sink(self, opened: _OpenTake) -> TakeSink:
        return TakeSink(partial(self._write, opened), partial(self._seal, opened))

    def _write(self, opened: _OpenTake, data: bytes) -> None:
        def write() -> None:
            if opened.file is not None:
                opened.file.append(data)

        self._submit(opened, write, len(data))

    def _seal(self, opened: _OpenTake, times: SegmentTimes) -> None:
        def seal() -> None:
            if opened.file is not None:
                opened.file.seal(times)

        self._submit(opened, seal, 0)
        self.segments += 1

    def _submit(self, opened: _OpenTake, work: Callable[[], object], size: int) -> None:
        """Queue work of a take; after its first failure nothing more of it is done, and its files end where named."""

        def guarded() -> None:
            if opened.failed:
                return
            try:
                work()
            except OSError:
                opened.failed = True
                if opened.file is not None:
                    opened.file.abandon()
                    opened.file = None
                raise

        self._disk.submit(guarded, self._on_done, size)

    def _on_done(self, error: OSError | None) -> None:
        if error is None:
            self._outlets.well("disk-full")
            self._outlets.written()
            return
        self._blocked_until = time.monotonic() + _RETRY_S
        code = "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "recorder-failed"
        self._outlets.alarm(code, error.strerror or "")

    def _end_take(self, reason: str) -> None:
        """Close the open take; with a reason a gap begins, without one the next take follows at once."""
        opened, self._open = self._open, None
        if opened is None:
            return
        opened.take.finish(self._sink(opened))

        def close() -> None:
            if opened.file is not None:
                opened.file.close()
                opened.file = None

        self._disk.submit(close, self._on_done)
        self._gap_reason = reason

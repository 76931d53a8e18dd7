"""The recorder's share of one track: opens takes, names gaps, asks for key frames, notices when nothing is written."""

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from media.embedded.inbound import Inbound
from media.embedded.sdp import CLOCK_RATE
from media.engine import TrackRef
from media.record.assembler import Assembler, Frame
from media.record.disk import Disk
from media.record.sender_clock import SenderClock
from media.record.shelves import Shelves
from media.record.sidecar import TrackId
from media.record.take import Take, TakeSink, UtcClock
from media.record.take_file import NewTake, SegmentTimes, TakeFile, name_gap, open_take

_RETRY_S = 2.0
_MAX_PENDING_BYTES = 64 << 20
_SILENT_S = 4.0
_PAUSE_S = 1.0
# A sender whose picture or clock jumps all the time must not fill the disk with takes.
_MIN_TAKE_S = 1.0
# What nobody would call a picture that stands or a sound that fails is not a gap by itself.
_GAP_S = 0.5


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """Where footage lies, how long segments are (milliseconds), and from how little free space on an alarm is due."""

    shelves: Shelves
    segment_ms: int
    low_space_bytes: int = 0


@dataclass(frozen=True, slots=True)
class RecorderOutlets:
    """What a recording tells others: bytes were written; a line was; something is wrong (code, detail); it is right."""

    written: Callable[[], None]
    named: Callable[[], None]
    alarm: Callable[[str, str], None]
    well: Callable[[str], None]


@dataclass(slots=True)
class _OpenTake:
    """A take, where its bytes go, and its file; `file` and `failed` belong to the disk thread once work is queued."""

    take: Take
    sink: TakeSink
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
        self._breaks = 0
        self._sender = SenderClock(CLOCK_RATE[ref.medium])
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
            self._sender = SenderClock(CLOCK_RATE[self.ref.medium])
            self._last_frame = now
        elif source.breaks != self._breaks:
            self._end_take("network")
            self._assembler = Assembler(source)
        self._breaks = source.breaks
        self._last_packet = now
        for frame in self._assembler.push(number, packet, now):
            self._on_frame(frame)

    def on_report(self, ntp: int, rtp: int) -> None:
        """Take a sender report of the track's present source."""
        self._sender.take(ntp, rtp)

    def on_silence(self, reason: str) -> None:
        """The seat is gone: close what is open; the gap is named when its end is known."""
        if reason == "left":
            self._outlets.well("recorder-gap")
        elif self._open is not None:
            self._outlets.alarm("recorder-gap", reason)
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
            until, reason, shelves = self._clock.text(now), self._gap_reason, self._settings.shelves
            self._disk.submit(lambda: name_gap(self._track, shelves.written, until, reason), self._on_named)

    def _on_frame(self, frame: Frame) -> None:
        self._last_frame = frame.arrival
        if self._open is not None and self._open.failed:
            self._end_take("disk")
        if self._open is not None and frame.follows_loss and self._open.take.silence_before(frame) > _GAP_S:
            self._end_take("loss")
        if self._open is not None and not self._open.take.fits(frame):
            self._blocked_until = self._began + _MIN_TAKE_S
            # Only a frame that opens the next take at once leaves no gap.
            self._end_take("" if self._may_open(frame) else "changed")
        if self._open is None:
            if not self._may_open(frame):
                return
            self._begin(frame)
        if self._open is not None:
            self._open.take.add(frame, self._open.sink)

    def _may_open(self, frame: Frame) -> bool:
        return frame.key and frame.arrival >= self._blocked_until

    def _begin(self, first: Frame) -> None:
        if self._disk.pending_bytes > _MAX_PENDING_BYTES:
            self._blocked_until = first.arrival + _RETRY_S
            self._outlets.alarm("recorder-stalled", "the disk does not keep up")
            return
        # Anchored anew with each take: within one, times cannot jump; across takes, they follow the corrected clock.
        self._clock = UtcClock(time.monotonic())
        take = Take(first, self._clock, self._settings.segment_ms)
        new = NewTake(take.codec.name, take.header, take.t0, self._gap_reason)
        sink = TakeSink(lambda data: self._write(opened, data), lambda times: self._seal(opened, times))
        opened = _OpenTake(take, sink)
        self._open = opened

        def create() -> None:
            opened.file = open_take(self._track, self._settings.shelves.written, new)

        self._submit(opened, create, self._on_named, len(new.header))
        self._outlets.well("recorder-gap")
        self.takes += 1
        self._began = first.arrival
        self._was_lost = False

    def _write(self, opened: _OpenTake, data: bytes) -> None:
        def write() -> None:
            if opened.file is not None:
                opened.file.append(data)

        self._submit(opened, write, self._on_done, len(data))

    def _seal(self, opened: _OpenTake, times: SegmentTimes) -> None:
        sent = self._sender.utc(opened.take.stamp_at(times.pts_ms))
        dated = replace(times, sent=sent, reports=self._sender.reports())

        def seal() -> None:
            if opened.file is not None:
                opened.file.seal(dated)

        self._submit(opened, seal, self._on_named)
        self.segments += 1

    def _submit(
        self, opened: _OpenTake, work: Callable[[], object], done: Callable[[OSError | None], None], size: int = 0
    ) -> None:
        """Queue work of a take; after its first failure nothing more of it is done, and its files end where named."""

        def guarded() -> None:
            if opened.failed:
                return
            try:
                self._work(opened, work)
            except OSError:
                opened.failed = True
                if opened.file is not None:
                    opened.file.abandon()
                    opened.file = None
                raise

        self._disk.submit(guarded, done, size)

    def _work(self, opened: _OpenTake, work: Callable[[], object]) -> None:
        """Do something on disk; where the folder fails, do it once more in the other, in which the take goes on."""
        shelves = self._settings.shelves
        footage = opened.file.footage if opened.file is not None else shelves.written
        if footage == shelves.written:
            try:
                work()
                return
            except OSError as failure:
                if not shelves.turn(footage, failure):
                    raise
        if opened.file is not None:
            opened.file.move(shelves.written)
        work()

    def _on_named(self, error: OSError | None) -> None:
        if error is None:
            self._outlets.named()
        self._on_done(error)

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
        opened.take.finish(opened.sink)

        def close() -> None:
            if opened.file is not None:
                opened.file.close()
                opened.file = None

        self._disk.submit(close, self._on_done)
        self._gap_reason = reason

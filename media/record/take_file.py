"""One take on disk: append bytes, seal them by a hashed line. Runs in the disk thread; after any failure the file ends
where its last line ends."""

import contextlib
import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from media.record import sidecar
from media.record.master import MASTERS
from media.record.sidecar import TrackId

_MODE = 0o600


@dataclass(frozen=True, slots=True)
class SegmentTimes:
    """What a segment's line says beside bytes and hash."""

    t0: str
    pts_ms: int
    dur_ms: int
    key: bool
    sent: str = ""
    reports: str = ""


@dataclass(frozen=True, slots=True)
class NewTake:
    """What opens a take: codec word, file header, UTC of the first frame, and why there is a gap before it, if any."""

    codec: str
    header: bytes
    t0: str
    gap_reason: str


def open_take(track: TrackId, footage: Path, new: NewTake) -> "TakeFile":
    """Name the gap behind the last take, then begin the next one; after a failure nothing of it is left.

    The gap's beginning and the take's number come from the files alone, so a failed attempt can simply be repeated.
    """
    folder = sidecar.folder_of(footage, track)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name_gap(track, footage, new.t0, new.gap_reason)
    numbers = sidecar.take_numbers(folder)
    file = TakeFile(track, numbers[-1] + 1 if numbers else 1, footage, MASTERS[new.codec].suffix)
    try:
        file.begin(new)
    except OSError:
        file.abandon()
        raise
    return file


def name_gap(track: TrackId, footage: Path, until: str, reason: str) -> None:
    """Write the gap from the end of the last take to `until` into that take's sidecar, once; `reason` "" names none."""
    folder = sidecar.folder_of(footage, track)
    numbers = sidecar.take_numbers(folder)
    if not reason or not numbers:
        return
    path = folder / f"{sidecar.take_name(numbers[-1])}.jsonl"
    try:
        lines = sidecar.read(path)
    except ValueError:
        return  # damaged, and reported as such: it must not keep the next take from being recorded
    since = sidecar.end_of(lines)
    if since is None or "reason" in lines[-1] or since >= until:
        return
    line = sidecar.encode(track.line(numbers[-1], **{"from": since, "to": until, "reason": reason}))
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    size = os.fstat(descriptor).st_size
    try:
        _write_all(descriptor, line)
        os.fdatasync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    finally:
        os.close(descriptor)


class TakeFile:
    """Appends to a master, `takeNN.webm` or `.mp4`, and to `takeNN.jsonl`: bytes, fdatasync, line, fdatasync."""

    def __init__(self, track: TrackId, take: int, footage: Path, suffix: str) -> None:
        self.track = track
        self.take = take
        self.footage = footage
        self._suffix = suffix
        self._master_path, self._lines_path = self._paths()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._media = os.open(self._master_path, flags, _MODE)
        self._lines = os.open(self._lines_path, flags, _MODE)
        self._sealed = 0
        self._sealed_lines = 0
        self._written = 0
        self._hash = hashlib.sha256()
        self._next = 0

    def _paths(self) -> tuple[Path, Path]:
        base = sidecar.folder_of(self.footage, self.track) / sidecar.take_name(self.take)
        return base.with_suffix(self._suffix), base.with_suffix(".jsonl")

    def move(self, footage: Path) -> None:
        """Go on in another folder that has what was written here; here the files end where they go on there.

        Raises OSError where something is missing there: then nothing has changed.
        """
        former = self.footage, self._master_path, self._lines_path
        self.footage = footage
        self._master_path, self._lines_path = self._paths()
        try:
            media = _reopen(self._master_path, self._written)
            try:
                lines = _reopen(self._lines_path, self._sealed_lines)
            except OSError:
                os.close(media)
                raise
        except OSError:
            self.footage, self._master_path, self._lines_path = former
            raise
        for descriptor, size in ((self._media, self._written), (self._lines, self._sealed_lines)):
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, size)
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._media, self._lines = media, lines

    def begin(self, new: NewTake) -> None:
        """Write the header and the two lines that open a take."""
        name = f"{self.track.seat}/{self.track.track}/{self._master_path.name}"
        self._append_line(self.track.line(self.take, codec=new.codec, file=name))
        self.append(new.header)
        self.seal(SegmentTimes(new.t0, 0, 0, False))

    def append(self, data: bytes) -> None:
        """Write bytes of the open segment."""
        _write_all(self._media, data)
        self._written += len(data)
        self._hash.update(data)

    def seal(self, times: SegmentTimes) -> None:
        """Make the bytes since the last line durable and name them."""
        os.fdatasync(self._media)
        line = self.track.line(
            self.take,
            n=self._next,
            off=self._sealed,
            len=self._written - self._sealed,
            sha256=self._hash.hexdigest(),
            t0=times.t0,
            pts_ms=times.pts_ms,
            dur_ms=times.dur_ms,
            key=times.key,
            **{name: value for name in ("sent", "reports") if (value := getattr(times, name))},
        )
        self._append_line(line)
        self._next += 1
        self._sealed = self._written
        self._hash = hashlib.sha256()

    def abandon(self) -> None:
        """After a failed write: cut both files back to what is named, and close."""
        os.ftruncate(self._media, self._sealed)
        os.ftruncate(self._lines, self._sealed_lines)
        self.close()
        if not self._sealed:
            self._master_path.unlink()
            self._lines_path.unlink()

    def close(self) -> None:
        """Close the files; nothing may be open beyond the last line."""
        os.close(self._media)
        os.close(self._lines)

    def _append_line(self, line: sidecar.Line) -> None:
        data = sidecar.encode(line)
        _write_all(self._lines, data)
        os.fdatasync(self._lines)
        self._sealed_lines += len(data)


def _reopen(path: Path, size: int) -> int:
    """A file that goes on at `size`; what stands behind it is a part of what failed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    had = os.fstat(descriptor).st_size
    if had < size:
        os.close(descriptor)
        raise OSError(errno.EIO, "the other folder is behind")
    os.ftruncate(descriptor, size)
    return descriptor


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]

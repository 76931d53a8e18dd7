"""Brings the lines of one track to the server, in order, each until acknowledged; a cursor file outlives a crash."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from media.events import Evidence, GapNamed, SegmentClosed, TakeStarted
from media.record import sidecar
from media.record.shelves import Shelves
from media.record.sidecar import CURSOR, Line, TrackId

log = logging.getLogger(__name__)

# So that it is overwritten where it stands: to shorten a file and write it anew costs more than the rest of a delivery.
_CURSOR_CHARACTERS = 31
_MOST_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class _Cursor:
    take: int
    offset: int


class Courier:
    """One line at a time: the log gets a track's lines in the order in which they were written."""

    def __init__(self, track: TrackId, shelves: Shelves, deliver: Callable[[Evidence], Awaitable[None]]) -> None:
        self._track = track
        self._shelves = shelves
        self._deliver = deliver
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._cursor = self._load()

    @property
    def _folder(self) -> Path:
        return sidecar.folder_of(self._shelves.written, self._track)

    def notify(self) -> None:
        """A line was written."""
        self._idle.clear()
        self._wake.set()

    async def wait_idle(self) -> None:
        """Return when everything written so far was acknowledged."""
        await self._idle.wait()

    async def run(self) -> None:
        """Deliver for ever."""
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._deliver_all()
            except ValueError:
                # Reported as damaged footage when the room was prepared; other tracks must not suffer.
                log.exception("no delivery beyond an unreadable line in %s", self._folder)
                self._idle.set()
                return
            if not self._wake.is_set():
                self._idle.set()

    async def _deliver_all(self) -> None:
        while lines := self._next():
            for line in lines:
                await self._deliver(as_event(sidecar.decode(line)))
                self._cursor = _Cursor(self._cursor.take, self._cursor.offset + len(line))
                self._save()

    def _next(self) -> list[bytes]:
        """The lines behind the cursor; where its take has no more, those of the next take, to which it moves."""
        lines = self._lines_behind(self._cursor)
        if lines:
            return lines
        later = (take for take in sidecar.take_numbers(self._folder) if take > self._cursor.take)
        for cursor in (_Cursor(take, 0) for take in later):
            if lines := self._lines_behind(cursor):
                self._cursor = cursor
                return lines
        return []

    def _lines_behind(self, cursor: _Cursor) -> list[bytes]:
        # A few hundred bytes each; reading them does not hold up the loop.
        try:
            descriptor = os.open(self._folder / f"{sidecar.take_name(cursor.take)}.jsonl", os.O_RDONLY)
        except OSError:  # not there yet, or on a disk that fails: the recorder says so
            return []
        try:
            text = os.pread(descriptor, _MOST_AT_ONCE, cursor.offset)
        finally:
            os.close(descriptor)
        return [line for line in text.splitlines(keepends=True) if line.endswith(b"\n")]

    def _load(self) -> _Cursor:
        try:
            take, offset = (self._folder / CURSOR).read_text().split()
            return _Cursor(int(take), int(offset))
        except (FileNotFoundError, ValueError):
            return _Cursor(0, 0)

    def _save(self) -> None:
        # Not flushed, and not where the disk is full: the worst is that lines are delivered once more.
        with contextlib.suppress(OSError):
            self._write_cursor()

    def _write_cursor(self) -> None:
        text = f"{self._cursor.take} {self._cursor.offset}".ljust(_CURSOR_CHARACTERS) + "\n"
        descriptor = os.open(self._folder / CURSOR, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def as_event(line: Line) -> Evidence:
    """The event that a sidecar line stands for; its delivery id names the line."""
    case, seat, track, take = str(line["case"]), str(line["seat"]), str(line["track"]), int(line["take"])
    place = f"{case}/{seat}/{track}/{take}"
    if "codec" in line:
        return TakeStarted(f"{place}/take", case, seat, track, take, str(line["codec"]), str(line["file"]))
    if "reason" in line:
        return GapNamed(
            f"{place}/gap", case, seat, track, take, str(line["from"]), str(line["to"]), str(line["reason"])
        )
    n = int(line["n"])
    return SegmentClosed(
        f"{place}/{n}",
        case,
        seat,
        track,
        take,
        n,
        int(line["off"]),
        int(line["len"]),
        str(line["sha256"]),
        str(line["t0"]),
        int(line["pts_ms"]),
        int(line["dur_ms"]),
        bool(line["key"]),
        bool(line.get("recovered", False)),
        str(line.get("sent", "")),
        str(line.get("reports", "")),
    )

"""Brings the lines of one track to the server, in order, each until acknowledged; a cursor file outlives a crash."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from media.events import Evidence, GapNamed, SegmentClosed, TakeStarted
from media.record import sidecar
from media.record.sidecar import Line, TrackId

log = logging.getLogger(__name__)

CURSOR = "delivered"


@dataclass(frozen=True, slots=True)
class _Cursor:
    take: int
    offset: int


class Courier:
    """One line at a time: the log gets a track's lines in the order in which they were written."""

    def __init__(self, track: TrackId, footage: Path, deliver: Callable[[Evidence], Awaitable[None]]) -> None:
        self._folder = sidecar.folder_of(footage, track)
        self._deliver = deliver
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._cursor = self._load()

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
        while (found := self._next()) is not None:
            line, after = found
            await self._deliver(as_event(line))
            self._cursor = after
            self._save()

    def _next(self) -> tuple[Line, _Cursor] | None:
        # Lines are a few hundred bytes; reading one does not hold up the loop.
        for take in sidecar.take_numbers(self._folder):
            if take < self._cursor.take:
                continue
            offset = self._cursor.offset if take == self._cursor.take else 0
            line = self._line_at(take, offset)
            if line is not None:
                return sidecar.decode(line), _Cursor(take, offset + len(line))
        return None

    def _line_at(self, take: int, offset: int) -> bytes | None:
        path = self._folder / f"{sidecar.take_name(take)}.jsonl"
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(offset)
            line = file.readline()
            return line if line.endswith(b"\n") else None
        return None

    def _load(self) -> _Cursor:
        try:
            take, offset = (self._folder / CURSOR).read_text().split()
            return _Cursor(int(take), int(offset))
        except (FileNotFoundError, ValueError):
            return _Cursor(0, 0)

    def _save(self) -> None:
        # Not flushed: after a power cut the worst is that lines are delivered once more.
        (self._folder / CURSOR).write_text(f"{self._cursor.take} {self._cursor.offset}\n")


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
    )

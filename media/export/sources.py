"""What a copy is made of: the segments of a stretch of time, held against their hashes, gathered as files of its own.

Masters are read and never handed on: ffmpeg sees files in the copy's own folder, with bytes that the log names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from media import access
from media.access import FootageDamaged, Segment

PICTURES, SOUNDS = ("camera", "screen"), ("mic",)
# Container → ffmpeg's demuxer, by the first bytes; nothing is guessed from a name or a text.
_MAGIC = ((0, b"\x1a\x45\xdf\xa3", "matroska"), (4, b"ftyp", "mov"))


class NotMedia(Exception):
    """A file is neither WebM nor MP4 by its first bytes: no playlist, no script, no picture is ever opened."""

    code = "export.not_media"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one moment to a later one, both UTC."""

    begin: datetime
    end: datetime

    @property
    def duration_ms(self) -> int:
        """Its length."""
        return (self.end - self.begin) // timedelta(milliseconds=1)

    def since_ms(self, moment: datetime) -> int:
        """Milliseconds from its beginning to a moment; negative before it."""
        return (moment - self.begin) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Source:
    """One take's part in a copy: a file in the copy's folder whose first frame stands `starts_ms` into the stretch.

    `used` and `left_out` are the segments as (take's file, number, SHA-256); what is left out was not as its hash says.
    """

    name: str
    seat: str
    kind: str
    demuxer: str
    starts_ms: int
    used: tuple[tuple[str, int, str], ...]
    left_out: tuple[tuple[str, int, str], ...] = ()


def gather(case: Path, seats: Iterable[str], stretch: Stretch, into: Path) -> list[Source]:
    """Copy what these seats recorded in a stretch (`<footage>/<case>`) into a folder. Raises `NotMedia`, OSError."""
    found: list[Source] = []
    for seat in seats:
        for kind in (*PICTURES, *SOUNDS):
            folder = case / seat / kind
            for take in access.takes(folder) if folder.is_dir() else ():
                source = _part(folder, take, stretch, into / f"{len(found):03d}")
                found += [source] if source else []
    return found


def demuxer_of(first_bytes: bytes) -> str:
    """ffmpeg's name for a container. Raises `NotMedia`."""
    for at, magic, name in _MAGIC:
        if first_bytes[at : at + len(magic)] == magic:
            return name
    raise NotMedia


def _part(folder: Path, take: int, stretch: Stretch, file: Path) -> Source | None:
    listed = access.segments(folder, take)
    wanted = [one for one in listed[1:] if _overlaps(one, stretch)]
    if not wanted:
        return None
    used, left_out = [], []
    with file.open("xb") as stream:
        for segment in (listed[0], *wanted):
            name = (f"{folder.parent.name}/{folder.name}/take{take:02d}", segment.n, segment.sha256)
            try:
                stream.write(access.read_segment(folder, take, segment))
                used.append((segment, name))
            except FootageDamaged:
                left_out.append(name)
    pictures = [segment for segment, _ in used if segment.n]
    if not pictures or used[0][0].n:
        return None
    with file.open("rb") as stream:
        demuxer = demuxer_of(stream.read(16))
    starts = stretch.since_ms(_moment(pictures[0].t0))
    names = tuple(name for _, name in used)
    return Source(file.name, folder.parent.name, folder.name, demuxer, starts, names, tuple(left_out))


def _overlaps(segment: Segment, stretch: Stretch) -> bool:
    begin = _moment(segment.t0)
    return begin < stretch.end and begin + timedelta(milliseconds=segment.dur_ms) > stretch.begin


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)

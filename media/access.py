"""Footage as files: which segments a take has, and the bytes of one, checked against their hash. Never writes."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from media.record import sidecar
from media.record.copyist import is_ahead, tracks_below
from media.record.sidecar import MEDIA_TYPES, Line, master_of

__all__ = [
    "MEDIA_TYPES",
    "Footage",
    "FootageDamaged",
    "Segment",
    "gap_after",
    "master_of",
    "read_range",
    "read_segment",
    "segments",
    "takes",
]


class FootageDamaged(Exception):
    """The bytes are not those that were recorded."""

    code = "footage-damaged"


@dataclass(frozen=True, slots=True)
class Footage:
    """Where recordings lie: `main`, and the `copy` that is written alone where `main` cannot be."""

    main: Path
    copy: Path | None = None

    def case(self, case: str) -> Path:
        """The folder of a case that has all of it."""
        copy, main = self.copy, self.main
        if copy is not None and any(is_ahead(copy / track, main / track) for track in tracks_below(copy, case)):
            return copy / case
        return main / case

    def track(self, case: str, seat: str, kind: str) -> Path:
        """The folder of a track that has all of it."""
        main = self.main / case / seat / kind
        copy = self.copy / case / seat / kind if self.copy is not None else None
        return copy if copy is not None and is_ahead(copy, main) else main


@dataclass(frozen=True, slots=True)
class Segment:
    """One range of a take: `n` 0 is the header that a player needs first. Times as in the sidecar."""

    n: int
    off: int
    len: int
    sha256: str
    t0: str
    pts_ms: int
    dur_ms: int
    key: bool
    recovered: bool


def takes(folder: Path) -> list[int]:
    """Numbers of the takes in a track's folder (`<footage>/<case>/<seat>/<track>`), in order."""
    return sidecar.take_numbers(folder)


def segments(folder: Path, take: int) -> list[Segment]:
    """The segments of a take in order, by its sidecar."""
    return [_segment(line) for line in sidecar.read(_base(folder, take).with_suffix(".jsonl")) if "n" in line]


def gap_after(folder: Path, take: int) -> tuple[str, str, str] | None:
    """The named gap after a take as (from, to, reason), if there is one."""
    for line in sidecar.read(_base(folder, take).with_suffix(".jsonl")):
        if "reason" in line:
            return str(line["from"]), str(line["to"]), str(line["reason"])
    return None


def read_segment(folder: Path, take: int, segment: Segment) -> bytes:
    """The bytes of a segment; raises `FootageDamaged` if they are not what its hash says."""
    return read_range(master_of(folder, take), segment.off, segment.len, segment.sha256)


def read_range(file: Path, offset: int, length: int, sha256: str) -> bytes:
    """`length` bytes from `offset`, checked; raises `FootageDamaged`, or OSError where there is no file."""
    with file.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(length)
    if len(data) != length or hashlib.sha256(data).hexdigest() != sha256:
        raise FootageDamaged(f"{file.name} {offset}+{length}")
    return data


def _base(folder: Path, take: int) -> Path:
    return folder / sidecar.take_name(take)


def _segment(line: Line) -> Segment:
    return Segment(
        int(line["n"]),
        int(line["off"]),
        int(line["len"]),
        str(line["sha256"]),
        str(line["t0"]),
        int(line["pts_ms"]),
        int(line["dur_ms"]),
        bool(line["key"]),
        bool(line.get("recovered", False)),
    )

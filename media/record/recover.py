"""After a crash: cut each take at its last whole cluster, hash and name what was written but not yet named."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from media.record import matroska, sidecar
from media.record.courier import CURSOR
from media.record.sidecar import Line, TrackId


def track_folders(footage: Path, case: str) -> Iterator[tuple[TrackId, Path]]:
    """Every track of a case that has footage."""
    for folder in sorted((footage / case).glob("*/*")):
        if folder.is_dir():
            yield TrackId(case, folder.parent.name, folder.name), folder


def put_in_order(footage: Path, case: str) -> list[str]:
    """Repair every take of a case; give those that no crash explains: shorter than their lines say, or unreadable."""
    damaged = []
    for track, folder in track_folders(footage, case):
        for take in sidecar.take_numbers(folder):
            if not _is_repaired(track, take, folder / sidecar.take_name(take)):
                damaged.append(f"{track.seat}/{track.track}/{sidecar.take_name(take)}")
    return damaged


def unsettled_cases(footage: Path) -> list[str]:
    """Cases with footage that is not wholly named, or lines that nobody acknowledged yet."""
    if not footage.is_dir():
        return []
    return [
        case.name
        for case in sorted(footage.iterdir())
        if not all(_is_settled(folder) for _, folder in track_folders(footage, case.name))
    ]


def _is_settled(folder: Path) -> bool:
    takes = sidecar.take_numbers(folder)
    if not takes:
        return True
    base = folder / sidecar.take_name(takes[-1])
    lines = base.with_suffix(".jsonl")
    cursor = folder / CURSOR
    if not lines.exists() or not cursor.exists():
        return False
    if cursor.read_text().split() != [str(takes[-1]), str(lines.stat().st_size)]:
        return False
    try:
        named = sum(int(line["len"]) for line in sidecar.read(lines) if "n" in line)
    except ValueError:
        return False
    return named == base.with_suffix(".webm").stat().st_size


def _is_repaired(track: TrackId, take: int, base: Path) -> bool:
    try:
        return _repair(track, take, base)
    except ValueError:  # a line that is no JSON, a cluster that is none of ours
        return False


def _repair(track: TrackId, take: int, base: Path) -> bool:
    media, lines_path = base.with_suffix(".webm"), base.with_suffix(".jsonl")
    _drop_torn_line(lines_path)
    lines = sidecar.read(lines_path)
    segments = [line for line in lines if "n" in line]
    if not segments:
        # Not even the header was named: nothing of this take was ever promised.
        media.unlink()
        lines_path.unlink(missing_ok=True)
        return True
    named = int(segments[-1]["off"]) + int(segments[-1]["len"])
    size = media.stat().st_size
    if size > named:
        _name_tail(track, take, media, segments)
    return size >= named


def _drop_torn_line(path: Path) -> None:
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)


def _name_tail(track: TrackId, take: int, media: Path, segments: list[Line]) -> None:
    last = segments[-1]
    named = int(last["off"]) + int(last["len"])
    data = media.read_bytes()
    clusters = matroska.whole_clusters(data, named)
    end = clusters[-1].end if clusters else named
    with media.open("r+b") as file:
        file.truncate(end)
        os.fsync(file.fileno())
    if not clusters:
        return
    first = clusters[0]
    line = track.line(
        take,
        n=int(last["n"]) + 1,
        off=named,
        len=end - named,
        sha256=hashlib.sha256(data[named:end]).hexdigest(),
        t0=sidecar.moved(str(last["t0"]), first.pts_ms - int(last["pts_ms"])),
        pts_ms=first.pts_ms,
        dur_ms=clusters[-1].end_ms - first.pts_ms,
        key=first.key,
        recovered=True,
    )
    with media.with_suffix(".jsonl").open("ab") as file:
        file.write(sidecar.encode(line))
        file.flush()
        os.fsync(file.fileno())

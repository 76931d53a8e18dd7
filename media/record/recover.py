"""After a crash: cut each take at its last whole chunk, hash and name what was written but not yet named."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from media.record import sidecar
from media.record.copyist import is_ahead, is_alike, tracks_below
from media.record.master import MASTERS, Master
from media.record.sidecar import CURSOR, Line, TrackId


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
            if not _is_repaired(track, take, folder):
                damaged.append(f"{track.seat}/{track.track}/{sidecar.take_name(take)}")
    return damaged


def unsettled_cases(footage: Path, copy: Path | None = None) -> list[str]:
    """Cases with footage that is not wholly named or not alike in both folders, or lines nobody acknowledged yet."""
    tracks = tracks_below(footage) | (tracks_below(copy) if copy is not None else set())
    unsettled = {
        track.parts[0]
        for track in tracks
        if not _is_settled(footage / track) or not (copy is None or _is_copied(footage / track, copy / track))
    }
    return sorted(unsettled)


def _is_copied(folder: Path, copy: Path) -> bool:
    return is_alike(folder, copy) and not is_ahead(copy, folder)


def _is_settled(folder: Path) -> bool:
    takes = sidecar.take_numbers(folder)
    if not takes:
        return True
    lines = folder / f"{sidecar.take_name(takes[-1])}.jsonl"
    cursor = folder / CURSOR
    if not lines.exists() or not cursor.exists():
        return False
    if cursor.read_text().split() != [str(takes[-1]), str(lines.stat().st_size)]:
        return False
    try:
        named = sum(int(line["len"]) for line in sidecar.read(lines) if "n" in line)
    except ValueError:
        return False
    return named == sidecar.master_of(folder, takes[-1]).stat().st_size


def _is_repaired(track: TrackId, take: int, folder: Path) -> bool:
    try:
        return _repair(track, take, sidecar.master_of(folder, take))
    except (ValueError, KeyError):  # a line that is no JSON, a chunk or a codec that is none of ours
        return False


def _repair(track: TrackId, take: int, media: Path) -> bool:
    lines_path = media.with_suffix(".jsonl")
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
        _name_tail(track, take, media, segments, MASTERS[str(lines[0]["codec"])])
    return size >= named


def _drop_torn_line(path: Path) -> None:
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)


def _name_tail(track: TrackId, take: int, media: Path, segments: list[Line], master: Master) -> None:
    last = segments[-1]
    named = int(last["off"]) + int(last["len"])
    data = media.read_bytes()
    chunks = master.whole_chunks(data, named)
    end = chunks[-1].end if chunks else named
    with media.open("r+b") as file:
        file.truncate(end)
        os.fsync(file.fileno())
    if not chunks:
        return
    first = chunks[0]
    line = track.line(
        take,
        n=int(last["n"]) + 1,
        off=named,
        len=end - named,
        sha256=hashlib.sha256(data[named:end]).hexdigest(),
        t0=sidecar.moved(str(last["t0"]), first.pts_ms - int(last["pts_ms"])),
        pts_ms=first.pts_ms,
        dur_ms=chunks[-1].end_ms - first.pts_ms,
        key=first.key,
        recovered=True,
    )
    with media.with_suffix(".jsonl").open("ab") as file:
        file.write(sidecar.encode(line))
        file.flush()
        os.fsync(file.fileno())

r"""The sidecar of a take, `takeNN.jsonl`: one canonical JSON object a line, each the promise that bytes are on disk.

```
{"case":"E-1","codec":"vp8","file":"A-01/camera/take02.webm","seat":"A-01","take":2,"track":"camera","v":1}
{"case":"E-1","dur_ms":0,"key":false,"len":301,"n":0,"off":0,"pts_ms":0,"seat":"A-01","sha256":"…","t0":"…Z","take":2,…}
{"case":"E-1","dur_ms":4003,"key":true,"len":90122,"n":1,"off":301,"pts_ms":0,"seat":"A-01","sha256":"…",…}
{"case":"E-1","from":"…Z","reason":"network","seat":"A-01","take":2,"to":"…Z","track":"camera","v":1}
```

A line is told by its keys: `codec` (take), `n` (segment), `reason` (gap after this take).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from signing.canonical import canonical

Value: TypeAlias = str | int | bool
Line: TypeAlias = Mapping[str, Value]
VERSION = 1
# The file beside a track's takes that says how far its lines were delivered: no evidence.
CURSOR = "delivered"
# Masters by the suffix of their files, with their media types.
MEDIA_TYPES: Mapping[str, str] = {".webm": "video/webm", ".mp4": "video/mp4"}


@dataclass(frozen=True, slots=True)
class TrackId:
    """A track of a seat in a case: what every line of its sidecars begins with."""

    case: str
    seat: str
    track: str

    def line(self, take: int, **fields: Value) -> Line:
        """A line about one take of this track."""
        return {"v": VERSION, "case": self.case, "seat": self.seat, "track": self.track, "take": take, **fields}


def encode(line: Line) -> bytes:
    """RFC 8785 and a line feed."""
    return canonical(line) + b"\n"


def decode(line: bytes) -> Line:
    """The object of one line. Raises ValueError for anything else."""
    parsed: Line = json.loads(line)
    if not isinstance(parsed, dict):
        raise ValueError("a sidecar's line is an object")
    return parsed


def read(path: Path) -> list[Line]:
    """Every complete line; a torn last line, left by a crash, is not one."""
    if not path.exists():
        return []
    return [decode(line) for line in path.read_bytes().split(b"\n")[:-1]]


def take_name(take: int) -> str:
    """File name of a take without suffix."""
    return f"take{take:02d}"


def folder_of(footage: Path, track: TrackId) -> Path:
    """Where the takes of a track lie."""
    return footage / track.case / track.seat / track.track


def take_numbers(folder: Path) -> list[int]:
    """Takes that lie in a track's folder, in order."""
    return sorted(int(path.stem[4:]) for path in folder.glob("take*") if path.suffix in MEDIA_TYPES)


def master_of(folder: Path, take: int) -> Path:
    """The master of a take, whatever its format; raises FileNotFoundError."""
    for suffix in MEDIA_TYPES:
        path = folder / (take_name(take) + suffix)
        if path.is_file():
            return path
    raise FileNotFoundError(folder / take_name(take))


def utc_text(moment: datetime) -> str:
    """UTC with milliseconds, as in every record."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moved(utc: str, milliseconds: int) -> str:
    """A moment so much later."""
    return utc_text(datetime.fromisoformat(utc) + timedelta(milliseconds=milliseconds))


def end_of(lines: list[Line]) -> str | None:
    """When a take ends according to its last segment; None if it has no line."""
    last = next((line for line in reversed(lines) if "n" in line), None)
    return moved(str(last["t0"]), int(last["dur_ms"])) if last else None

"""What the media plane reports. Evidence events mirror the sidecar lines and are repeated until acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class TakeStarted:
    """A new master file was begun. Idempotent by (case, seat, track, take)."""

    delivery: str
    case: str
    seat: str
    track: str
    take: int
    codec: str
    file: str


@dataclass(frozen=True, slots=True)
class SegmentClosed:
    """Bytes `off … off+len` of a take are on disk and have this SHA-256.

    `n` 0 is the file's header. `t0` is the server's UTC at the first frame, `pts_ms` its place on the take's own
    clock. Idempotent by (case, seat, track, take, n).
    """

    delivery: str
    case: str
    seat: str
    track: str
    take: int
    n: int
    off: int
    len: int
    sha256: str
    t0: str
    pts_ms: int
    dur_ms: int
    key: bool
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class GapNamed:
    """Nothing was recorded of a track from `since` to `until` (UTC). Idempotent by (case, seat, track, take).

    `take` is the take before the gap. Reasons: `network`, `left`, `republished`, `paused` (the
    track sent nothing for 4 s), `recorder` (it was restarted), `disk`.
    """

    delivery: str
    case: str
    seat: str
    track: str
    take: int
    since: str
    until: str
    reason: str


@dataclass(frozen=True, slots=True)
class Published:
    """A seat's streams arrive (again)."""

    case: str
    seat: str
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """A seat's streams stopped; it is away altogether when `camera` or `mic` are among `tracks`.

    Reasons: `network` (3.5 s of silence), `left` (the browser closed the connection), `worker` (this plane failed).
    """

    case: str
    seat: str
    tracks: tuple[str, ...]
    since: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeatQuality:
    """How well a seat's streams arrive; loss in hundredths of a percent before repair, `rtt_ms` -1 if unknown."""

    case: str
    seat: str
    code: Literal["good", "poor", "down"]
    loss: int
    rtt_ms: int
    bitrate_bps: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must know within seconds; `case`, `seat`, `track` are empty where it concerns all.

    Codes: `recorder-stalled`, `disk-full`, `recorder-failed`, `footage-damaged`, `worker-down`, `worker-dies-often`.
    """

    code: str
    case: str = ""
    seat: str = ""
    track: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A media worker is ready; `generation` 1 is the first, later ones are restarts: seats must publish again."""

    generation: int
    fingerprint: str


Evidence: TypeAlias = TakeStarted | SegmentClosed | GapNamed
Event: TypeAlias = Evidence | Published | Lost | SeatQuality | Alarm | WorkerStarted

EVENT_TYPES: Mapping[str, type[Event]] = {
    "take-started": TakeStarted,
    "segment-closed": SegmentClosed,
    "gap-named": GapNamed,
    "published": Published,
    "lost": Lost,
    "seat-quality": SeatQuality,
    "alarm": Alarm,
    "worker-started": WorkerStarted,
}
NAME_OF_EVENT: Mapping[type[Event], str] = {kind: name for name, kind in EVENT_TYPES.items()}

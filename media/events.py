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
    clock; `sent` the sender's own UTC of that frame by its reports, which are `reports` (`ntp:rtp`, since the segment
    before); both empty without any. Idempotent by (case, seat, track, take, n).
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
    sent: str = ""
    reports: str = ""


@dataclass(frozen=True, slots=True)
class GapNamed:
    """Nothing was recorded of a track from `since` to `until` (UTC). Idempotent by (case, seat, track, take).

    `take` is the take before the gap; the reasons stand in `docs/protocol-media.md`.
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
    """How well a seat's streams arrive; loss in hundredths of a percent before repair, `rtt_ms` -1 if unknown.

    `codec` is that of its pictures, empty while it sends none.
    """

    case: str
    seat: str
    code: Literal["good", "poor", "down"]
    loss: int
    rtt_ms: int
    bitrate_bps: int
    codec: str = ""


@dataclass(frozen=True, slots=True)
class Congested:
    """Pictures are held back from a member because its way is too narrow for them, or no longer; sound goes on."""

    case: str
    member: str
    resting: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must know within seconds; `case`, `seat`, `track` are empty where it concerns all.

    Codes: docs/protocol-media.md. It holds until an `AlarmPassed` of the same code and place.
    """

    code: str
    case: str = ""
    seat: str = ""
    track: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AlarmPassed:
    """What an alarm of the same code, case, seat and track told of is over."""

    code: str
    case: str = ""
    seat: str = ""
    track: str = ""


@dataclass(frozen=True, slots=True)
class RoomMoved:
    """The worker that carried a room died; the room stands again: its seats publish and subscribe anew, at once."""

    case: str


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A media worker is ready; `generation` 1 is its first life, later ones are restarts."""

    worker: int
    generation: int
    fingerprint: str


Evidence: TypeAlias = TakeStarted | SegmentClosed | GapNamed
Event: TypeAlias = (
    Evidence | Published | Lost | SeatQuality | Congested | Alarm | AlarmPassed | RoomMoved | WorkerStarted
)

EVENT_TYPES: Mapping[str, type[Event]] = {
    "take-started": TakeStarted,
    "segment-closed": SegmentClosed,
    "gap-named": GapNamed,
    "published": Published,
    "lost": Lost,
    "seat-quality": SeatQuality,
    "congested": Congested,
    "alarm": Alarm,
    "alarm-passed": AlarmPassed,
    "room-moved": RoomMoved,
    "worker-started": WorkerStarted,
}
NAME_OF_EVENT: Mapping[type[Event], str] = {kind: name for name, kind in EVENT_TYPES.items()}

"""The control protocol between web server and media worker: JSON lines over a Unix socket (docs/protocol-media.md).

Owns the spelling of requests, replies and events, and the settings that go down the pipe; opens nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from media.engine import CaseId, GapReason, MediaRefusal, MemberId, PublishRequest, SeatId
from media.events import EVENT_TYPES, NAME_OF_EVENT, Event

LINE_LIMIT = 256 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker needs to know. `host` and `port` are bound (port 0: any), `public_host` stands in the SDP.

    `segment_ms` is the longest segment at a publisher that answers key frame requests; `video_kbps` the most that a
    seat may send; `footage_copy` a folder that follows `footage`, empty for none; `low_space_mb` free is an alarm;
    `video_codec` (`vp8`, `h264`) what is taken of a seat that offers both.
    """

    socket: str
    footage: str
    host: str = "127.0.0.1"
    port: int = 0
    public_host: str = "127.0.0.1"
    segment_ms: int = 4000
    video_kbps: int = 600
    footage_copy: str = ""
    low_space_mb: int = 5000
    video_codec: str = "vp8"

    def for_each(self, workers: int) -> "list[WorkerSettings]":
        """The settings of several workers: sockets side by side, and ports one after another, or any for all."""
        name = Path(self.socket)
        return [
            replace(
                self,
                socket=str(name.with_stem(f"{name.stem}{number}")),
                port=self.port + number if self.port else 0,
            )
            for number in range(workers)
        ]


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker's first line on standard output."""

    port: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class OfCase:
    """Arguments of `close_room`, `settle`, `stats`."""

    case: CaseId


@dataclass(frozen=True, slots=True)
class OfRoom:
    """Arguments of `create_room`; `after`: why nothing was recorded since the takes that lie on disk."""

    case: CaseId
    after: GapReason = "recorder"


@dataclass(frozen=True, slots=True)
class OfMember:
    """Arguments of `leave`."""

    case: CaseId
    member: MemberId


@dataclass(frozen=True, slots=True)
class OfTrack:
    """Arguments of `mute`, `unmute`."""

    case: CaseId
    track: str


@dataclass(frozen=True, slots=True)
class OfGrant:
    """Arguments of `grant`, `revoke`."""

    case: CaseId
    member: MemberId
    track: str


@dataclass(frozen=True, slots=True)
class OfSubscribe:
    """Arguments of `subscribe`, `show`."""

    case: CaseId
    member: MemberId
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfSpeakers:
    """Arguments of `speakers`."""

    case: CaseId
    most: int
    always: tuple[SeatId, ...] = ()


@dataclass(frozen=True, slots=True)
class OfAnswer:
    """Arguments of `answer`."""

    case: CaseId
    member: MemberId
    sdp: str


@dataclass(frozen=True, slots=True)
class OfDelivery:
    """Arguments of `acknowledge`."""

    delivery: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Arguments of `ping` and the value of calls that give none."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Value of `publish`."""

    sdp: str


ARGUMENTS: Mapping[str, type] = {
    "create_room": OfRoom,
    "close_room": OfCase,
    "settle": OfCase,
    "publish": PublishRequest,
    "subscribe": OfSubscribe,
    "answer": OfAnswer,
    "grant": OfGrant,
    "revoke": OfGrant,
    "mute": OfTrack,
    "unmute": OfTrack,
    "show": OfSubscribe,
    "speakers": OfSpeakers,
    "leave": OfMember,
    "stats": OfCase,
    "acknowledge": OfDelivery,
    "ping": Nothing,
}


@dataclass(frozen=True, slots=True)
class Request:
    """`{"id":7,"op":"grant","args":{…}}`."""

    id: int
    op: str
    args: object


@dataclass(frozen=True, slots=True)
class Reply:
    """`{"id":7,"ok":{…}}`."""

    id: int
    ok: object


@dataclass(frozen=True, slots=True)
class Refused:
    """`{"id":7,"refused":"not-granted","detail":"…"}`."""

    id: int
    refused: str
    detail: str = ""


def encode(message: Request | Reply | Refused | Event) -> bytes:
    """One line."""
    name = NAME_OF_EVENT.get(type(message))  # type: ignore[arg-type]
    if name is not None:
        return msgspec.json.encode({"event": name, "body": asdict(message)}) + b"\n"
    return msgspec.json.encode(asdict(message)) + b"\n"


def decode_request(line: bytes) -> Request:
    """Parse and type a request; refuse with `bad-request`."""
    try:
        raw = msgspec.json.decode(line, type=Request)
        return Request(raw.id, raw.op, msgspec.convert(raw.args, ARGUMENTS[raw.op]))
    except (msgspec.MsgspecError, KeyError) as failure:
        raise MediaRefusal("bad-request", str(failure)[:200]) from None


def decode_message(line: bytes) -> Reply | Refused | Event:
    """Parse what the worker sends."""
    raw = msgspec.json.decode(line)
    if "event" in raw:
        return msgspec.convert(raw["body"], EVENT_TYPES[raw["event"]])
    if "refused" in raw:
        return msgspec.convert(raw, Refused)
    return msgspec.convert(raw, Reply)


def convert(value: object, kind: type[T]) -> T:
    """Type the value of a reply."""
    return msgspec.convert(value, kind)

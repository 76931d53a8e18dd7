"""What a media plane promises to the rest of the house: the `MediaEngine` protocol, its values and its refusals.

Owns no socket and no codec; nothing of the library behind an engine may appear in these types.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal, NewType, Protocol

from media.events import Event

CaseId = NewType("CaseId", str)
SeatId = NewType("SeatId", str)
MemberId = NewType("MemberId", str)

Medium = Literal["audio", "video"]
# Why a room that is opened anew has recorded nothing since it was last closed.
GapReason = Literal["recorder", "night"]

# `masked` and `voice` are the disguised picture and voice a browser may publish beside `camera` and `mic`.
MEDIUM_OF_KIND: Mapping[str, Medium] = {
    "camera": "video",
    "mic": "audio",
    "screen": "video",
    "masked": "video",
    "voice": "audio",
}

# These become folder names under the footage; the pattern admits no separator and no leading dot.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class MediaRefusal(Exception):
    """An expected refusal of the media plane; `code` is stable, `detail` is for the log only.

    Codes: `bad-id`, `bad-kind`, `bad-sdp`, `sdp-too-big`, `sdp-too-many-sections`, `sdp-too-many-candidates`,
    `sdp-too-many-lines`, `no-codec`, `no-ssrc`, `no-such-room`, `no-such-subscription`, `not-granted`, `room-full`,
    `bad-request`, `too-many-joins` (more connections than this plane makes in a second: ask again in one),
    `engine-away`, `undelivered` (a room closed, but not all of its evidence was acknowledged in time: ask again).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, order=True)
class TrackRef:
    """One stream of one seat, as `seat/kind`; it keeps its name through reconnects and codec changes."""

    seat: SeatId
    kind: str

    def __str__(self) -> str:
        return f"{self.seat}/{self.kind}"

    @property
    def medium(self) -> Medium:
        """Audio or video."""
        return MEDIUM_OF_KIND[self.kind]


def checked_id(value: str) -> str:
    """Return `value` if it may name a case, seat or member; refuse with `bad-id` otherwise."""
    if not _ID.fullmatch(value):
        raise MediaRefusal("bad-id", repr(value[:80]))
    return value


def track_ref(text: str) -> TrackRef:
    """Parse `seat/kind`; refuse with `bad-id` or `bad-kind`."""
    seat, _, kind = text.partition("/")
    if kind not in MEDIUM_OF_KIND:
        raise MediaRefusal("bad-kind", repr(text[:80]))
    return TrackRef(SeatId(checked_id(seat)), kind)


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """A seat's offer; `tracks` says which `mid` of the offer carries which kind (`{"0": "camera", "1": "mic"}`)."""

    case: CaseId
    seat: SeatId
    tracks: Mapping[str, str]
    sdp: str


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """The engine's offer to a member; `mids` maps each `mid` to its track (`{"0": "A-01/camera"}`)."""

    sdp: str
    mids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TrackStats:
    """Running counters of one track of a room, in packets since the room was opened."""

    track: str
    live: bool
    muted: bool
    packets_in: int
    packets_repaired: int
    packets_lost: int
    packets_out: Mapping[str, int]
    retransmitted: int
    takes: int
    segments: int


@dataclass(frozen=True, slots=True)
class RoomStats:
    """State of one room, track by track."""

    case: CaseId
    tracks: tuple[TrackStats, ...]


class MediaEngine(Protocol):
    """A plane that forwards and records the rooms of this deployment.

    Every call may raise `MediaRefusal`. A member receives only what it was granted, and a grant or its end takes
    effect at once. Every published track is recorded whatever is granted or muted.
    """

    async def create_room(self, case: CaseId, after: GapReason = "recorder") -> None:
        """Open the room of a case (no-op when open); footage left by a crash is first put in order.

        Where takes lie on disk already, `after` names the gap between them and what is recorded now.
        """

    async def close_room(self, case: CaseId) -> None:
        """Disconnect everyone, close the last segments, return when all of them were acknowledged or 5 s passed."""

    async def publish(self, request: PublishRequest) -> str:
        """Take a seat's offer, return the answer's SDP; a second offer for a track replaces the first."""

    async def subscribe(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> SubscribeOffer:
        """Offer these granted tracks, published already or not yet; replaces the member's former subscription."""

    async def answer(self, case: CaseId, member: MemberId, sdp: str) -> None:
        """Take the member's answer to the last offer."""

    async def grant(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """Let a member receive a track."""

    async def revoke(self, case: CaseId, member: MemberId, track: TrackRef) -> None:
        """Stop a member receiving a track, at once."""

    async def mute(self, case: CaseId, track: TrackRef) -> None:
        """Forward a track to nobody; recording goes on."""

    async def unmute(self, case: CaseId, track: TrackRef) -> None:
        """End a mute."""

    async def show(self, case: CaseId, member: MemberId, tracks: tuple[TrackRef, ...]) -> None:
        """Send a member, of the pictures it was granted, these alone until it subscribes anew; sound is not touched."""

    async def set_speakers(self, case: CaseId, most: int, always: tuple[SeatId, ...]) -> None:
        """Let at most so many seats be heard at a time, beside those that always are; recording goes on."""

    async def leave(self, case: CaseId, member: MemberId) -> None:
        """Disconnect what a member or seat publishes and receives; its grants stay."""

    async def stats(self, case: CaseId) -> RoomStats:
        """Count what passed."""

    def events(self) -> AsyncIterator[Event]:
        """Everything the plane reports, in order; evidence is repeated until acknowledged."""

    async def acknowledge(self, delivery: str) -> None:
        """Confirm that an evidence event is committed, so that it is not delivered again."""

    async def close(self) -> None:
        """Close all segments and stop, within 5 s."""

"""Who of a room receives which track now: granted it, and neither it nor they stand in the way. Sends nothing.

The grant is the upper bound. Below it a track may be muted for all; a picture passes to who shows it and has a way for
it; a voice passes while its seat is among those that are heard.
"""

from media.embedded.speakers import Speakers
from media.engine import MemberId, SeatId, TrackRef

_VOICES = ("mic", "voice")


class Audience:
    """The reasons, and what follows from them by track; `speakers` may be replaced at any time."""

    def __init__(self, speakers: Speakers) -> None:
        self.speakers = speakers
        self.muted: set[TrackRef] = set()
        self._grants: dict[TrackRef, set[MemberId]] = {}
        self._shown: dict[MemberId, frozenset[TrackRef]] = {}
        self._resting: set[MemberId] = set()

    def grant(self, member: MemberId, ref: TrackRef) -> None:
        """Let a member receive a track."""
        self._grants.setdefault(ref, set()).add(member)

    def revoke(self, member: MemberId, ref: TrackRef) -> None:
        """No longer."""
        self._grants.get(ref, set()).discard(member)

    def is_granted(self, member: MemberId, ref: TrackRef) -> bool:
        """Whether a member may receive a track at all."""
        return member in self._grants.get(ref, ())

    def show(self, member: MemberId, pictures: frozenset[TrackRef]) -> None:
        """A member looks at these pictures alone."""
        self._shown[member] = pictures

    def show_all(self, member: MemberId) -> None:
        """A member looks at every picture, as with each new subscription."""
        self._shown.pop(member, None)
        self._resting.discard(member)

    def rest(self, member: MemberId, *, is_resting: bool) -> None:
        """A member's way is too narrow for pictures now, or no longer."""
        (self._resting.add if is_resting else self._resting.discard)(member)

    def is_resting(self, member: MemberId) -> bool:
        """Whether pictures are held back from a member."""
        return member in self._resting

    def of(self, ref: TrackRef) -> frozenset[MemberId]:
        """Who receives this track now."""
        if ref in self.muted or (ref.kind in _VOICES and not self.speakers.is_heard(ref.seat)):
            return frozenset()
        granted = self._grants.get(ref, set())
        if ref.medium == "audio":
            return frozenset(granted)
        return frozenset(member for member in granted if self._sees(member, ref))

    def _sees(self, member: MemberId, ref: TrackRef) -> bool:
        shown = self._shown.get(member)
        return member not in self._resting and (shown is None or ref in shown)

    def voices(self, seat: SeatId) -> tuple[TrackRef, ...]:
        """The tracks that carry a seat's voice."""
        return tuple(TrackRef(seat, kind) for kind in _VOICES)

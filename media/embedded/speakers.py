"""Whose voice passes where more seats have a microphone than a room lets through (RFC 6464 levels in, seats out).

First come, first served: nobody who speaks is cut off for somebody else, and whoever is silent makes room. Pure.
"""

from media.engine import SeatId

# In −dBov: 0 is the loudest, 127 digital silence. A quiet room with a fan lies near 60, a voice at 20 to 40.
SPEAKS_BELOW = 50
# A pause between two words is no silence.
HOLD_S = 1.0


class Speakers:
    """At most `most` seats are heard at a time; those in `always` are, and count for nothing."""

    def __init__(self, most: int, always: frozenset[SeatId]) -> None:
        self._most = most
        self._always = always
        self._spoke: dict[SeatId, float] = {}
        self._heard: set[SeatId] = set()

    @property
    def chooses(self) -> bool:
        """Whether there is anything to choose: only then levels are worth reading."""
        return len(self._spoke) > self._most

    def seat(self, seats: frozenset[SeatId]) -> None:
        """These seats have a microphone whose level is known; who comes while there is room is heard at once."""
        wanted = seats - self._always
        self._spoke = {seat: self._spoke.get(seat, 0.0) for seat in sorted(wanted)}
        self._heard &= wanted
        for seat in self._spoke:
            if len(self._heard) < self._most:
                self._heard.add(seat)

    def is_heard(self, seat: SeatId) -> bool:
        """Whether this seat's voice passes; a seat without a known level always does."""
        return seat in self._heard or seat not in self._spoke

    def hear(self, seat: SeatId, level: int, now: float) -> SeatId | None:
        """Take one level; give the seat that had to make room for `seat`, if one did."""
        if level >= SPEAKS_BELOW or seat not in self._spoke:
            return None
        self._spoke[seat] = now
        if seat in self._heard or not self._heard:
            return None
        longest_silent = min(self._heard, key=lambda other: (self._spoke[other], other))
        if now - self._spoke[longest_silent] < HOLD_S:
            return None
        self._heard.remove(longest_silent)
        self._heard.add(seat)
        return longest_silent

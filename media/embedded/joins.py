"""How fast connections may be made: the calls that stand come before those that want to begin. Knows no room."""

from media.engine import MediaRefusal

# A handshake is some 13 ms of work: half a core is spent on it, once all who sat there have come back in one breath.
JOINS_PER_SECOND = 40.0
JOINS_AT_ONCE = 160.0


class Joins:
    """A token bucket for all rooms of a worker; `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._left = JOINS_AT_ONCE
        self._at = 0.0

    def take(self, now: float) -> None:
        """Let one connection be made. Raises `MediaRefusal` (`too-many-joins`): ask again in a second."""
        self._left = min(JOINS_AT_ONCE, self._left + (now - self._at) * JOINS_PER_SECOND)
        self._at = now
        if self._left < 1:
            raise MediaRefusal("too-many-joins")
        self._left -= 1

"""When a silent worker counts as dead: a hung one within two seconds, one that gets no processor only after five."""

from pathlib import Path

BEAT_S = 0.5
_DEAD_S = 1.2
_STARVED_S = 5.0


class Pulse:
    """Tells a process that stands still from one that waits its turn: killing the latter would only add to the load.

    The kernel counts for how long a thread was ready to run and did not (`schedstat`, second field, nanoseconds).
    """

    def __init__(self, pid: int, dead_s: float = _DEAD_S, starved_s: float = _STARVED_S) -> None:
        self._dead_s, self._starved_s = dead_s, starved_s
        self._schedstat = Path(f"/proc/{pid}/schedstat")
        self._queued_s = self._read()

    def is_dead(self, silent_s: float) -> bool:
        """Whether a process that has said nothing for so long is to be given up; to be asked every beat."""
        queued_s = self._read()
        if silent_s < BEAT_S:
            self._queued_s = queued_s
        is_starved = queued_s - self._queued_s > silent_s / 2
        return silent_s > (self._starved_s if is_starved else self._dead_s)

    def _read(self) -> float:
        try:
            return int(self._schedstat.read_text().split()[1]) / 1e9
        except (OSError, IndexError):  # it ended this moment, or the kernel keeps no such account
            return 0.0

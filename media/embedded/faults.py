"""Says in the log what went wrong with one packet or one room, a few times a minute. Mends nothing, ends nothing.

A fault that a browser can repeat with each packet must not fill the disk with words.
"""

import logging

_A_MINUTE = 5


class Faults:
    """Counts what is said, and says in the next minute how much was not."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._since = float("-inf")
        self._count = 0

    def note(self, what: str, now: float) -> None:
        """Say it with the exception that is being handled, five times a minute at most; `now` in monotonic seconds."""
        if now - self._since >= 60:  # noqa: PLR2004 - a minute
            if self._count > _A_MINUTE:
                self._log.error("%d more faults were not said", self._count - _A_MINUTE)
            self._since, self._count = now, 0
        self._count += 1
        if self._count <= _A_MINUTE:
            self._log.exception("%s", what)

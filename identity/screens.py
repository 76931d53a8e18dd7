"""Second screens: a venue's own screen that shows what its seat is about to sign; paired by a short code it shows.

Codes wait in memory alone: a screen that shows none yet asks again. Time and random bytes come in as values.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.seats import LETTERS, READ_AS

CODE_LIFE = timedelta(minutes=15)
RENEWED_AFTER = timedelta(minutes=10)
"""A code is replaced while it still holds, so that none dies in the hand of whoever types it."""

MOST_WAITING = 4096
_CODE = re.compile(f"[{LETTERS}]{{6}}")


class ScreenCodeRefused(Exception):
    """No screen shows this code now."""

    code = "screen.code_refused"


class ScreenUnknown(Exception):
    """This browser brings no cookie of a second screen: its page was never opened, or the cookie is gone."""

    code = "screen.unknown"


class OwnComputer(Exception):
    """This browser is a seat, or somebody is signed in: what it shows beside itself would be its own word twice."""

    code = "screen.own_computer"


@dataclass(frozen=True, slots=True)
class Screen:
    """A browser that is the second screen of a seat: `digest` is the SHA-256 of its cookie."""

    digest: str
    venue: str
    seat: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    screen: str
    issued: datetime


class ScreenCodes:
    """Screens that wait to be paired, each with the code it shows; at most 4096, the oldest give way."""

    def __init__(self) -> None:
        self._by_code: dict[str, _Waiting] = {}
        self._by_screen: dict[str, str] = {}

    def shown(self, screen: str, now: datetime) -> str | None:
        """The code that this screen shows, as `K7P-2QX`; None where it has none or it is time for another."""
        known = self._by_screen.get(screen, "")
        return _spelled(known) if known and now - self._by_code[known].issued < RENEWED_AFTER else None

    def make(self, screen: str, random: bytes, now: datetime) -> str:
        """A new code for this screen: six letters (30 bits) from six random bytes. Its former one holds on.

        How often an address may ask for one is the caller's to limit: without, a stranger pushes out everybody's.
        """
        code = "".join(LETTERS[byte % 32] for byte in random[:6])
        while len(self._by_code) >= MOST_WAITING:
            self._forget(next(iter(self._by_code)))
        self._forget(code)
        self._by_code[code] = _Waiting(screen, now)
        self._by_screen[screen] = code
        return _spelled(code)

    def spend(self, typed: str, now: datetime) -> str:
        """The screen that shows the typed code; all that it showed are used up. Raises `ScreenCodeRefused`."""
        code = re.sub(r"[\s\-]", "", typed).upper().translate(READ_AS)
        found = self._by_code.get(code) if _CODE.fullmatch(code) else None
        if found is None:
            raise ScreenCodeRefused
        if now - found.issued >= CODE_LIFE:
            self._forget(code)
            raise ScreenCodeRefused
        for shown in [one for one, waiting in self._by_code.items() if waiting.screen == found.screen]:
            self._forget(shown)
        return found.screen

    def _forget(self, code: str) -> None:
        gone = self._by_code.pop(code, None)
        if gone is not None and self._by_screen.get(gone.screen) == code:
            del self._by_screen[gone.screen]


def _spelled(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"

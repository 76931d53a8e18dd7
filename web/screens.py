"""Which signing dialogs are open at seats, and what the screens beside them say: who asked last, by the seat's label.

Kept in memory: both pages ask every second, so a new start of the server knows it again at once. What a screen says is
never believed for more than this: it shows the bytes of this digest.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluation.case import CaseId
from identity.screens import ScreenCodes
from web.limits import Limits, Rate

# A screen's new code holds for fifteen minutes, and 4096 are remembered: one address must not ask for as many.
SCREEN_CODES = Rate("screen-codes", 1, 60)
STILL_THERE = timedelta(seconds=6)
"""A page that has not asked for so long is gone."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """A signing dialog as the seat's page last told of it."""

    case: CaseId
    who: str
    purpose: str
    batch: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a screen last said: which batch it shows, and the digest of the bytes (hex); both empty while it rests."""

    batch: str
    display: str


class Screens:
    """Dialogs and screens that are there now, by the seat's label; codes of screens that wait to be paired."""

    def __init__(self) -> None:
        self.codes = ScreenCodes()
        self._limits = Limits()
        self._dialogs: dict[str, Dialog] = {}
        self._said: dict[str, tuple[Said, datetime]] = {}

    def code(self, screen: str, address: str, random: bytes, now: datetime) -> str:
        """The code that an unpaired screen shows; new ones at a rate for each address. Raises `TooManyCalls`."""
        shown = self.codes.shown(screen, now)
        if shown is None:
            self._limits.take(SCREEN_CODES, address, time.monotonic())
            shown = self.codes.make(screen, random, now)
        return shown

    def open(self, seat: str, dialog: Dialog) -> None:
        """The seat's page shows this dialog."""
        self._dialogs[seat] = dialog

    def dialog(self, seat: str, now: datetime) -> Dialog | None:
        """What the seat is about to sign, as long as its page is open."""
        found = self._dialogs.get(seat)
        return found if found is not None and now - found.at < STILL_THERE else None

    def say(self, seat: str, said: Said, now: datetime) -> None:
        """The seat's screen shows this."""
        self._said[seat] = (said, now)

    def said(self, seat: str, now: datetime) -> Said | None:
        """What the seat's screen shows, None where it does not answer."""
        said, at = self._said.get(seat, (None, now))
        return said if now - at < STILL_THERE else None

    def part(self, seat: str) -> None:
        """The seat has another screen now, or none."""
        self._said.pop(seat, None)

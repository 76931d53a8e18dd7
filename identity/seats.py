"""Seats: a browser paired once with its venue's code. What a member types there (席位码) is `conduct`'s.

A code is shown once on paper; tables hold its digest. Time and random bytes come in as values.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

PAIRING_CODE_LIFE = timedelta(hours=24)

# Crockford's base 32: no I, L, O, U, so that a code read aloud has one spelling.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_PAIRING_CODE = re.compile(f"[{LETTERS}]{{12}}")


class SeatNotPaired(Exception):
    """This browser is no seat of a venue: its pairing cookie is missing or unknown."""

    code = "seat.not_paired"


class PairingRefused(Exception):
    """The pairing code is unknown, used or too old."""

    code = "seat.pairing_refused"


@dataclass(frozen=True, slots=True)
class PairedSeat:
    """A browser that is a seat: `digest` is the SHA-256 of its cookie, `name` the seat's label on paper."""

    digest: str
    venue: str
    name: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """An issued pairing code: it makes one browser this seat, once, within a day."""

    digest: str
    venue: str
    seat: str
    issued: datetime


def pairing_code(random: bytes) -> str:
    """Twelve letters (60 bits) from twelve random bytes, in groups of four: `4F7K-09QT-MZ3A`."""
    letters = "".join(LETTERS[byte % 32] for byte in random[:12])
    return "-".join(letters[at : at + 4] for at in range(0, 12, 4))


def read_pairing_code(typed: str) -> str:
    """The letters of a typed pairing code, whatever its case, blanks and dashes. Raises `PairingRefused`."""
    letters = re.sub(r"[\s\-]", "", typed).upper().translate(READ_AS)
    if not _PAIRING_CODE.fullmatch(letters):
        raise PairingRefused
    return letters


def check_pairing(pairing: Pairing, now: datetime) -> None:
    """Raise `PairingRefused` once the code is a day old."""
    if now - pairing.issued >= PAIRING_CODE_LIFE:
        raise PairingRefused

"""The code by which a browser becomes a seat, once: eight letters typed by staff, kept as a digest, short-lived.

The caller brings the random bytes and the time, and keeps the value that comes back.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from signing.canonical import short_code
from venues.place import SeatId

RANDOM_BYTES = 5
MOST_TRIES = 5
_SEEN_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class PairingRefused(Exception):
    """A code that pairs nothing."""

    code = "pairing.refused"


class PairingWrong(PairingRefused):
    """Not the code of this seat; the caller counts the try with `failed`."""

    code = "pairing.wrong"


class PairingOver(PairingRefused):
    """The code was used, has expired, or was tried too often; a new one must be made."""

    code = "pairing.over"


@dataclass(frozen=True, slots=True)
class Pairing:
    """An offer to pair one seat: SHA-256 of seat and code, its end, wrong tries so far, and whether it was used."""

    seat: SeatId
    digest: bytes
    ends: datetime
    tries: int = 0
    is_used: bool = False


def code_from(random: bytes) -> str:
    """`XXXX-XXXX` in Crockford's base 32 from five random bytes: 40 bits."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"{RANDOM_BYTES} random bytes")
    return short_code(random)


def offer(seat: SeatId, code: str, now: datetime, valid: timedelta) -> Pairing:
    """The offer for a code that is shown once and kept nowhere."""
    return Pairing(seat, _digest(seat, code), now + valid)


def redeem(pairing: Pairing, typed: str, now: datetime) -> Pairing:
    """The used offer. Raises `PairingOver`, `PairingWrong`."""
    if pairing.is_used or pairing.tries >= MOST_TRIES or now >= pairing.ends:
        raise PairingOver
    if not hmac.compare_digest(_digest(pairing.seat, typed), pairing.digest):
        raise PairingWrong
    return replace(pairing, is_used=True)


def failed(pairing: Pairing) -> Pairing:
    """The offer after a wrong try."""
    return replace(pairing, tries=pairing.tries + 1)


def _digest(seat: SeatId, code: str) -> bytes:
    return sha256(f"{seat}\n{code.upper().translate(_SEEN_AS)}".encode()).digest()

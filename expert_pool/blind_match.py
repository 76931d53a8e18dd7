"""The desk's question "is this one of those expected?", answered without telling the desk whom it expects."""

import hmac
import unicodedata
from collections.abc import Iterable


def blinded(id_number: str, salt: bytes) -> bytes:
    """HMAC-SHA256 of an identity number under a 32-byte salt made for one case: 32 bytes.

    Numbers are few enough to be tried one by one by whoever has the salt, so the salt stays in the sealed process.
    """
    return hmac.digest(salt, normalised(id_number), "sha256")


def normalised(id_number: str) -> bytes:
    """An identity number in its one spelling: NFKC, no blanks around it, upper case, UTF-8."""
    return unicodedata.normalize("NFKC", id_number).strip().upper().encode()


def matched(presented: str, salt: bytes, expected: Iterable[bytes]) -> bytes | None:
    """The blinded number of the person at the desk if it is expected (相符), else None (不符).

    Every candidate is compared in constant time, so the answer's delay does not tell its place in the list.
    """
    shown = blinded(presented, salt)
    return next((one for one in [each for each in expected if hmac.compare_digest(each, shown)]), None)

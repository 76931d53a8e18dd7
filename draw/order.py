"""The one order of a pool under a key: by keyed hash, so that adding or leaving out a candidate never moves another.

A candidate of weight w has w tickets and stands where its best one stands: the minimum of w uniform hashes samples
without replacement in proportion to the weights, with integers alone. At w = 1 a position is HKDF-Expand (RFC 5869
§2.3) of the label, as in draft-thomson-elegy-vrs.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256

from draw.pool import Entry

_BLOCK = 64
_INNER = bytes(octet ^ 0x36 for octet in range(256))
_OUTER = bytes(octet ^ 0x5C for octet in range(256))

Expand = Callable[[bytes], bytes]


def expander(prk: bytes) -> Expand:
    """HMAC-SHA256 under one key whose two key blocks are hashed once (RFC 2104 §4): half the work for a large pool."""
    block = prk.ljust(_BLOCK, b"\x00")
    inner, outer = sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))

    def expand(message: bytes) -> bytes:
        begun, finished = inner.copy(), outer.copy()
        begun.update(message)
        finished.update(begun.digest())
        return finished.digest()

    return expand


def position(expand: Expand, label: bytes, weight: int) -> bytes:
    """The best of a candidate's tickets: min over t = 1…w of HMAC(PRK, label ‖ byte t)."""
    return min(expand(label + bytes((ticket,))) for ticket in range(1, weight + 1))


def order(prk: bytes, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """All entries by ascending (position, label)."""
    expand = expander(prk)
    return tuple(sorted(entries, key=lambda entry: (position(expand, entry.label, entry.record.weight), entry.label)))


def order_digest(ordered: Iterable[Entry]) -> bytes:
    """SHA-256 over the labels in their order."""
    return sha256(b"".join(entry.label for entry in ordered)).digest()

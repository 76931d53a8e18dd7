"""The one order of a pool under a key: by keyed hash, so that adding or leaving out a candidate never moves another.

A candidate of weight w has w tickets and stands where its best one stands: the minimum of w uniform hashes samples
without replacement in proportion to the weights, with integers alone. At w = 1 a position is HKDF-Expand (RFC 5869
§2.3) of the label, as in draft-thomson-elegy-vrs.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256

from draw.pool import MAX_WEIGHT, Entry

_TICKETS = tuple(bytes((ticket,)) for ticket in range(MAX_WEIGHT + 1))
_BLOCK = 64
_INNER = bytes(octet ^ 0x36 for octet in range(256))
_OUTER = bytes(octet ^ 0x5C for octet in range(256))

Expand = Callable[[bytes], bytes]


def expander(prk: bytes) -> Expand:
    """HMAC-SHA256 under one key whose two key blocks are hashed once (RFC 2104 §4): half the work for a large pool."""
    block = prk.ljust(_BLOCK, b"\x00")
    begin, finish = sha256(block.translate(_INNER)).copy, sha256(block.translate(_OUTER)).copy

    def expand(message: bytes) -> bytes:
        begun, finished = begin(), finish()
        begun.update(message)
        finished.update(begun.digest())
        return finished.digest()

    return expand


def position(expand: Expand, label: bytes, weight: int) -> bytes:
    """The best of a candidate's tickets: min over t = 1…w of HMAC(PRK, label ‖ byte t)."""
    best = expand(label + _TICKETS[1])
    for ticket in range(2, weight + 1):
        best = min(best, expand(label + _TICKETS[ticket]))
    return best


def order(prk: bytes, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """All entries by ascending (position, label)."""
    drawn, expand = tuple(entries), expander(prk)
    # Both parts have 32 bytes, so one string sorts as the pair would, at a third of the time.
    keys = [position(expand, entry.label, entry.record.weight) + entry.label for entry in drawn]
    return tuple(drawn[place] for place in sorted(range(len(drawn)), key=keys.__getitem__))


def order_digest(ordered: Iterable[Entry]) -> bytes:
    """SHA-256 over the labels in their order."""
    return sha256(b"".join([entry.label for entry in ordered])).digest()

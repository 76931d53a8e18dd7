"""One party's hash chain: x0 is the secret, each link the SHA-256 of the one before, the last link the commitment.

The link shown for a round is the one before the last one shown, so one commitment serves a draw and its later
supplementary draws, and nobody can compute a link that is still to come (RFC 1760; M. Thomson,
draft-thomson-elegy-vrs, "One-Time Codes").
"""

from hashlib import sha256

from draw.refusal import ChainExhausted, NotOneSpelling, RevealDoesNotMatch

LINK_BYTES = 32


def extend(link: bytes, times: int) -> bytes:
    """SHA-256 applied `times` times to a 32-byte link."""
    if len(link) != LINK_BYTES:
        raise NotOneSpelling("link", f"{len(link)} bytes")
    for _ in range(times):
        link = sha256(link).digest()
    return link


def commitment(secret: bytes, links: int) -> bytes:
    """C = x_m for a chain of m = `links` rounds: one draw and m - 1 supplementary draws."""
    if links < 1:
        raise ChainExhausted("links", str(links))
    return extend(secret, links)


def reveal(secret: bytes, links: int, round_no: int) -> bytes:
    """x_{m-1-i} for round i = `round_no`, counted from 0."""
    if not 0 <= round_no < links:
        raise ChainExhausted("round", f"{round_no} of {links}")
    return extend(secret, links - 1 - round_no)


def check(party: str, committed: bytes, revealed: bytes, round_no: int) -> None:
    """Refuse a reveal that does not hash to the party's commitment in `round_no` + 1 steps."""
    if len(revealed) != LINK_BYTES or extend(revealed, round_no + 1) != committed:
        raise RevealDoesNotMatch(party)

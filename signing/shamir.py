"""A secret in shares of which any two give it back and one tells nothing (A. Shamir, "How to share a secret", 1979).

Byte by byte over GF(2^8) with x^8+x^4+x^3+x+1; a share is its point x (one byte, not 0) ‖ f(x), and f(0) is the secret.
"""

from collections.abc import Sequence

_POLYNOMIAL = 0x11B
_MOST = 255


class SharesDiffer(Exception):
    """Two shares that cannot belong together: the same point, or another length."""

    code = "shamir.shares_differ"


def split(secret: bytes, count: int, noise: bytes) -> tuple[bytes, ...]:
    """`count` shares (1 … 255); `noise` is as many random bytes as the secret has, used once."""
    if not 1 <= count <= _MOST or len(noise) != len(secret):
        raise ValueError(f"{count} shares, {len(noise)} bytes of noise")
    return tuple(
        bytes((x, *(byte ^ _times(slope, x) for byte, slope in zip(secret, noise, strict=True))))
        for x in range(1, count + 1)
    )


def join(shares: Sequence[bytes]) -> bytes:
    """The secret from two shares. Raises `SharesDiffer`; two shares of different secrets give another, unnoticed."""
    one, other = shares
    if len(one) != len(other) or one[0] == other[0] or 0 in {one[0], other[0]}:
        raise SharesDiffer
    # f(0) = (x₂·f(x₁) − x₁·f(x₂)) / (x₂ − x₁), where minus is exclusive or.
    scale = _inverse(one[0] ^ other[0])
    return bytes(
        _times(_times(other[0], a) ^ _times(one[0], b), scale) for a, b in zip(one[1:], other[1:], strict=True)
    )


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a > _MOST:
            a ^= _POLYNOMIAL
        b >>= 1
    return product


def _inverse(a: int) -> int:
    """a^254: a^255 = 1 for every a but 0."""
    found = 1
    for _ in range(254):
        found = _times(found, a)
    return found

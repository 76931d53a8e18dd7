"""Ed25519 (RFC 8032), verification only, in plain integers. Works on public values: not constant-time, never signs."""

import functools
import hashlib
from typing import Final

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
KEY_BYTES: Final = 32

Point = tuple[int, int, int, int]
"""Extended coordinates X : Y : Z : T with x = X/Z, y = Y/Z, xy = T/Z."""
NEUTRAL: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    """RFC 8032 §5.1.4, complete: no exceptional case."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = a[3] * D2 * b[3] % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(a: Point) -> Point:
    x, y = a[0] * a[0] % P, a[1] * a[1] % P
    h = x + y
    e = h - (a[0] + a[1]) ** 2
    g = x - y
    f = 2 * a[2] * a[2] + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    """Windows of four bits."""
    multiples = [NEUTRAL, point]
    for _ in range(14):
        multiples.append(_add(multiples[-1], point))
    total = NEUTRAL
    for shift in range(scalar.bit_length() // 4 * 4, -1, -4):
        total = _double(_double(_double(_double(total))))
        if nibble := scalar >> shift & 15:
            total = _add(total, multiples[nibble])
    return total


@functools.lru_cache(maxsize=64)
def _decode(octets: bytes) -> Point | None:
    """The point of a canonical encoding (y < p, no negative zero), else None (RFC 8032 §5.1.3)."""
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = _decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte signature is the 32-byte key's over message: cofactorless, S < L, one encoding of R."""
    if len(public_key) != KEY_BYTES or len(signature) != 2 * KEY_BYTES or BASE is None:
        return False
    point, s = _decode(public_key), int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    minus = (P - point[0], point[1], point[2], P - point[3])
    return _encode(_add(_times(s, BASE), _times(k, minus))) == signature[:32]

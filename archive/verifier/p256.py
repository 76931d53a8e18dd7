"""ECDSA on P-256 with SHA-256 (FIPS 186-5): verification."""

import hashlib
from typing import Final

from archive.verifier.curve import Affine, Curve

P256: Final = Curve(
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    g=(
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
N: Final = P256.n
decode_point = P256.decode_point


def verify(point: Affine, message: bytes, r: int, s: int) -> bool:
    """Whether (r, s) is the point's signature over SHA-256(message); either half of s (`is_low` tells them apart)."""
    return verify_digest(point, hashlib.sha256(message).digest(), r, s)


def verify_digest(point: Affine, digest: bytes, r: int, s: int) -> bool:
    """The same of a SHA-256 digest."""
    if not (0 < r < N and 0 < s < N and P256.holds(point)):
        return False
    e = int.from_bytes(digest, "big")
    w = pow(s, -1, N)
    total = P256.combine(e * w % N, r * w % N, point)
    return bool(total[2]) and P256.has_x(total, r)


def is_low(s: int) -> bool:
    """Whether s is the smaller of the two values that verify: the only one a signature of this house may have."""
    return s <= N // 2

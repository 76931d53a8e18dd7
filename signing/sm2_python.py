"""SM2 signatures in plain integers (GB/T 32918.1–2) on any curve of the standard: where the system has no libcrypto.

Not constant-time: a machine on which others run should have libcrypto. Nonces are those of RFC 6979, so no generator
of random numbers can betray a key.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

Point = tuple[int, int]
Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)
BYTES = 32


@dataclass(frozen=True, slots=True)
class Curve:
    """y² = x³ + ax + b over the prime p; base point (gx, gy) of order n. All numbers below 2^256."""

    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int

    def holds(self, point: Point) -> bool:
        """Whether the point lies on the curve."""
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - x * x * x - self.a * x - self.b) % self.p == 0

    def times(self, scalar: int, point: Point) -> Jacobian:
        """scalar · point."""
        total = INFINITY
        for bit in f"{scalar:b}":
            total = self.double(total)
            if bit == "1":
                total = self.add(total, (*point, 1))
        return total

    def double(self, point: Jacobian) -> Jacobian:
        """dbl-2007-bl of the Explicit-Formulas Database."""
        x, y, z = point
        xx, yy, zz = x * x, y * y % self.p, z * z % self.p
        s = 4 * x * yy
        m = 3 * xx + self.a * zz * zz
        x3 = (m * m - 2 * s) % self.p
        return x3, (m * (s - x3) - 8 * yy * yy) % self.p, 2 * y * z % self.p

    def add(self, left: Jacobian, right: Jacobian) -> Jacobian:
        """The sum, whichever the points are."""
        if not left[2]:
            return right
        if not right[2]:
            return left
        (x1, y1, z1), (x2, y2, z2), p = left, right, self.p
        zz1, zz2 = z1 * z1 % p, z2 * z2 % p
        u1, s1 = x1 * zz2 % p, y1 * z2 * zz2 % p
        h, r = (x2 * zz1 - u1) % p, (y2 * z1 * zz1 - s1) % p
        if not h:
            return self.double(left) if not r else INFINITY
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p

    def affine(self, point: Jacobian) -> Point:
        """(x, y) of a point that is not at infinity."""
        x, y, z = point
        inverse = pow(z, -1, self.p)
        square = inverse * inverse
        return x * square % self.p, y * square * inverse % self.p


SM2 = Curve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    a=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    gx=0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    gy=0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)
"""The recommended curve (GB/T 32918.5), the one that certificates name."""


def sm3(*parts: bytes) -> bytes:
    """SM3 of the parts one after the other (GB/T 32905), 32 bytes."""
    running = hashes.Hash(hashes.SM3())
    for part in parts:
        running.update(part)
    return running.finalize()


def public_of(private: int, curve: Curve = SM2) -> Point:
    """The public point of a scalar."""
    return curve.affine(curve.times(private, (curve.gx, curve.gy)))


def z(public: Point, identity: bytes, curve: Curve = SM2) -> bytes:
    """Z, which binds identity, curve and key (GB/T 32918.2 §5.5); what is signed is e = SM3(Z ‖ message)."""
    bound = b"".join(_bytes(one) for one in (curve.a, curve.b, curve.gx, curve.gy, *public))
    return sm3((8 * len(identity)).to_bytes(2), identity, bound)


def sign(private: int, e: int, curve: Curve = SM2) -> tuple[int, int]:
    """(r, s) over a digest (§6.2), with the nonce of RFC 6979 over SM3."""
    return next(pair for k in _nonces(private, e, curve.n) if (pair := sign_with(private, e, k, curve)))


def sign_with(private: int, e: int, k: int, curve: Curve = SM2) -> tuple[int, int] | None:
    """(r, s) with a given nonce, None where the standard says to take another. For vectors; never twice with one k."""
    n = curve.n
    r = (e + curve.affine(curve.times(k, (curve.gx, curve.gy)))[0]) % n
    s = pow(1 + private, -1, n) * (k - r * private) % n
    return (r, s) if r and r + k != n and s else None


def verify(public: Point, e: int, r: int, s: int, curve: Curve = SM2) -> bool:
    """Whether (r, s) is the point's over the digest (§7.1)."""
    n, t = curve.n, (r + s) % curve.n
    if not (0 < r < n and 0 < s < n and t and curve.holds(public)):
        return False
    total = curve.add(curve.times(s, (curve.gx, curve.gy)), curve.times(t, public))
    return bool(total[2]) and (e + curve.affine(total)[0]) % n == r


def _nonces(private: int, e: int, n: int) -> Iterator[int]:
    """The candidates of RFC 6979 §3.2, HMAC over SM3."""
    seed = _bytes(private) + _bytes(e % n)
    value, key = b"\x01" * BYTES, b"\x00" * BYTES
    for separator in (b"\x00", b"\x01"):
        key = _mac(key, value + separator + seed)
        value = _mac(key, value)
    while True:
        value = _mac(key, value)
        if 0 < (k := int.from_bytes(value)) < n:
            yield k
        key = _mac(key, value + b"\x00")
        value = _mac(key, value)


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sm3")


def _bytes(number: int) -> bytes:
    return number.to_bytes(BYTES)

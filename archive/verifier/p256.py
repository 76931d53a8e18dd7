"""ECDSA on P-256 (FIPS 186-5): verification in plain integers. For public values: not constant-time, never signs."""

import functools
import hashlib
from typing import Final

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
WINDOW: Final = 5
UNCOMPRESSED: Final = 4
POINT_BYTES: Final = 65

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)


def is_on_curve(point: Affine) -> bool:
    """Whether both coordinates are below p and y² = x³ - 3x + b."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x - 3) * x - B) % P == 0


def _double(point: Jacobian) -> Jacobian:
    """dbl-2001-b of the Explicit-Formulas Database (a = -3)."""
    x, y, z = point
    delta = z * z % P
    gamma = y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    z3 = 2 * y * z % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, z3


def _add(point: Jacobian, other: Affine) -> Jacobian:
    """Mixed addition; the exceptional cases are answered, not assumed away."""
    x1, y1, z1 = point
    if z1 == 0:
        return (*other, 1)
    zz = z1 * z1 % P
    h = (other[0] * zz - x1) % P
    r = (other[1] * zz * z1 - y1) % P
    if h == 0:
        return _double(point) if r == 0 else INFINITY
    hh = h * h % P
    hhh = h * hh % P
    v = x1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, h * z1 % P


def _to_affine(points: list[Jacobian]) -> list[Affine]:
    """All points with one inversion (Montgomery); none is at infinity."""
    running, products = 1, []
    for *_, z in points:
        products.append(running)
        running = running * z % P
    inverse = pow(running, -1, P)
    out: list[Affine] = []
    for (x, y, z), product in zip(reversed(points), reversed(products), strict=True):
        z_inverse = inverse * product % P
        inverse = inverse * z % P
        square = z_inverse * z_inverse % P
        out.append((x * square % P, y * square * z_inverse % P))
    return out[::-1]


@functools.lru_cache(maxsize=1)
def _base_table() -> list[list[Affine]]:
    """Multiples 1..15 of 16^i G for i = 0..63: u·G then takes 64 additions and no doubling."""
    rows: list[Jacobian] = []
    base = G
    for _ in range(64):
        row: list[Jacobian] = [(*base, 1)]
        for _ in range(15):
            row.append(_add(row[-1], base))
        rows += row[:15]
        base = _to_affine([row[15]])[0]
    points = _to_affine(rows)
    return [points[i : i + 15] for i in range(0, len(points), 15)]


@functools.lru_cache(maxsize=256)
def _odd_multiples(point: Affine) -> list[Affine]:
    """1, 3, 5 … 15 times the point."""
    twice = _to_affine([_double((*point, 1))])[0]
    multiples: list[Jacobian] = [(*point, 1)]
    for _ in range(2 ** (WINDOW - 2) - 1):
        multiples.append(_add(multiples[-1], twice))
    return _to_affine(multiples)


def _naf(scalar: int) -> list[int]:
    """Width-5 non-adjacent form, least significant digit first."""
    digits = []
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & (2**WINDOW - 1)
            if digit >= 2 ** (WINDOW - 1):
                digit -= 2**WINDOW
            scalar -= digit
        digits.append(digit)
        scalar >>= 1
    return digits


def _combine(u1: int, u2: int, point: Affine) -> Jacobian:
    """u1·G + u2·point."""
    multiples = _odd_multiples(point)
    total = INFINITY
    for digit in reversed(_naf(u2)):
        total = _double(total)
        if digit > 0:
            total = _add(total, multiples[digit >> 1])
        elif digit < 0:
            x, y = multiples[-digit >> 1]
            total = _add(total, (x, P - y))
    for row in _base_table():
        if nibble := u1 & 15:
            total = _add(total, row[nibble - 1])
        u1 >>= 4
    return total


def verify(point: Affine, message: bytes, r: int, s: int) -> bool:
    """Whether (r, s) is the point's signature over SHA-256(message); either half of s (`is_low` tells them apart)."""
    if not (0 < r < N and 0 < s < N and is_on_curve(point)):
        return False
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, N)
    x, _, z = _combine(e * w % N, r * w % N, point)
    if z == 0:
        return False
    zz = z * z % P
    return (x - r * zz) % P == 0 or (r + N < P and (x - (r + N) * zz) % P == 0)


def is_low(s: int) -> bool:
    """Whether s is the smaller of the two values that verify: the only one a signature of this house may have."""
    return s <= N // 2


def decode_point(octets: bytes) -> Affine | None:
    """The uncompressed point `04 ‖ x ‖ y` if it lies on the curve, else None."""
    if len(octets) != POINT_BYTES or octets[0] != UNCOMPRESSED:
        return None
    point = (int.from_bytes(octets[1:33], "big"), int.from_bytes(octets[33:], "big"))
    return point if is_on_curve(point) else None

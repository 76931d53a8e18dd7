"""Short Weierstrass curves with a = -3 over 256 bits, in plain integers: what P-256 and SM2 have in common.

For public values: not constant-time, never signs.
"""

import functools
from dataclasses import dataclass
from typing import Final

WINDOW: Final = 5
UNCOMPRESSED: Final = 4
POINT_BYTES: Final = 65

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class Curve:
    """y² = x³ - 3x + b over the prime p, with a base point g of prime order n."""

    p: int
    b: int
    g: Affine
    n: int

    def holds(self, point: Affine) -> bool:
        """Whether both coordinates are below p and satisfy the equation."""
        (x, y), p = point, self.p
        return 0 <= x < p and 0 <= y < p and (y * y - (x * x - 3) * x - self.b) % p == 0

    def decode_point(self, octets: bytes) -> Affine | None:
        """The uncompressed point `04 ‖ x ‖ y` if it lies on the curve, else None."""
        if len(octets) != POINT_BYTES or octets[0] != UNCOMPRESSED:
            return None
        point = (int.from_bytes(octets[1:33], "big"), int.from_bytes(octets[33:], "big"))
        return point if self.holds(point) else None

    def combine(self, u1: int, u2: int, point: Affine) -> Jacobian:
        """u1·g + u2·point."""
        p, double, add = self.p, self._double, self._add
        multiples = self._odd_multiples(point)
        total = INFINITY
        for digit in reversed(_naf(u2)):
            total = double(total)
            if digit > 0:
                total = add(total, multiples[digit >> 1])
            elif digit < 0:
                x, y = multiples[-digit >> 1]
                total = add(total, (x, p - y))
        for row in self._base_table():
            if nibble := u1 & 15:
                total = add(total, row[nibble - 1])
            u1 >>= 4
        return total

    def has_x(self, point: Jacobian, x: int) -> bool:
        """Whether the point, which is not at infinity, has this x, taken modulo n."""
        numerator, _, z = point
        zz = z * z % self.p
        return any((numerator - one * zz) % self.p == 0 for one in (x, x + self.n) if one < self.p)

    def _double(self, point: Jacobian) -> Jacobian:
        """dbl-2001-b of the Explicit-Formulas Database (a = -3)."""
        (x, y, z), p = point, self.p
        delta = z * z % p
        gamma = y * y % p
        beta = x * gamma % p
        alpha = 3 * (x - delta) * (x + delta) % p
        x3 = (alpha * alpha - 8 * beta) % p
        z3 = 2 * y * z % p
        return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % p, z3

    def _add(self, point: Jacobian, other: Affine) -> Jacobian:
        """Mixed addition; the exceptional cases are answered, not assumed away."""
        (x1, y1, z1), p = point, self.p
        if z1 == 0:
            return (*other, 1)
        zz = z1 * z1 % p
        h = (other[0] * zz - x1) % p
        r = (other[1] * zz * z1 - y1) % p
        if h == 0:
            return self._double(point) if r == 0 else INFINITY
        hh = h * h % p
        hhh = h * hh % p
        v = x1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - y1 * hhh) % p, h * z1 % p

    def _to_affine(self, points: list[Jacobian]) -> list[Affine]:
        """All points with one inversion (Montgomery); none is at infinity."""
        p, running, products = self.p, 1, []
        for *_, z in points:
            products.append(running)
            running = running * z % p
        inverse = pow(running, -1, p)
        out: list[Affine] = []
        for (x, y, z), product in zip(reversed(points), reversed(products), strict=True):
            z_inverse = inverse * product % p
            inverse = inverse * z % p
            square = z_inverse * z_inverse % p
            out.append((x * square % p, y * square * z_inverse % p))
        return out[::-1]

    @functools.lru_cache(maxsize=2)  # noqa: B019 - the curves are two constants
    def _base_table(self) -> list[list[Affine]]:
        """Multiples 1..15 of 16^i g for i = 0..63: u·g then takes 64 additions and no doubling."""
        rows: list[Jacobian] = []
        base = self.g
        for _ in range(64):
            row: list[Jacobian] = [(*base, 1)]
            for _ in range(15):
                row.append(self._add(row[-1], base))
            rows += row[:15]
            base = self._to_affine([row[15]])[0]
        points = self._to_affine(rows)
        return [points[i : i + 15] for i in range(0, len(points), 15)]

    @functools.lru_cache(maxsize=256)  # noqa: B019
    def _odd_multiples(self, point: Affine) -> list[Affine]:
        """1, 3, 5 … 15 times the point."""
        twice = self._to_affine([self._double((*point, 1))])[0]
        multiples: list[Jacobian] = [(*point, 1)]
        for _ in range(2 ** (WINDOW - 2) - 1):
            multiples.append(self._add(multiples[-1], twice))
        return self._to_affine(multiples)


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

"""ML-DSA-44 (FIPS 204), verification only, in plain integers: the lattice signatures of witnesses.

A polynomial is a list of 256 integers modulo q; what carries a hat in the standard is in the transformed domain here.
"""

import functools
import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

Q: Final = 8380417
N: Final = 256
ROWS: Final = 4
"""k = l = 4."""
D: Final = 13
TAU: Final = 39
BETA: Final = 78
GAMMA1: Final = 1 << 17
GAMMA2: Final = (Q - 1) // 88
OMEGA: Final = 80
CHALLENGE_BYTES: Final = 32
KEY_BYTES: Final = 1312
SIGNATURE_BYTES: Final = 2420
T1_BITS, Z_BITS, W1_BITS = 10, 18, 6
MOST_W1: Final = (Q - 1) // (2 * GAMMA2) - 1
RATE_128: Final = 168

Poly = list[int]


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the key's over `message`, with an empty context (Algorithms 3 and 8)."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    challenge, rest = signature[:CHALLENGE_BYTES], signature[CHALLENGE_BYTES:]
    hints = _hints(rest[-(OMEGA + ROWS) :])
    z = [[GAMMA1 - one for one in _unpacked(part, Z_BITS)] for part in _parts(rest[: -(OMEGA + ROWS)], ROWS)]
    if hints is None or any(abs(one) >= GAMMA1 - BETA for poly in z for one in poly):
        return False
    matrix, scaled = _key(key)
    bound = hashlib.shake_256(key).digest(64)
    mu = hashlib.shake_256(bound + b"\x00\x00" + message).digest(64)
    c = _transformed(_ball(challenge))
    z_hat = [_transformed(poly) for poly in z]
    committed = b"".join(
        _packed(_used(_restored(_row(row, z_hat, c, t)), hint), W1_BITS)
        for row, t, hint in zip(matrix, scaled, hints, strict=True)
    )
    return hashlib.shake_256(mu + committed).digest(CHALLENGE_BYTES) == challenge


def _row(row: Sequence[Poly], z: Sequence[Poly], c: Poly, t: Poly) -> Poly:
    """A row of Âẑ - ĉ·t̂₁·2^d."""
    columns = zip(*row, *z, c, t, strict=True)
    return [(a * e + b * f + g * h + i * j - k * m) % Q for a, b, g, i, e, f, h, j, k, m in columns]


@functools.lru_cache(maxsize=8)
def _key(key: bytes) -> tuple[list[list[Poly]], list[Poly]]:
    """Â and t̂₁·2^d of a public key (Algorithms 23 and 32)."""
    rho, t1 = key[:32], key[32:]
    matrix = [[_uniform(rho + bytes((column, row))) for column in range(ROWS)] for row in range(ROWS)]
    return matrix, [_transformed([one << D for one in _unpacked(part, T1_BITS)]) for part in _parts(t1, ROWS)]


def _uniform(seed: bytes) -> Poly:
    """RejNTTPoly (Algorithm 30)."""
    blocks = 6
    while True:
        stream = hashlib.shake_128(seed).digest(blocks * RATE_128)
        candidates = (int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF for at in range(0, len(stream), 3))
        poly = [one for one in candidates if one < Q][:N]
        if len(poly) == N:
            return poly
        blocks += 1


def _ball(seed: bytes) -> Poly:
    """SampleInBall (Algorithm 29): τ coefficients of ±1."""
    stream = hashlib.shake_256(seed).digest(N * 4)
    signs, poly, at = int.from_bytes(stream[:8], "little"), [0] * N, 8
    for i in range(N - TAU, N):
        while stream[at] > i:
            at += 1
        j, at = stream[at], at + 1
        poly[i], poly[j] = poly[j], Q - 1 if signs & 1 else 1
        signs >>= 1
    return poly


def _hints(packed: bytes) -> list[list[bool]] | None:
    """HintBitUnpack (Algorithm 21): the positions in strictly ascending order, zeros after the last; else None."""
    found, begin = [], 0
    for end in packed[OMEGA:]:
        places = packed[begin:end]
        if not begin <= end <= OMEGA or list(places) != sorted(set(places)):
            return None
        found.append([place in places for place in range(N)])
        begin = end
    return None if any(packed[begin:OMEGA]) else found


def _used(poly: Poly, hint: Sequence[bool]) -> Poly:
    """UseHint (Algorithm 40) of each coefficient: its high bits, one step on where the hint says so."""
    out = []
    for r, is_hinted in zip(poly, hint, strict=True):
        low = r % (2 * GAMMA2)
        low -= 2 * GAMMA2 if low > GAMMA2 else 0
        high, low = (0, low - 1) if r - low == Q - 1 else ((r - low) // (2 * GAMMA2), low)
        out.append((high + (1 if low > 0 else -1) * is_hinted) % (MOST_W1 + 1))
    return out


@functools.lru_cache(maxsize=1)
def _zetas() -> list[int]:
    """ζ = 1753 to the power of i with its eight bits reversed (Appendix B)."""
    return [pow(1753, int(f"{i:08b}"[::-1], 2), Q) for i in range(N)]


def _transformed(poly: Poly) -> Poly:
    """NTT (Algorithm 41)."""
    w, m, zetas, length = list(poly), 0, _zetas(), N // 2
    while length:
        for start in range(0, N, 2 * length):
            m += 1
            zeta = zetas[m]
            for j in range(start, start + length):
                t = zeta * w[j + length] % Q
                w[j + length] = w[j] - t
                w[j] += t
        length //= 2
    return [one % Q for one in w]


def _restored(poly: Poly) -> Poly:
    """NTT⁻¹ (Algorithm 42)."""
    w, m, zetas, length = list(poly), N, _zetas(), 1
    while length < N:
        for start in range(0, N, 2 * length):
            m -= 1
            zeta = zetas[m]
            for j in range(start, start + length):
                t = w[j]
                w[j] = t + w[j + length]
                w[j + length] = zeta * (w[j + length] - t) % Q
        length *= 2
    inverse = pow(N, -1, Q)
    return [one * inverse % Q for one in w]


def _parts(packed: bytes, count: int) -> Iterator[bytes]:
    size = len(packed) // count
    return (packed[at : at + size] for at in range(0, len(packed), size))


def _unpacked(packed: bytes, bits: int) -> Poly:
    """256 numbers of so many bits, least significant first (Algorithm 18)."""
    whole, mask = int.from_bytes(packed, "little"), (1 << bits) - 1
    return [whole >> at & mask for at in range(0, N * bits, bits)]


def _packed(poly: Poly, bits: int) -> bytes:
    return sum(one << at * bits for at, one in enumerate(poly)).to_bytes(N * bits // 8, "little")

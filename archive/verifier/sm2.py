"""SM2 signatures with SM3 (GB/T 32918.2, .5; GB/T 32905): verification, for an archive's twin signatures."""

import functools
import hashlib
from struct import Struct
from typing import Final

from archive.verifier.curve import Affine, Curve

SM2: Final = Curve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    g=(
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)
IDENTITY: Final = b"1234567812345678"
"""The signer's distinguishing identifier where nothing else was agreed (GB/T 35276 §10)."""
decode_point = SM2.decode_point

WORD: Final = 0xFFFFFFFF
BLOCK: Final = Struct(">16I")
START: Final = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip


def verify(point: Affine, message: bytes, r: int, s: int) -> bool:
    """Whether (r, s) is the point's signature over the message, under `IDENTITY`."""
    n = SM2.n
    t = (r + s) % n
    if not (0 < r < n and 0 < s < n and t and SM2.holds(point)):
        return False
    e = int.from_bytes(sm3(_z(point) + message), "big")
    total = SM2.combine(s, t, point)
    return bool(total[2]) and SM2.has_x(total, (r - e) % n)


def sm3(data: bytes) -> bytes:
    """SM3 of `data`: by OpenSSL where Python's has it, else in Python (some 300 kB/s)."""
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).digest()
    return sm3_in_python(data)


def sm3_in_python(data: bytes) -> bytes:
    """SM3 (GB/T 32905 §5), word by word."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    state: tuple[int, ...] = START
    for at in range(0, len(padded), 64):
        state = _compress(state, BLOCK.unpack_from(padded, at))
    return b"".join(word.to_bytes(4, "big") for word in state)


def _compress(state: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    w = list(block)
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _left(w[j - 3], 15)
        w.append(x ^ _left(x, 15) ^ _left(x, 23) ^ _left(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        turned = _left(a, 12)
        ss1 = _left((turned + e + _left(0x79CC4519 if j < 16 else 0x7A879D8A, j % 32)) & WORD, 7)  # noqa: PLR2004
        early = j < 16  # noqa: PLR2004
        ff = a ^ b ^ c if early else a & b | a & c | b & c
        gg = e ^ f ^ g if early else e & f | ~e & WORD & g
        tt1 = (ff + d + (ss1 ^ turned) + (w[j] ^ w[j + 4])) & WORD
        tt2 = (gg + h + ss1 + w[j]) & WORD
        a, b, c, d = tt1, a, _left(b, 9), c
        e, f, g, h = tt2 ^ _left(tt2, 9) ^ _left(tt2, 17), e, _left(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))


def _left(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & WORD if bits else word


@functools.lru_cache(maxsize=256)
def _z(point: Affine) -> bytes:
    """What binds identity, curve and key (GB/T 32918.2 §5.5)."""
    numbers = (SM2.p - 3, SM2.b, *SM2.g, *point)
    bound = b"".join(number.to_bytes(32, "big") for number in numbers)
    return sm3((8 * len(IDENTITY)).to_bytes(2, "big") + IDENTITY + bound)

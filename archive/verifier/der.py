"""Strict DER (X.690): reads one canonical encoding or refuses, and builds the same bytes again. Never tolerates BER."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8, PRINTABLE, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x13, 0x17, 0x18, 0x30, 0x31
CONSTRUCTED: Final = 0x20
LONG: Final = 0x80
"""Set in a length octet that counts further octets, and in every octet of an identifier arc but its last."""
LONG_TAG: Final = 0x1F
MOST_LENGTH_OCTETS: Final = 4
MOST_UNUSED_BITS: Final = 7
DEEPEST: Final = 24


class NotDer(ValueError):
    """The bytes are not one canonical DER value of the expected shape."""

    code = "not_der"


@dataclass(frozen=True, slots=True)
class Element:
    """One value: identifier octet, content octets, the whole encoding, and for constructed ones the values inside."""

    tag: int
    content: bytes
    raw: bytes
    children: "tuple[Element, ...]"

    def of(self, tag: int) -> "Element":
        """Itself if it carries `tag`, else NotDer."""
        if self.tag != tag:
            _refuse(f"tag {self.tag:#04x} where {tag:#04x} is due")
        return self

    def fields(self, tag: int, count: int) -> "tuple[Element, ...]":
        """The `count` values inside a constructed value of `tag`."""
        if len(self.of(tag).children) != count:
            _refuse(f"{len(self.children)} values where {count} are due")
        return self.children


def _refuse(why: str) -> NoReturn:
    raise NotDer(why)


def read(data: bytes) -> Element:
    """The one value that `data` is, without a byte left over.

    >>> read(bytes.fromhex("020105")).content
    b'\\x05'
    """
    element, end = _read(data, 0, 0)
    if end != len(data):
        _refuse(f"{len(data) - end} bytes after the value")
    return element


def _read(data: bytes, at: int, depth: int) -> tuple[Element, int]:
    if depth > DEEPEST:
        _refuse("nested too deep")
    if at + 2 > len(data):
        _refuse("cut short")
    tag = data[at]
    if tag & LONG_TAG == LONG_TAG:
        _refuse("long tag")
    length, begin = _length(data, at + 1)
    end = begin + length
    if end > len(data):
        _refuse("cut short")
    content = data[begin:end]
    children: list[Element] = []
    if tag & CONSTRUCTED:
        inner = 0
        while inner < length:
            child, inner = _read(content, inner, depth + 1)
            children.append(child)
    _check_content(tag, content, children)
    return Element(tag, content, data[at:end], tuple(children)), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < LONG:
        return first, at + 1
    count = first & 0x7F
    octets = data[at + 1 : at + 1 + count]
    if not 1 <= count <= MOST_LENGTH_OCTETS or len(octets) != count:
        _refuse("indefinite, oversized or cut length")
    length = int.from_bytes(octets, "big")
    if length < LONG or octets[0] == 0:
        _refuse("length not minimal")
    return length, at + 1 + count


def _check_content(tag: int, content: bytes, children: list[Element]) -> None:
    """Content rules of the universal types in use (X.690 §8, §10, §11)."""
    if tag in (SEQUENCE & 0x1F, SET & 0x1F) or (tag & 0xC0 == 0 and tag & CONSTRUCTED and tag not in (SEQUENCE, SET)):
        _refuse(f"tag {tag:#04x} in the wrong form")
    if tag == BOOLEAN and content not in (b"\x00", b"\xff"):
        _refuse("boolean")
    if tag == INTEGER:
        _check_integer(content)
    if tag == NULL and content:
        _refuse("null with content")
    if tag == OID:
        _check_oid(content)
    if tag == BIT_STRING:
        _check_bits(content)
    if tag == SET and any(a.raw >= b.raw for a, b in pairwise(children)):
        _refuse("set not in ascending order")


def _check_integer(content: bytes) -> None:
    if not content:
        _refuse("empty integer")
    if len(content) > 1 and (content[0], content[1] >> 7) in ((0, 0), (0xFF, 1)):
        _refuse("integer not minimal")


def _check_oid(content: bytes) -> None:
    padded = any(b == LONG and not a & LONG for a, b in pairwise(b"\x00" + content))
    if not content or content[-1] & LONG or padded:
        _refuse("object identifier")


def _check_bits(content: bytes) -> None:
    if not content or content[0] > MOST_UNUSED_BITS or (content[0] and len(content) == 1):
        _refuse("bit string")
    if content[0] and content[-1] & ((1 << content[0]) - 1):
        _refuse("bit string with unused bits set")


def integer_of(element: Element) -> int:
    """The non-negative INTEGER's value."""
    value = int.from_bytes(element.of(INTEGER).content, "big", signed=True)
    if value < 0:
        _refuse("negative integer")
    return value


def octets_of(element: Element) -> bytes:
    """The content of a BIT STRING of whole octets."""
    if element.of(BIT_STRING).content[0] != 0:
        _refuse("bit string not of whole octets")
    return element.content[1:]


def encode(tag: int, content: bytes) -> bytes:
    """One value: identifier, minimal length, content."""
    size = len(content)
    if size < LONG:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, LONG | len(octets))) + octets + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of encoded parts."""
    return encode(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF encoded parts, in DER's ascending order."""
    return encode(SET, b"".join(sorted(parts)))


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form; arcs of any size (2.25.<uuid>)."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = b"".join(_base128(arc) for arc in (first * 40 + second, *rest))
    return encode(OID, content)


def _base128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(LONG | (value & 0x7F))
    return bytes(reversed(octets))

"""The little DER that a signature needs (X.690 §10–11): a writer for the types of docs/cms.md and a strict reader.

It knows no structure: what belongs where is cms.py's. Only definite, shortest lengths and one-byte tags pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

BOOLEAN, INTEGER, OCTET_STRING, OBJECT_ID, UTC_TIME, GENERALIZED_TIME = 0x01, 0x02, 0x04, 0x06, 0x17, 0x18
SEQUENCE, SET, CONTEXT_0, CONTEXT_1 = 0x30, 0x31, 0xA0, 0xA1
LONG_LENGTH = 0x80
LONG_TAG = 0x1F
MOST_LENGTH_BYTES = 4
FIRST_UTC_YEAR, FIRST_GENERALIZED_YEAR = 1950, 2050


class NotDer(Exception):
    """Bytes that are not the DER they should be."""

    code = "der-malformed"


@dataclass(frozen=True, slots=True)
class Element:
    """One element that was read: its tag byte, its content, and all its bytes."""

    tag: int
    content: bytes
    raw: bytes

    def fields(self, tag: int, count: int) -> list["Element"]:
        """The `count` elements inside this one, which has `tag`. Raises NotDer."""
        found = self.members(tag)
        if len(found) != count:
            raise NotDer
        return found

    def members(self, tag: int) -> list["Element"]:
        """The elements inside this one, which has `tag`. Raises NotDer."""
        return list(_elements(self.value(tag)))

    def value(self, tag: int) -> bytes:
        """The content of this element, which has `tag`. Raises NotDer."""
        if self.tag != tag:
            raise NotDer
        return self.content


def read(data: bytes) -> Element:
    """The one element that `data` is, with nothing after it. Raises NotDer."""
    found = list(_elements(data))
    if len(found) != 1:
        raise NotDer
    return found[0]


def element(tag: int, *parts: bytes) -> bytes:
    """Tag, shortest length, and the parts one after the other."""
    content = b"".join(parts)
    size = len(content)
    if size < LONG_LENGTH:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, LONG_LENGTH | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of the parts in their order."""
    return element(SEQUENCE, *parts)


def set_of(*parts: bytes, tag: int = SET) -> bytes:
    """SET OF the parts, ascending by their bytes as DER demands; `tag` where it is implicitly another."""
    return element(tag, *sorted(parts))


def integer(number: int) -> bytes:
    """INTEGER of a number ≥ 0."""
    return element(INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def octets(content: bytes) -> bytes:
    """OCTET STRING."""
    return element(OCTET_STRING, content)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER, from `1.2.840…`."""
    first, second, *rest = map(int, dotted.split("."))
    return element(OBJECT_ID, *(_base_128(arc) for arc in (40 * first + second, *rest)))


def check_integer(content: bytes) -> None:
    """Content of an INTEGER: at least one byte, and the first nine bits not all alike (X.690 §8.3.2). Raises NotDer."""
    is_long = len(content) > 1 and (content[0], content[1] >> 7) in {(0x00, 0), (0xFF, 1)}
    if not content or is_long:
        raise NotDer


def time(at: datetime) -> bytes:
    """A UTC time in whole seconds: UTCTime for 1950–2049, else GeneralizedTime (RFC 5652 §11.3)."""
    if FIRST_UTC_YEAR <= at.year < FIRST_GENERALIZED_YEAR:
        return element(UTC_TIME, at.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(at)


def generalized_time(at: datetime) -> bytes:
    """A UTC time in whole seconds as GeneralizedTime, which time stamps write in every year (RFC 3161 §2.4.2)."""
    return element(GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode())


def read_time(found: Element) -> datetime:
    """The UTC time that `time` writes as this element. Raises NotDer."""
    text = found.content.decode("ascii", "replace")
    if found.tag == UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    try:
        at = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise NotDer from None
    if time(at) != found.raw:
        raise NotDer
    return at


def _base_128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))


def _elements(data: bytes) -> Iterator[Element]:
    place = 0
    while place < len(data):
        start, end = _content(data, place)
        yield Element(data[place], data[start:end], data[place:end])
        place = end


def _content(data: bytes, place: int) -> tuple[int, int]:
    """Where the content of the element at `place` begins and ends."""
    head = data[place : place + 2]
    if len(head) < len(b"TL") or head[0] & LONG_TAG == LONG_TAG:
        raise NotDer
    start, size = place + 2, head[1]
    if size >= LONG_LENGTH:
        length = data[start : start + size - LONG_LENGTH]
        start += len(length)
        size = int.from_bytes(length)
        # Shortest form only: no indefinite length (80), no leading zero, nothing that one byte could say.
        if len(length) > MOST_LENGTH_BYTES or size < LONG_LENGTH or length[0] == 0:
            raise NotDer
    if start + size > len(data):
        raise NotDer
    return start, start + size

"""The signed report: its base with revisions appended, one a signature, one for the closing time stamp.

Each revision has one spelling (docs/report-signatures.md). `growth` takes a file apart, writes every revision again
from what it says, and compares: what is not exactly the base, its reservation and such revisions is refused. No key and
no certificate is known here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from signing.pdf_fields import CLOSING, reserve, revision
from signing.pdf_file import (
    PdfFile,
    PdfRefused,
    Ref,
    Value,
    grown,
    number,
    objects,
    parse,
    read,
    read_text,
    text,
    write,
    write_stream,
)
from signing.pdf_stamp import check_static, copied

ROOM: Final = 6144
"""Bytes kept for one signature with the time stamp over it."""
CLOSING_ROOM: Final = 16384
"""Bytes kept for the closing stamp, which an outside authority may fill with its own chain."""
MOST_MARKS: Final = 99
TIME: Final = re.compile(rb"\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z\)")
HEX: Final = re.compile(rb"<((?:[0-9a-f]{2})+)>")
SIGNATURE: Final[dict[str, Value]] = {
    "Type": b"/Sig",
    "Filter": b"/Adobe.PPKLite",
    "SubFilter": b"/ETSI.CAdES.detached",
}
STAMP: Final[dict[str, Value]] = {
    "Type": b"/DocTimeStamp",
    "Filter": b"/Adobe.PPKLite",
    "SubFilter": b"/ETSI.RFC3161",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a signature says: its field, who (评委3), in what sense (同意并签署), when (UTC, whole seconds)."""

    field: str
    name: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One signature in a file: its mark (None: the closing stamp), where its hole lies, where its revision ends."""

    mark: Mark | None
    hole: tuple[int, int]
    end: int
    content: bytes
    """The CMS or token as it lies there, without the zeros behind it; empty before it is signed."""

    def digest(self, data: bytes) -> bytes:
        """SHA-256 of everything up to the revision's end but the hole: what the signature is over."""
        running = sha256(data[: self.hole[0]])
        running.update(data[self.hole[1] : self.end])
        return running.digest()


@dataclass(frozen=True, slots=True)
class Growth:
    """A file taken apart: the base's length, and its signatures in the order in which they were made."""

    base: int
    file: PdfFile
    revisions: tuple[Revision, ...]
    numbers: dict[str, int]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Of the members' signatures."""
        return tuple(one.mark for one in self.revisions if one.mark)

    @property
    def is_closed(self) -> bool:
        """Whether the closing time stamp is there; nothing may follow it."""
        return any(one.mark is None for one in self.revisions)


def growth(base: bytes, data: bytes) -> Growth:
    """What was appended to the base: its reservation, then signature revisions of this report and nothing else.

    A file that is the base alone has none. The last revision may still be unsigned. Raises PdfRefused.
    """
    reserved = reserve(base)
    if data == base:
        data = reserved.data
    if not data.startswith(reserved.data):
        raise PdfRefused("what follows the report is not its reservation")
    found = Growth(len(base), read(reserved.data), (), reserved.numbers)
    while len(found.file.data) < len(data):
        if found.is_closed or len(found.revisions) > MOST_MARKS:
            raise PdfRefused("something follows the closing time stamp")
        if found.revisions and not found.revisions[-1].content:
            raise PdfRefused("something follows an unsigned signature")
        found = _next(found, data)
    return found


def prepare(found: Growth, mark: Mark, page: bytes) -> bytes:
    """The file with one more signature, its hole empty; `page` is the typeset picture (PDF). Raises PdfRefused."""
    return _signed(found, mark, copied(page, found.file.size + 1), b"")


def prepare_closing(found: Growth, certificates: Sequence[bytes], lists: Sequence[bytes]) -> bytes:
    """The file with certificates and revocation lists (DER), and the closing stamp's hole. Raises PdfRefused."""
    return _closed(found, certificates, lists, b"")


def finish(data: bytes, last: Revision, content: bytes) -> bytes:
    """The file with its last hole filled. Raises PdfRefused where the content does not fit."""
    start, end = last.hole
    room = (end - start - 2) // 2
    if len(content) > room or last.end != len(data):
        raise PdfRefused(f"{len(content)} bytes for a place of {room}")
    return data[: start + 1] + content.ljust(room, b"\0").hex().encode() + data[end - 1 :]


def _signed(found: Growth, mark: Mark, picture: list[tuple[int, bytes]], content: bytes) -> bytes:
    """The revision of a signature: its dictionary, its picture, its field."""
    if found.is_closed or mark.field in {one.field for one in found.marks} or mark.field not in found.numbers:
        raise PdfRefused(f"no free field {mark.field}")
    said: dict[str, Value] = {
        "M": b"(D:" + mark.at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode() + b")",
        "Name": text(mark.name),
        "Reason": text(mark.reason),
    }
    own, place = found.file.size, Ref(found.numbers[mark.field])
    shown: dict[str, Value] = {"AP": {"N": Ref(picture[0][0])}, "V": Ref(own)}
    rest = {**dict(picture), place.number: write(found.file.dictionary(place) | shown)}
    return _with_hole(found.file, {**SIGNATURE, **said}, rest, content.ljust(ROOM, b"\0"))


def _closed(found: Growth, certificates: Sequence[bytes], lists: Sequence[bytes], content: bytes) -> bytes:
    """The revision of the closing stamp: its dictionary, the material to judge with, catalog, field."""
    if found.is_closed:
        raise PdfRefused("closed already")
    own, rest = found.file.size, dict[int, bytes]()
    for one in (*certificates, *lists):
        rest[own + 1 + len(rest)] = write_stream({}, one)
    names: list[Value] = [Ref(name) for name in rest]
    store: dict[str, Value] = {"Certs": names[: len(certificates)], "CRLs": names[len(certificates) :]}
    root, place = found.file.trailer["Root"], Ref(found.numbers[CLOSING])
    rest[own + 1 + len(names)] = write({"Type": b"/DSS", **store})
    rest[_of(root)] = write({**found.file.dictionary(root), "DSS": Ref(own + 1 + len(names))})
    rest[place.number] = write({**found.file.dictionary(place), "V": Ref(own)})
    return _with_hole(found.file, STAMP, rest, content.ljust(CLOSING_ROOM, b"\0"))


def _with_hole(before: PdfFile, said: dict[str, Value], rest: dict[int, bytes], content: bytes) -> bytes:
    """The file with a revision whose ByteRange is right: its figures move it, so they are found step by step."""
    span, filled = (0, 0, 0), b"<" + content.hex().encode() + b">"
    while True:
        covered: list[Value] = [b"0", *(b"%d" % figure for figure in span)]
        signature = write(said | {"ByteRange": covered, "Contents": filled})
        added = revision(before, {before.size: signature, **rest})
        start = len(before.data) + len(b"%d 0 obj\n" % before.size) + len(signature) - len(filled) - len(b">>")
        end = start + len(filled)
        measured = (start, end, len(before.data) + len(added) - end)
        if measured == span:
            return before.data + added
        span = measured


def _next(found: Growth, data: bytes) -> Growth:
    """One revision more, read, written again, and compared."""
    start = len(found.file.data)
    inside = list(objects(data, start))
    if not inside or inside[0][0] != found.file.size or not isinstance(inside[0][2], dict):
        raise PdfRefused(f"no signature revision at {start}")
    said = inside[0][2]
    hole, end, content = _hole(said, data)
    if said.get("Type") == SIGNATURE["Type"]:
        mark = _mark(found, said, inside[-1][0])
        picture = [(name, raw) for name, raw, _ in inside[1:-1]]
        check_static(picture, found.file.size + 1)
        again = _signed(found, mark, picture, content)
    else:
        mark = None
        again = _closed(found, *_material(found, inside), content)
    if data[start:end] != again[start:]:
        raise PdfRefused(f"the revision at {start} is not the one its values give")
    stripped = content[: _length(content)]
    added = Revision(mark, hole, end, stripped)
    return Growth(found.base, grown(found.file, again), (*found.revisions, added), found.numbers)


def _hole(said: dict[str, Value], data: bytes) -> tuple[tuple[int, int], int, bytes]:
    """Where the hole lies, where the revision ends, and what the hole holds."""
    covered, filled = said.get("ByteRange"), said.get("Contents")
    held = HEX.fullmatch(filled) if isinstance(filled, bytes) else None
    if not isinstance(covered, list) or len(covered) != 4 or held is None:  # noqa: PLR2004
        raise PdfRefused("no ByteRange")
    _, start, after, rest = map(number, covered)
    if start >= after or after + rest > len(data):
        raise PdfRefused("ByteRange")
    return (start, after), after + rest, bytes.fromhex(held[1].decode())


def _mark(found: Growth, said: dict[str, Value], field: int) -> Mark:
    names = [name for name, at in found.numbers.items() if at == field and name != CLOSING]
    spelled = said.get("M")
    at = TIME.fullmatch(spelled) if isinstance(spelled, bytes) else None
    if not names or at is None:
        raise PdfRefused("a signature in no field, or without its time")
    try:
        year, month, day, hour, minute, second = map(int, at.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise PdfRefused("no such time") from None
    return Mark(names[0], read_text(said.get("Name", b"")), read_text(said.get("Reason", b"")), moment)


def _material(found: Growth, inside: list[tuple[int, bytes, Value]]) -> tuple[list[bytes], list[bytes]]:
    """Certificates and lists of a closing revision."""
    stores = [value for _, _, value in inside if isinstance(value, dict) and value.get("Type") == b"/DSS"]
    raws = {name: raw for name, raw, _ in inside}
    if len(stores) != 1:
        raise PdfRefused("no material to judge with")
    held = []
    for key in ("Certs", "CRLs"):
        listed = stores[0].get(key)
        if not isinstance(listed, list) or any(_of(one) not in raws for one in listed):
            raise PdfRefused("material to judge with")
        held.append([_stream(raws[_of(one)]) for one in listed])
    return held[0], held[1]


def _stream(raw: bytes) -> bytes:
    _, end = parse(raw)
    return raw[end + len(b"\nstream\n") : -len(b"\nendstream")]


def _of(value: Value) -> int:
    if not isinstance(value, Ref):
        raise PdfRefused("no reference where one is due")
    return value.number


def _length(content: bytes) -> int:
    """How long the DER value in front is; 0 in an empty hole. What follows it must be zeros."""
    length = 0
    if content[:1] == b"\x30":
        size, head = content[1], 2
        if size >= 0x80:  # noqa: PLR2004
            head += size & 0x7F
            size = int.from_bytes(content[2:head])
        length = head + size
    if any(content[length:]):
        raise PdfRefused("something lies behind a signature")
    return length

"""A PDF as our typesetter and we write it (docs/report-signatures.md): its objects by number, values both ways.

It reads classic cross-reference tables and plain objects; a file of any other make is refused. It judges nothing else.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

TOKEN: Final = re.compile(
    rb"[\0\t\n\f\r ]*(?:(?P<ref>\d+ 0 R)(?![A-Za-z])|(?P<open><<|\[)|(?P<close>>>|\])|(?P<hex><[0-9A-Fa-f]*>)"
    rb"|(?P<name>/[!-$&'*-.0-;=?-Z\\^-z|~#]*)|(?P<word>[-+.0-9A-Za-z]+)|(?P<text>\((?:[^()\\]|\\.)*\)))",
    re.DOTALL,
)
TABLE: Final = re.compile(rb"xref\n((?:\d+ \d+\n(?:\d{10} \d{5} [fn][ \r]\n)+)+)trailer\n")
SECTION: Final = re.compile(rb"(\d+) (\d+)\n")
END: Final = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
UTF_16: Final = codecs.lookup("utf-16-be")
"""Found here once: whoever signs has shut itself in by then, and can open no file to find a codec in."""
HEAD: Final = re.compile(rb"(\d+) 0 obj\n")
STREAM, STREAM_END, OBJECT_END = b"\nstream\n", b"\nendstream", b"\nendobj\n"
ENTRY: Final = 20
DEEPEST: Final = 64
MOST_REVISIONS: Final = 64


class PdfRefused(Exception):
    """A file that is not what docs/report-signatures.md says; the message names the place."""

    code = "pdf-refused"


class Ref(NamedTuple):
    """A reference to an object of generation 0."""

    number: int


Value: TypeAlias = "dict[str, Value] | list[Value] | Ref | bytes"
"""A dictionary, an array, a reference, or any other token as it is spelled (`/Name`, `12`, `(text)`, `<FEFF>`)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's dictionary and its bytes as they lie in the file."""

    head: dict[str, Value]
    raw: bytes


@dataclass(frozen=True)
class PdfFile:
    """A file: where its latest objects begin, the dictionary at its end, where its last cross-reference table lies."""

    data: bytes
    places: dict[int, int]
    trailer: dict[str, Value]
    table: int

    @cached_property
    def size(self) -> int:
        """One more than the highest object number."""
        return number(self.trailer.get("Size", b""))

    @cached_property
    def identity(self) -> bytes:
        """What the next revision calls this file: the first 16 bytes of its SHA-256, as a string in hex."""
        return b"<" + sha256(self.data).hexdigest()[:32].encode() + b">"

    def value(self, which: Value) -> Value:
        """The object a reference names, or the value itself. Raises PdfRefused."""
        if not isinstance(which, Ref):
            return which
        found, _ = self._object(which)
        return found

    def dictionary(self, which: Value) -> dict[str, Value]:
        """The same where only a dictionary fits."""
        found = self.value(which)
        if not isinstance(found, dict):
            raise PdfRefused("no dictionary where one is due")
        return found

    def array(self, which: Value) -> list[Value]:
        """The same where only an array fits."""
        found = self.value(which)
        if not isinstance(found, list):
            raise PdfRefused("no array where one is due")
        return found

    def stream(self, which: Value) -> Stream:
        """The stream a reference names."""
        if not isinstance(which, Ref):
            raise PdfRefused("no stream where one is due")
        head, end = self._object(which)
        if not isinstance(head, dict) or not self.data.startswith(STREAM, end):
            raise PdfRefused(f"object {which.number} is no stream")
        start = end + len(STREAM)
        end = start + number(head.get("Length", b""))
        if not self.data.startswith(STREAM_END + OBJECT_END, end):
            raise PdfRefused(f"stream {which.number} has another length")
        return Stream(head, self.data[start:end])

    def _object(self, which: Ref) -> tuple[Value, int]:
        place = self.places.get(which.number)
        head = HEAD.match(self.data, place) if place is not None else None
        if head is None or int(head[1]) != which.number:
            raise PdfRefused(f"no object {which.number}")
        return parse(self.data, head.end())


def read(data: bytes) -> PdfFile:
    """The file with all its revisions. Raises PdfRefused."""
    ended = END.search(data)
    if ended is None:
        raise PdfRefused("not the end of a file")
    table = int(ended[1])
    places, trailer = _table(data, table)
    before = trailer.get("Prev")
    for _ in range(MOST_REVISIONS):
        if before is None:
            return PdfFile(data, places, trailer, table)
        older, at_its_end = _table(data, number(before))
        places = older | places
        before = at_its_end.get("Prev")
    raise PdfRefused("too many revisions")


def grown(before: PdfFile, data: bytes) -> PdfFile:
    """The same file after one more revision, of which only the table is read. Raises PdfRefused."""
    ended = END.search(data, len(before.data))
    if ended is None:
        raise PdfRefused("not the end of a file")
    places, trailer = _table(data, int(ended[1]))
    if trailer.get("Prev") != b"%d" % before.table:
        raise PdfRefused("a revision of another file")
    return PdfFile(data, before.places | places, trailer, int(ended[1]))


def objects(data: bytes, at: int) -> Iterator[tuple[int, bytes, Value]]:
    """The objects that lie one after the other from `at` on: number, bytes between its frame's words, value."""
    while head := HEAD.match(data, at):
        value, end = parse(data, head.end())
        if data.startswith(STREAM, end):
            if not isinstance(value, dict):
                raise PdfRefused("a stream without its dictionary")
            end += len(STREAM) + number(value.get("Length", b"")) + len(STREAM_END)
            if data[end - len(STREAM_END) : end] != STREAM_END:
                raise PdfRefused("a stream of another length")
        if not data.startswith(OBJECT_END, end):
            raise PdfRefused(f"no end of object {int(head[1])}")
        yield int(head[1]), data[head.end() : end], value
        at = end + len(OBJECT_END)


def _table(data: bytes, place: int) -> tuple[dict[int, int], dict[str, Value]]:
    """The places in one cross-reference table and the dictionary behind it."""
    found = TABLE.match(data, place)
    if found is None:
        raise PdfRefused(f"no cross-reference table at {place}")
    places: dict[int, int] = {}
    at, end = found.span(1)
    while at < end:
        section = SECTION.match(data, at)
        if section is None:
            raise PdfRefused("cross-reference section")
        first, count, at = int(section[1]), int(section[2]), section.end()
        for n in range(count):
            line = data[at + n * ENTRY : at + (n + 1) * ENTRY]
            if line[17:18] == b"n":
                places[first + n] = int(line[:10])
        at += count * ENTRY
    trailer, _ = parse(data, found.end())
    if not isinstance(trailer, dict):
        raise PdfRefused("trailer")
    return places, trailer


def parse(data: bytes, at: int = 0, depth: int = 0) -> tuple[Value, int]:
    """The value that begins at `at`, and where it ends. Raises PdfRefused."""
    token = TOKEN.match(data, at)
    if token is None or depth > DEEPEST or token["close"]:
        raise PdfRefused(f"no value at {at}")
    if token["ref"]:
        return Ref(int(token["ref"].split()[0])), token.end()
    if not token["open"]:
        return token[0].lstrip(b"\0\t\n\f\r "), token.end()
    items: list[Value] = []
    at, close = token.end(), b">>" if token["open"] == b"<<" else b"]"
    while True:
        after = TOKEN.match(data, at)
        if after is not None and after["close"] == close:
            return (_paired(items) if close == b">>" else items), after.end()
        item, at = parse(data, at, depth + 1)
        items.append(item)


def _paired(items: list[Value]) -> dict[str, Value]:
    names = [item[1:].decode() for item in items[::2] if isinstance(item, bytes) and item[:1] == b"/"]
    if 2 * len(names) != len(items) or len(set(names)) != len(names):
        raise PdfRefused("not a dictionary")
    return dict(zip(names, items[1::2], strict=True))


def number(value: Value) -> int:
    """A non-negative whole number. Raises PdfRefused."""
    if not isinstance(value, bytes) or not re.fullmatch(rb"\d{1,10}", value):
        raise PdfRefused("no number where one is due")
    return int(value)


def write(value: Value) -> bytes:
    """The value in its one spelling: no blank but where two words meet."""
    if isinstance(value, Ref):
        return b"%d 0 R" % value.number
    if isinstance(value, dict):
        return b"<<" + b"".join(_joined(b"/" + name.encode(), write(item)) for name, item in value.items()) + b">>"
    if isinstance(value, list):
        return b"[" + b" ".join(map(write, value)) + b"]"
    return value


def write_stream(head: dict[str, Value], raw: bytes) -> bytes:
    """A stream with its length."""
    return write(head | {"Length": b"%d" % len(raw)}) + b"\nstream\n" + raw + b"\nendstream"


def text(words: str) -> bytes:
    """A text string: UTF-16 in hex, so that no byte of it is special."""
    return b"<" + UTF_16.encode("\ufeff" + words)[0].hex().upper().encode() + b">"


def read_text(value: Value) -> str:
    """The words of such a string. Raises PdfRefused."""
    if not isinstance(value, bytes) or not re.fullmatch(rb"<FEFF(?:[0-9A-F]{4})*>", value):
        raise PdfRefused("no text where one is due")
    try:
        return UTF_16.decode(bytes.fromhex(value[5:-1].decode()))[0]
    except UnicodeDecodeError:
        raise PdfRefused("no text where one is due") from None


def _joined(name: bytes, item: bytes) -> bytes:
    return name + (b"" if item[:1] in b"/<[(" else b" ") + item

"""The reservation: fields for signatures appended to a report, a pure function of the report's bytes.

docs/report-signatures.md has its objects. Whoever doubts a reservation makes it again and compares.
"""

import json
import re
import zlib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from signing.pdf_file import PdfFile, PdfRefused, Ref, Value, number, read, text, write, write_stream

ATTACHMENT: Final = b"(signature-fields.json)"
VERSION: Final = "bid-report-fields/1"
MOST_FIELDS: Final = 99
MOST_BYTES: Final = 1 << 16
NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}", re.ASCII)
POINTS: Final = re.compile(r"\d{1,4}(\.\d{1,2})?", re.ASCII)
CLOSING: Final = "lta"
MARKER: Final = re.compile(rb"%bid-report (\d{1,10}) ([0-9a-f]{64})\n")
KEYS: Final = {"height", "name", "page", "title", "width", "x", "y"}


@dataclass(frozen=True, slots=True)
class Field:
    """A frame on a page (counted from 1), in points from the page's upper left corner; `title` is read aloud."""

    name: str
    title: str
    page: int
    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class Reserved:
    """A report with its fields: the file, and each field's object number by name, `lta` for the closing time stamp."""

    data: bytes
    numbers: dict[str, int]


def fields_of(base: PdfFile) -> list[Field]:
    """The frames that the report itself says it has, and the closing stamp's, which is empty. Raises PdfRefused."""
    catalog = base.dictionary(base.trailer.get("Root", b""))
    names = base.dictionary(base.dictionary(catalog.get("Names", b"")).get("EmbeddedFiles", b""))
    listed = base.array(names.get("Names", b""))
    for name, found in zip(listed[::2], listed[1::2], strict=False):
        if name == ATTACHMENT:
            stream = base.stream(base.dictionary(base.dictionary(found).get("EF", b"")).get("F", b""))
            return _fields(_inflated(stream.head, stream.raw))
    raise PdfRefused("no signature-fields.json in this report")


@lru_cache(maxsize=4)
def reserve(base: bytes) -> Reserved:
    """The report with a field in each of its frames and one for the closing time stamp. Raises PdfRefused."""
    file = read(base)
    fields = fields_of(file)
    catalog = file.dictionary(file.trailer.get("Root", b""))
    tree = file.dictionary(catalog.get("StructTreeRoot", b""))
    root = file.array(tree.get("K", b""))[0]
    body, parents = file.dictionary(root), file.dictionary(tree.get("ParentTree", b""))
    form, blank, pages = file.size, file.size + 1, _pages(file, catalog)
    places = [_Placed(one, pages[one.page - 1], file) for one in fields]
    key = number(tree.get("ParentTreeNextKey", b""))
    objects: dict[int, bytes] = {}
    added: list[Value] = []
    for n, placed in enumerate(places):
        widget, element = Ref(form + 2 + 2 * n), Ref(form + 3 + 2 * n)
        objects[widget.number] = write(placed.widget(Ref(blank), key + n))
        objects[element.number] = write(_element(root, placed.page, widget))
        added += [b"%d" % (key + n), element]
    widgets: list[Value] = [Ref(form + 2 + 2 * n) for n in range(len(places))]
    elements: list[Value] = [Ref(form + 3 + 2 * n) for n in range(len(places))]
    objects[form] = write({"Fields": widgets, "SigFlags": b"3"})
    objects[blank] = write_stream(_blank(fields[0]), b"")
    objects[_number(root)] = write(body | {"K": file.array(body.get("K", b"")) + elements})
    parents = parents | {"Nums": file.array(parents.get("Nums", b"")) + added}
    grown: dict[str, Value] = {"ParentTree": parents, "ParentTreeNextKey": b"%d" % (key + len(places))}
    objects[_number(catalog["StructTreeRoot"])] = write(tree | grown)
    for page in dict.fromkeys(placed.page for placed in places):
        known = file.dictionary(page)
        own: list[Value] = [w for w, placed in zip(widgets, places, strict=True) if placed.page == page]
        objects[page.number] = write(known | {"Annots": file.array(known.get("Annots", [])) + own})
    extension: Value = {"ESIC": {"BaseVersion": b"/1.7", "ExtensionLevel": b"1"}}
    objects[_number(file.trailer["Root"])] = write(catalog | {"AcroForm": Ref(form), "Extensions": extension})
    marker = b"%%bid-report %d %s\n" % (len(base), sha256(base).hexdigest().encode())
    numbers = {placed.field.name: form + 2 + 2 * n for n, placed in enumerate(places)}
    return Reserved(base + revision(file, objects, marker), numbers)


def revision(before: PdfFile, objects: dict[int, bytes], marker: bytes = b"") -> bytes:
    """What is appended to a file to give these objects: they in their order, their table, the end."""
    start = len(before.data) + len(marker)
    text_, places = [marker], {}
    for name, content in objects.items():
        places[name] = start
        whole = b"%d 0 obj\n%s\nendobj\n" % (name, content)
        text_.append(whole)
        start += len(whole)
    text_.append(b"xref\n")
    for run in _runs(sorted(places)):
        text_.append(b"%d %d\n" % (run[0], len(run)))
        text_ += [b"%010d 00000 n \n" % places[name] for name in run]
    identity: list[Value] = [before.array(before.trailer.get("ID", b""))[0], before.identity]
    trailer: Value = {
        "Size": b"%d" % max(before.size, *(name + 1 for name in objects)),
        "Root": before.trailer["Root"],
        "Info": before.trailer["Info"],
        "Prev": b"%d" % before.table,
        "ID": identity,
    }
    return b"".join([*text_, b"trailer\n", write(trailer), b"\nstartxref\n%d\n%%%%EOF\n" % start])


def base_of(file: bytes, digest: bytes) -> bytes:
    """The report of this SHA-256 that the file begins with. Raises PdfRefused."""
    for marker in MARKER.finditer(file):
        if int(marker[1]) == marker.start() and sha256(file[: marker.start()]).digest() == digest:
            return file[: marker.start()]
    raise PdfRefused("the file does not begin with the report that was authorised")


@dataclass(frozen=True, slots=True)
class _Placed:
    field: Field
    page: Ref
    file: PdfFile

    def widget(self, blank: Ref, key: int) -> Value:
        """Field and widget in one: empty until somebody signs."""
        one, box = self.field, self.file.array(self.file.dictionary(self.page).get("MediaBox", b""))
        top = Decimal(_plain(box[3]))
        left, upper, right, lower = one.x, top - one.y, one.x + one.width, top - one.y - one.height
        corners = (left, lower, right, upper) if one.width else (Decimal(0),) * 4
        rect: list[Value] = [b"%s" % f"{value.quantize(Decimal('0.01')):f}".encode() for value in corners]
        found: dict[str, Value] = {
            "Type": b"/Annot",
            "Subtype": b"/Widget",
            "FT": b"/Sig",
            "T": b"(" + one.name.encode() + b")",
            "TU": text(one.title),
            "F": b"132",
            "Rect": rect,
            "P": self.page,
            "StructParent": b"%d" % key,
        }
        return found | {"AP": {"N": blank}} if one.width else found


def _blank(field: Field) -> dict[str, Value]:
    box: list[Value] = [b"0", b"0", f"{field.width:f}".encode(), f"{field.height:f}".encode()]
    return {"Type": b"/XObject", "Subtype": b"/Form", "BBox": box, "Resources": {}}


def _element(root: Value, page: Ref, widget: Ref) -> Value:
    kid: Value = {"Type": b"/OBJR", "Pg": page, "Obj": widget}
    return {"Type": b"/StructElem", "S": b"/Form", "P": root, "K": kid}


def _pages(file: PdfFile, catalog: dict[str, Value]) -> list[Ref]:
    kids = file.array(file.dictionary(catalog.get("Pages", b"")).get("Kids", b""))
    found = [kid for kid in kids if isinstance(kid, Ref) and file.dictionary(kid).get("Type") == b"/Page"]
    if len(found) != len(kids):
        raise PdfRefused("pages")
    return found


def _fields(content: bytes) -> list[Field]:
    try:
        value: Any = json.loads(content)
        if value.keys() != {"v", "closing", "fields"} or value["v"] != VERSION:
            raise PdfRefused("signature-fields.json")
        found = [_field(row) for row in value["fields"]]
        closing = Field(CLOSING, str(value["closing"]), found[0].page, *(Decimal(0),) * 4)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise PdfRefused("signature-fields.json") from error
    names = {one.name for one in found}
    if len(found) > MOST_FIELDS or len(names) != len(found) or CLOSING in names:
        raise PdfRefused("signature-fields.json")
    return [*found, closing]


def _field(row: dict[str, Any]) -> Field:
    spelled = all(POINTS.fullmatch(row[key]) for key in ("x", "y", "width", "height"))
    if row.keys() != KEYS or not spelled or not NAME.fullmatch(row["name"]) or type(row["page"]) is not int:
        raise PdfRefused("signature-fields.json")
    points = (Decimal(row[key]) for key in ("x", "y", "width", "height"))
    return Field(row["name"], str(row["title"]), row["page"], *points)


def _inflated(head: dict[str, Value], raw: bytes) -> bytes:
    if "Filter" not in head:
        return raw
    if head["Filter"] != b"/FlateDecode" or "DecodeParms" in head:
        raise PdfRefused("attachment")
    try:
        return zlib.decompressobj().decompress(raw, MOST_BYTES)
    except zlib.error as error:
        raise PdfRefused("attachment") from error


def _runs(names: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for name in names:
        if runs and runs[-1][-1] + 1 == name:
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _number(value: Value) -> int:
    if not isinstance(value, Ref):
        raise PdfRefused("no reference where one is due")
    return value.number


def _plain(value: Value) -> str:
    if not isinstance(value, bytes) or not re.fullmatch(rb"\d{1,5}(\.\d+)?", value):
        raise PdfRefused("no length where one is due")
    return value.decode()

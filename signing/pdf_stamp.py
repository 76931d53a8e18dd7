"""The picture of a signature: a typeset page copied as objects that can be looked at and nothing else."""

import re
from typing import Final

from signing.pdf_file import STREAM, PdfFile, PdfRefused, Ref, Value, objects, parse, read, write, write_stream

KEYS: Final = {
    *("Type", "Subtype", "BBox", "Resources", "Filter", "Length", "ProcSet", "ColorSpace", "Font", "BaseFont"),
    *("Encoding", "DescendantFonts", "ToUnicode", "CIDSystemInfo", "Registry", "Ordering", "Supplement", "W", "DW"),
    *("FontDescriptor", "CIDToGIDMap", "FontName", "Flags", "FontBBox", "ItalicAngle", "Ascent", "Descent", "StemV"),
    *("CapHeight", "CIDSet", "FontFile2", "FontFile3", "WMode", "N", "Range"),
}
"""What a picture of text and lines needs. No key among them acts, links, embeds a file or refers to another one."""

LOCAL: Final = re.compile(r"[a-z]\d{1,3}", re.ASCII)
"""The names by which the picture's content calls its fonts and colours."""

FORM: Final[dict[str, Value]] = {"Type": b"/XObject", "Subtype": b"/Form"}
MOST_OBJECTS: Final = 64


def copied(page: bytes, first: int) -> list[tuple[int, bytes]]:
    """The one page of a PDF as objects numbered from `first` on, the form that draws it in front. Raises PdfRefused."""
    file = read(page if page.endswith(b"\n") else page + b"\n")
    catalog = file.dictionary(file.trailer.get("Root", b""))
    (kid,) = file.array(file.dictionary(catalog.get("Pages", b"")).get("Kids", b""))
    sheet = file.dictionary(kid)
    content = file.stream(sheet.get("Contents", b""))
    names: dict[int, int] = {}
    shown = {"BBox": sheet.get("MediaBox", b""), "Resources": sheet.get("Resources", b"")}
    head = {key: _renamed(item, names, first) for key, item in {**FORM, **shown, **content.head}.items()}
    made = [(first, write_stream(head, content.raw))]
    while len(made) <= len(names):
        old = list(names)[len(made) - 1]
        made.append((names[old], _object(file, Ref(old), names, first)))
        if len(made) > MOST_OBJECTS:
            raise PdfRefused("too much in a picture")
    return made


def check_static(found: list[tuple[int, bytes]], first: int) -> None:
    """Refuse objects that could do more than be looked at, or that touch or refer to any but each other.

    They are numbered from `first` on, so they replace nothing. Raises PdfRefused.
    """
    names = {first + n for n in range(len(found))}
    if not found or [name for name, _ in found] != sorted(names):
        raise PdfRefused("a picture that replaces something")
    for name, content in found:
        value, _ = parse(content)
        _check(value, names)
        if name == first and not (isinstance(value, dict) and FORM.items() <= value.items()):
            raise PdfRefused("a picture that is no form")


def _check(value: Value, names: set[int]) -> None:
    if isinstance(value, Ref) and value.number not in names:
        raise PdfRefused("a picture that refers to something else")
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in KEYS and not LOCAL.fullmatch(key):
                raise PdfRefused(f"a picture with {key}")
            _check(item, names)
    if isinstance(value, list):
        for item in value:
            _check(item, names)


def _object(file: PdfFile, which: Ref, names: dict[int, int], first: int) -> bytes:
    place = file.places.get(which.number)
    if place is None:
        raise PdfRefused(f"no object {which.number}")
    _, content, value = next(objects(file.data, place))
    renamed = _renamed(value, names, first)
    end = content.find(STREAM)
    return write(renamed) + (content[end:] if end >= 0 and isinstance(value, dict) and "Length" in value else b"")


def _renamed(value: Value, names: dict[int, int], first: int) -> Value:
    """The value with its references renumbered in the order in which they are met."""
    if isinstance(value, Ref):
        return Ref(names.setdefault(value.number, first + 1 + len(names)))
    if isinstance(value, dict):
        return {key: _renamed(item, names, first) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names, first) for item in value]
    return value

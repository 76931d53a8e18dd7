"""The one font of the papers: where its package keeps it, that it is the file we chose, and which characters it shows.

It must never fall back to a system font: another font gives other bytes, and the report's bytes are what members sign.
"""

import hashlib
import importlib.resources
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FAMILY = "Noto Sans CJK SC"
FILE_NAME = "NotoSansCJK-VF.otf.ttc"
FACE = 2
FULL_FORMAT = 12
SHA256 = "d3d8256cdec8dbcb3552284bc6b20c734dd60c2ee9df83b5758e34807c4bac32"


class FontRefused(Exception):
    """The font is not the one we chose: `report.font.missing`, `report.font.changed`, `report.font.unreadable`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@cache
def font_folder() -> Path:
    """The folder holding the font file, after its SHA-256 was compared. Raises `FontRefused`."""
    try:
        file = importlib.resources.files("manimgx_fonts_cjk") / FILE_NAME
        path = Path(str(file))
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except (ModuleNotFoundError, OSError) as missing:
        raise FontRefused("report.font.missing", FILE_NAME) from missing
    if found != SHA256:
        raise FontRefused("report.font.changed", f"{FILE_NAME} has sha256 {found}")
    return path.parent


@cache
def coverage() -> tuple[tuple[int, int], ...]:
    """Closed code point ranges the font has glyphs for, sorted and disjoint (OpenType `cmap`, format 12)."""
    with (font_folder() / FILE_NAME).open("rb") as stream:
        head = stream.read(16 + 4 * FACE)
        if head[:4] != b"ttcf":
            raise FontRefused("report.font.unreadable", "not a font collection")
        face = struct.unpack(">I", head[12 + 4 * FACE : 16 + 4 * FACE])[0]
        stream.seek(face)
        tables = struct.unpack(">H", stream.read(12)[4:6])[0]
        directory = stream.read(16 * tables)
        offset, length = next(
            struct.unpack(">II", directory[n + 8 : n + 16])
            for n in range(0, len(directory), 16)
            if directory[n : n + 4] == b"cmap"
        )
        stream.seek(offset)
        return tuple(_merge(_groups(stream.read(length))))


def _groups(cmap: bytes) -> Iterator[tuple[int, int]]:
    """The ranges of the subtable for all of Unicode: platform 3 encoding 10, or platform 0 encoding 4."""
    count = struct.unpack(">H", cmap[2:4])[0]
    for n in range(count):
        platform, encoding, offset = struct.unpack(">HHI", cmap[4 + 8 * n : 12 + 8 * n])
        if (platform, encoding) in {(3, 10), (0, 4)} and struct.unpack(">H", cmap[offset : offset + 2])[
            0
        ] == FULL_FORMAT:
            groups = struct.unpack(">I", cmap[offset + 12 : offset + 16])[0]
            for first, last, glyph in struct.iter_unpack(">III", cmap[offset + 16 : offset + 16 + 12 * groups]):
                if glyph or last > first:
                    yield (first, last)
            return
    raise FontRefused("report.font.unreadable", "no format 12 cmap")


def _merge(ranges: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    low, high = next(ranges)
    for first, last in ranges:
        if first == high + 1:
            high = last
        else:
            yield low, high
            low, high = first, last
    yield low, high

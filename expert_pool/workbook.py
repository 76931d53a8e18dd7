"""A workbook (XLSX, ECMA-376) as lines of the pool's format. It computes nothing, mends nothing, and follows no link.

What a spreadsheet does to data is refused by name: a formula, an identity number turned into a number, cells that were
merged, a sheet or rows that nobody sees. A package that would unpack to more than `MOST_BYTES` is not opened.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from expert_pool.line import Line, Problem
from expert_pool.profiles import pool_csv as column

BEGINS_WITH = b"PK\x03\x04"
MOST_BYTES = 512 * 1024 * 1024
MOST_PARTS = 1000
MOST_LINES = 300_000

# A sheet without anything in so many lines is an empty one.
_BEGINNING = 20
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"']")
_WIDTH = len(column.COLUMNS)


# What the zip and XML readers raise on a package that is damaged or no workbook, each seen in a damaged one or named by
# their pages; `SyntaxError` is XML's ParseError, `RuntimeError` an encrypted part or an unknown compression.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, SyntaxError, InvalidFileException,
    LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError,
)  # fmt: skip


class _Unreadable(Exception):
    """Not a workbook that may be read; `code` is the reason of the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def lines(data: bytes, problems: list[Problem]) -> Iterator[Line]:
    """The lines of the one visible sheet, header first, empty lines left out; what is wrong goes to `problems`."""
    try:
        faults = _faults_of_package(data)
        if faults:
            problems.extend(Problem(1, "", fault) for fault in faults)
            return
        yield from _read(data)
    except _Unreadable as refused:
        problems.append(Problem(1, "", refused.code))
    except _DAMAGE:
        problems.append(Problem(1, "", "file.not_a_workbook"))


def _faults_of_package(data: bytes) -> list[str]:
    """Codes of what is wrong with the package before any cell is read."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise _Unreadable("file.too_big")
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            content = package.read(part)
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                raise _Unreadable("file.not_a_workbook")
            if _SHEET.fullmatch(part.filename):
                found += ["sheet.merged_cells"] if _MERGED.search(content) else []
                found += ["sheet.hidden_rows"] if _HIDDEN_ROW.search(content) else []
    return sorted(set(found))


def _read(data: bytes) -> Iterator[Line]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        if any(sheet.sheet_state != "visible" for sheet in book.worksheets):
            raise _Unreadable("sheet.hidden")
        filled = [sheet for sheet in book.worksheets if _is_filled(sheet)]
        if len(filled) != 1:
            raise _Unreadable("sheet.not_one")
        for number, row in enumerate(filled[0].iter_rows(max_col=_WIDTH + 1), 1):
            if number > MOST_LINES:
                raise _Unreadable("file.too_big")
            cells = [_value(index, cell) for index, cell in enumerate(row)]
            while cells and cells[-1] == ("", ""):
                cells.pop()
            if cells:
                cells += [("", "")] * (_WIDTH - len(cells))
                damaged = {column.COLUMNS[n]: fault for n, (_, fault) in enumerate(cells[:_WIDTH]) if fault}
                yield Line(number, tuple(text for text, _ in cells), damaged)
    finally:
        book.close()


def _is_filled(sheet: Any) -> bool:  # noqa: ANN401 - the library's sheet
    beginning = islice(sheet.iter_rows(max_col=_WIDTH), _BEGINNING)
    return any(cell.value is not None for row in beginning for cell in row)


def _value(index: int, cell: Any) -> tuple[str, str]:  # noqa: ANN401 - one of the library's kinds of cells
    """A cell as text, or "" and the code of what the spreadsheet did to it."""
    name, kind, value = column.COLUMNS[index] if index < _WIDTH else "", cell.data_type, cell.value
    if value is None:
        return "", ""
    if isinstance(value, str) and kind not in _COMPUTED:
        return value, ""
    if kind == "d" and name == column.STATE_UNTIL and isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat(), ""
    if kind == "n" and name in _NUMBERS:
        return str(int(value) if value == int(value) else value), ""
    return "", _COMPUTED.get(kind) or _DAMAGED.get(name, "cell.number_for_text")


# What no cell may be, whatever its column: a formula, its error, a date where text or a day is expected.
_COMPUTED = {"f": "cell.formula", "e": "cell.formula_error", "d": "cell.date_for_text"}
_DAMAGED = {column.ID_NUMBER: "cell.id_number_is_a_number"}
# Columns whose text is a whole number without leading zeros: a spreadsheet's number loses nothing of it.
_NUMBERS = frozenset({column.NUMBER, column.PHONE, column.YEARS, column.REGION, column.RECENT_DRAWS})

"""A bill of quantities (工程量清单) as CSV: read strictly, one line an item; no arithmetic here.

Columns by their order: number, name, unit, quantity, unit price, amount; a template leaves the last two empty. The
first line holds the columns' names, in whatever language.
"""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from evaluation.tally.figures import SPELLING

COLUMNS: Final = ("number", "name", "unit", "quantity", "unit_price", "amount")
MOST_LINES: Final = 20_000
_FIGURES: Final = COLUMNS[3:]


class BillRefused(ValueError):
    """A bill that is none: `fault` in a word, `line` of the file (the heading is 1), 0 for the whole."""

    code = "bill.refused"

    def __init__(self, fault: str, line: int = 0) -> None:
        super().__init__(f"{fault} in line {line}")
        self.fault = fault
        self.line = line


@dataclass(frozen=True, slots=True)
class BillItem:
    """One line; figures are None where the line leaves them empty. `line` is its place in the file."""

    line: int
    number: str
    name: str
    unit: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None


def read(content: bytes) -> tuple[BillItem, ...]:
    """The items of a bill, UTF-8 with or without byte order mark. Raises `BillRefused`."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as broken:
        raise BillRefused("not_csv") from broken
    if len(rows) > MOST_LINES:
        raise BillRefused("too_many_lines")
    return tuple(_item(line, row) for line, row in enumerate(rows, start=1) if line > 1 and any(row))


def _item(line: int, row: list[str]) -> BillItem:
    if len(row) != len(COLUMNS):
        raise BillRefused("wrong_columns", line)
    cells = dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True))
    if not cells["number"] or not cells["name"]:
        raise BillRefused("unnamed_item", line)
    quantity, unit_price, amount = (_figure(cells[name], line) for name in _FIGURES)
    return BillItem(line, cells["number"], cells["name"], cells["unit"], quantity, unit_price, amount)


def _figure(cell: str, line: int) -> Decimal | None:
    if cell and not SPELLING.fullmatch(cell):
        raise BillRefused("not_a_decimal_string", line)
    return Decimal(cell) if cell else None

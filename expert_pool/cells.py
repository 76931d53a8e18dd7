"""One cell of the pool's CSV: text in, a value out, or a refusal with a reason code. It never mends what it reads."""

import re
import unicodedata
from datetime import date

from expert_pool.expert import Availability, Employment
from expert_pool.profiles.pool_csv import LEAST_YEARS, SENIOR_TITLES, STATES

SEPARATOR = ";"
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,2}")
_SERIAL = re.compile(r"[1-9][0-9]{0,8}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ID_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
_EXPONENT = re.compile(r"\d(\.\d+)?[eE]\+?\d+", re.ASCII)
_PHONE = re.compile(r"1\d{10}", re.ASCII)
_REGION = re.compile(r"\d{6}", re.ASCII)


class CellRefused(Exception):
    """A cell that cannot be taken. `code` says why; the cell's content is never repeated, it may be personal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def words(cell: str) -> str:
    """Text of 1 to 100 characters in NFC, without control characters or white space at its ends."""
    if not cell:
        raise CellRefused("cell.empty")
    if len(cell) > 100:  # noqa: PLR2004
        raise CellRefused("cell.too_long")
    if cell != cell.strip() or not unicodedata.is_normalized("NFC", cell) or not cell.isprintable():
        raise CellRefused("cell.stray_characters")
    return cell


def optional_words(cell: str) -> str:
    """The same, or nothing."""
    return words(cell) if cell else ""


def code(cell: str) -> str:
    """An identifier: 1 to 32 ASCII letters, digits and hyphens."""
    return _matching(_CODE, cell, "cell.not_a_code")


def number(cell: str) -> int:
    """A whole number 0…999 as written by hand: no sign, no leading zero."""
    return int(_matching(_NUMBER, cell, "cell.not_a_number"))


def serial(cell: str) -> int:
    """A row's running number, from 1."""
    return int(_matching(_SERIAL, cell, "cell.not_a_number"))


def day(cell: str) -> date:
    """`YYYY-MM-DD`."""
    try:
        return date.fromisoformat(_matching(_DAY, cell, "cell.not_a_date"))
    except ValueError:
        raise CellRefused("cell.not_a_date") from None


def optional_day(cell: str) -> date | None:
    """The same, or nothing."""
    return day(cell) if cell else None


def id_number(cell: str) -> str:
    """Eighteen characters with a date of birth and the check character of GB 11643-1999.

    `1.10101E+17` is what a spreadsheet leaves of one that it took for a number: the last digits are lost.
    """
    if _EXPONENT.fullmatch(cell):
        raise CellRefused("cell.id_number_is_a_number")
    _matching(_ID_NUMBER, cell, "cell.not_an_id_number")
    day(f"{cell[6:10]}-{cell[10:12]}-{cell[12:14]}")
    weighed = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, cell, strict=False))
    if ID_CHECKS[weighed % 11] != cell[17]:
        raise CellRefused("cell.id_number_check_digit")
    return cell


def phone(cell: str) -> str:
    """A mobile number: eleven digits, the first a 1."""
    return _matching(_PHONE, cell, "cell.not_a_phone")


def region(cell: str) -> str:
    """A division code of GB/T 2260: six digits."""
    return _matching(_REGION, cell, "cell.not_a_region")


def categories(cell: str) -> tuple[str, ...]:
    """`A08;B01`: codes, each once; returned in ascending order."""
    found = tuple(code(part) for part in cell.split(SEPARATOR))
    if len(set(found)) != len(found):
        raise CellRefused("cell.twice")
    return tuple(sorted(found))


def units(cell: str) -> tuple[str, ...]:
    """`unit;unit` or nothing."""
    return tuple(words(part) for part in cell.split(SEPARATOR)) if cell else ()


def history(cell: str) -> tuple[Employment, ...]:
    """`unit|2016-03-01|2023-08-31;unit|2023-09-01|` or nothing; an empty last part means until today."""
    return tuple(_employment(part) for part in cell.split(SEPARATOR)) if cell else ()


def _employment(part: str) -> Employment:
    pieces = part.split("|")
    if len(pieces) != 3:  # noqa: PLR2004
        raise CellRefused("cell.not_an_employment")
    unit, begins, ends = words(pieces[0]), day(pieces[1]), day(pieces[2]) if pieces[2] else None
    if ends is not None and ends < begins:
        raise CellRefused("cell.ends_before_it_begins")
    return Employment(unit, begins, ends)


def title(cell: str) -> str:
    """R-06: a senior title, or equal professional standing (招标投标法 Art. 37)."""
    if cell not in SENIOR_TITLES:
        raise CellRefused("cell.title_not_senior")
    return cell


def years(cell: str) -> int:
    """R-06: years of work in the field, eight at least (招标投标法 Art. 37)."""
    worked = number(cell)
    if worked < LEAST_YEARS:
        raise CellRefused("cell.years_too_few")
    return worked


def state(cell: str) -> Availability:
    """正常, 暂停 or 请假."""
    if cell not in STATES:
        raise CellRefused("cell.not_a_state")
    return STATES[cell]


def _matching(pattern: re.Pattern[str], cell: str, refusal: str) -> str:
    if not pattern.fullmatch(cell):
        raise CellRefused(refusal)
    return cell

"""The pool's CSV, from bytes to experts: all rows or none, with every problem named by line, column and reason.

Columns and words: `expert_pool.profiles.pool_csv`; the format: docs/pool-csv.md.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from expert_pool import cells
from expert_pool.cells import CellRefused
from expert_pool.expert import Availability, Expert, ExpertId, Person
from expert_pool.profiles import pool_csv as column

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place: physical line from 1, column by its header ("" for the whole line), reason code."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Import:
    """Either every row as an expert and no problem, or no expert and every problem found."""

    accepted: tuple[Expert, ...]
    problems: tuple[Problem, ...]


def read(data: bytes) -> Import:
    """Parse a file in UTF-8 (with or without a byte order mark) or GB18030. Problems are values, nothing is raised."""
    problems: list[Problem] = []
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        return Import((), (Problem(1, "", "file.not_text"),))
    rows = list(_rows(text, problems))
    for line, row in rows:
        problems.extend(Problem(line, name, reason) for name, reason in _faults(row))
    problems.extend(_faults_between(rows))
    if not rows and not problems:
        problems.append(Problem(1, "", "file.no_rows"))
    if problems:
        return Import((), tuple(sorted(problems, key=lambda problem: problem.line)))
    return Import(tuple(_expert(row) for _, row in rows), ())


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a spreadsheet in a provincial office writes. A damaged UTF-8 file ends here too: its header will not fit.
        return data.decode("gb18030")


def _rows(text: str, problems: list[Problem]) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begun = 1
    try:
        for cells_of_line in reader:
            if begun == 1 and cells_of_line != list(column.COLUMNS):
                problems.extend(_header_problems(cells_of_line))
                return
            if begun > 1:
                if len(cells_of_line) == len(column.COLUMNS):
                    yield begun, dict(zip(column.COLUMNS, cells_of_line, strict=True))
                else:
                    problems.append(Problem(begun, "", "row.wrong_number_of_cells"))
            begun = reader.line_num + 1
    except csv.Error:
        problems.append(Problem(begun, "", "row.quotes"))


def _header_problems(found: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(column.COLUMNS):
        if found[index : index + 1] != [name]:
            yield Problem(1, name, "header.expected_here")
    if len(found) > len(column.COLUMNS):
        yield Problem(1, "", "header.too_many")


_PARSERS: dict[str, Callable[[str], object]] = {
    column.NUMBER: cells.serial,
    column.EXPERT: cells.code,
    column.NAME: cells.words,
    column.ID_NUMBER: cells.id_number,
    column.PHONE: cells.phone,
    column.CATEGORIES: cells.categories,
    column.TITLE: cells.title,
    column.YEARS: cells.years,
    column.REGION: cells.region,
    column.UNIT: cells.optional_words,
    column.HISTORY: cells.history,
    column.RELATIONS: cells.units,
    column.STATE: cells.state,
    column.STATE_UNTIL: cells.optional_day,
    column.RECENT_DRAWS: cells.number,
}


def _faults(row: Row) -> Iterator[tuple[str, str]]:
    """(column, reason) of every cell that cannot be taken."""
    for name, parse in _PARSERS.items():
        try:
            parse(row[name])
        except CellRefused as refused:
            yield name, refused.code
    if row[column.STATE_UNTIL] and column.STATES.get(row[column.STATE]) is Availability.NORMAL:
        yield column.STATE_UNTIL, "cell.end_of_nothing"


def _faults_between(rows: list[tuple[int, Row]]) -> Iterator[Problem]:
    """Running numbers that are not 1, 2, 3 … (a row was lost), and experts or identity numbers that come twice."""
    seen: set[tuple[str, str]] = set()
    for expected, (line, row) in enumerate(rows, start=1):
        if row[column.NUMBER] != str(expected):
            yield Problem(line, column.NUMBER, "row.not_consecutive")
        for name in (column.EXPERT, column.ID_NUMBER):
            if (name, row[name]) in seen:
                yield Problem(line, name, "row.repeated")
            seen.add((name, row[name]))


def _expert(row: Row) -> Expert:
    """The expert of a row in which no fault was found."""
    return Expert(
        id=ExpertId(cells.code(row[column.EXPERT])),
        person=Person(row[column.NAME], row[column.ID_NUMBER], row[column.PHONE]),
        categories=cells.categories(row[column.CATEGORIES]),
        title=row[column.TITLE],
        years=cells.years(row[column.YEARS]),
        region=row[column.REGION],
        unit=row[column.UNIT],
        history=cells.history(row[column.HISTORY]),
        relations=cells.units(row[column.RELATIONS]),
        availability=cells.state(row[column.STATE]),
        unavailable_until=cells.optional_day(row[column.STATE_UNTIL]),
        recent_draws=cells.number(row[column.RECENT_DRAWS]),
    )

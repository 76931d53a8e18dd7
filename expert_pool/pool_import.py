"""A pool's file, from bytes to experts: all rows or none, with every problem named by line, column and reason.

Columns and words: `expert_pool.profiles.pool_csv`; the format: docs/pool-csv.md.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from expert_pool import cells, workbook
from expert_pool.cells import CellRefused
from expert_pool.expert import Availability, Enrolment, Expert, ExpertId, Person
from expert_pool.line import Line, Problem
from expert_pool.profiles import pool_csv as column

Row = dict[str, str]
# A title above the header is looked for in so many lines.
TITLES = 5


@dataclass(frozen=True, slots=True)
class Import:
    """Either every row as an enrolment and no problem, or none and every problem found."""

    accepted: tuple[Enrolment, ...]
    problems: tuple[Problem, ...]


def read(data: bytes) -> Import:
    """Parse a workbook (XLSX), or CSV in UTF-8 (with or without a byte order mark) or GB18030.

    Problems are values, nothing is raised.
    """
    problems: list[Problem] = []
    found = workbook.lines(data, problems) if data.startswith(workbook.BEGINS_WITH) else _csv_lines(data, problems)
    lines = _below_header(found, problems)
    taken: list[tuple[Line, Row, Enrolment | None]] = []
    for line in lines:
        if len(line.cells) == len(column.COLUMNS):
            row = dict(zip(column.COLUMNS, line.cells, strict=True))
            taken.append((line, row, _enrolment(line, row, problems)))
        else:
            problems.append(Problem(line.number, "", "row.wrong_number_of_cells"))
    problems.extend(_faults_between([(line, row) for line, row, _ in taken]))
    if not taken and not problems:
        problems.append(Problem(1, "", "file.no_rows"))
    if problems:
        return Import((), tuple(sorted(problems, key=lambda problem: problem.line)))
    return Import(tuple(enrolment for _, _, enrolment in taken if enrolment is not None), ())


def _csv_lines(data: bytes, problems: list[Problem]) -> Iterator[Line]:
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        problems.append(Problem(1, "", "file.not_text"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begun = 1
    try:
        for cells_of_line in reader:
            yield Line(begun, tuple(cells_of_line))
            begun = reader.line_num + 1
    except csv.Error:
        problems.append(Problem(begun, "", "row.quotes"))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a spreadsheet in a provincial office writes. A damaged UTF-8 file ends here too: its header will not fit.
        return data.decode("gb18030")


def _below_header(lines: Iterator[Line], problems: list[Problem]) -> Iterator[Line]:
    """The lines below the header, none when the first line is not exactly the format's."""
    first = next(lines, None)
    if first is None:
        return
    if first.cells == column.COLUMNS and not first.damaged:
        yield from lines
    elif any(line.cells == column.COLUMNS for line in islice(lines, TITLES)):
        problems.append(Problem(first.number, "", "header.title_above"))
    else:
        problems.extend(_header_problems(first))


def _header_problems(found: Line) -> Iterator[Problem]:
    for index, name in enumerate(column.COLUMNS):
        if found.cells[index : index + 1] != (name,):
            yield Problem(found.number, name, "header.expected_here")
    if len(found.cells) > len(column.COLUMNS):
        yield Problem(found.number, "", "header.too_many")


_PARSERS: dict[str, Callable[[str], Any]] = {
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


def _enrolment(line: Line, row: Row, problems: list[Problem]) -> Enrolment | None:
    """The expert and the person of a line, or None and every fault of its cells among the problems."""
    before = len(problems)
    read: dict[str, Any] = {}
    for name, parse in _PARSERS.items():
        try:
            if name in line.damaged:
                raise CellRefused(line.damaged[name])
            read[name] = parse(row[name])
        except CellRefused as refused:
            problems.append(Problem(line.number, name, refused.code))
    if row[column.STATE_UNTIL] and column.STATES.get(row[column.STATE]) is Availability.NORMAL:
        problems.append(Problem(line.number, column.STATE_UNTIL, "cell.end_of_nothing"))
    if len(problems) > before:
        return None
    expert = Expert(
        id=ExpertId(read[column.EXPERT]),
        categories=read[column.CATEGORIES],
        title=read[column.TITLE],
        years=read[column.YEARS],
        region=read[column.REGION],
        unit=read[column.UNIT],
        history=read[column.HISTORY],
        relations=read[column.RELATIONS],
        availability=read[column.STATE],
        unavailable_until=read[column.STATE_UNTIL],
        recent_draws=read[column.RECENT_DRAWS],
    )
    return Enrolment(expert, Person(read[column.NAME], read[column.ID_NUMBER], read[column.PHONE]))


def _faults_between(rows: list[tuple[Line, Row]]) -> Iterator[Problem]:
    """Running numbers that are not 1, 2, 3 … (a row was lost), and experts or identity numbers that come twice."""
    seen: set[tuple[str, str]] = set()
    for expected, (line, row) in enumerate(rows, start=1):
        if row[column.NUMBER] != str(expected) and column.NUMBER not in line.damaged:
            yield Problem(line.number, column.NUMBER, "row.not_consecutive")
        for name in (column.EXPERT, column.ID_NUMBER):
            if (name, row[name]) in seen and name not in line.damaged:
                yield Problem(line.number, name, "row.repeated")
            seen.add((name, row[name]))


__all__ = ["Import", "Problem", "read"]

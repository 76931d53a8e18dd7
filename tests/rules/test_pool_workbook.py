"""A workbook is read like the CSV of the same cells; what a spreadsheet does to data is refused by name."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from expert_pool import pool_import, workbook
from expert_pool.pool_import import Problem
from expert_pool.profiles import pool_csv as column
from tests.rules.test_pool_import import GOOD


def _cells(**other: object) -> list[Any]:
    return [other.get(name, GOOD[name]) for name in column.COLUMNS]


def _book(*rows: list[Any], change: Callable[[Workbook], None] = lambda _book: None) -> bytes:
    book = Workbook()
    for row in ([*column.COLUMNS], *rows):
        book.worksheets[0].append(row)
    change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename == name else content)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_text_dates_and_whole_numbers_are_what_the_csv_says() -> None:
    second = {
        "序号": 2,
        "专家编号": "ZJ2",
        "身份证号": "000000196007150026",
        "状态截止": datetime.fromisoformat("2026-12-01"),
    }
    numbers = {"手机号": 10000000001, "从业年限": 8.0, "所在地区": 990100, "近90天抽取次数": 3}
    found = pool_import.read(_book(_cells(), _cells(**second, **numbers)))
    assert found.problems == ()
    one, two = (row.expert for row in found.accepted)
    assert two.unavailable_until == one.unavailable_until == date(2026, 12, 1)
    assert (two.years, two.region, two.recent_draws) == (one.years, one.region, one.recent_draws)
    assert found.accepted[1].person.phone == found.accepted[0].person.phone


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("身份证号", 110101199001010000, "cell.id_number_is_a_number"),
        ("身份证号", "1.10101E+17", "cell.id_number_is_a_number"),
        ("专家编号", 12, "cell.number_for_text"),
        ("姓名", True, "cell.number_for_text"),
        ("姓名", "=1+1", "cell.formula"),
        ("从业年限", "=A2*9", "cell.formula"),
        ("工作单位", "#N/A", "cell.formula_error"),
        ("工作单位", datetime.fromisoformat("2026-01-01"), "cell.date_for_text"),
        ("状态截止", datetime.fromisoformat("2026-01-01T09:30"), "cell.date_for_text"),
        ("状态截止", 46022, "cell.number_for_text"),
        ("从业年限", 8.5, "cell.not_a_number"),
    ],
)
def test_what_a_spreadsheet_did_to_a_cell_is_named_once(name: str, cell: object, reason: str) -> None:
    assert pool_import.read(_book(_cells(**{name: cell}))).problems == (Problem(2, name, reason),)


def _merge(book: Workbook) -> None:
    book.worksheets[0].merge_cells("J2:K2")


def _filter(book: Workbook) -> None:
    book.worksheets[0].row_dimensions[2].hidden = True


def _hide_a_sheet(book: Workbook) -> None:
    book.create_sheet("旧名单").sheet_state = "hidden"


def _second_sheet(book: Workbook) -> None:
    book.create_sheet("另一张").append(["内容"])


def _title_row(book: Workbook) -> None:
    book.worksheets[0].insert_rows(1)
    book.worksheets[0]["A1"] = "某省评标专家名册"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_merge, "sheet.merged_cells"),
        (_filter, "sheet.hidden_rows"),
        (_hide_a_sheet, "sheet.hidden"),
        (_second_sheet, "sheet.not_one"),
        (_title_row, "header.title_above"),
    ],
)
def test_a_sheet_that_a_person_would_misread_is_refused_by_name(
    change: Callable[[Workbook], None], reason: str
) -> None:
    found = pool_import.read(_book(_cells(), change=change))
    assert found.problems == (Problem(1, "", reason),)


def test_an_empty_second_sheet_and_empty_lines_at_the_end_are_no_fault() -> None:
    def untidy(book: Workbook) -> None:
        book.create_sheet("Sheet2")
        book.worksheets[0].cell(row=40, column=3).value = None

    assert len(pool_import.read(_book(_cells(), change=untidy)).accepted) == 1


def test_a_title_row_above_a_csv_is_named_too() -> None:
    data = ("某省评标专家名册\r\n" + ",".join(column.COLUMNS) + "\r\n").encode()
    assert pool_import.read(data).problems == (Problem(1, "", "header.title_above"),)


def test_a_package_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _with_part(_book(_cells()), SHEET, lambda content: content + b" " * 4_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000_000)
    assert pool_import.read(bomb).problems == (Problem(1, "", "file.too_big"),)


def test_a_workbook_with_too_many_lines_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_LINES", 2)
    found = pool_import.read(_book(_cells(), _cells(**{"序号": "2"})))
    assert found.accepted == ()
    assert Problem(1, "", "file.too_big") in found.problems


def test_a_document_type_is_never_read() -> None:
    entity = b'<!DOCTYPE a [<!ENTITY b "c">]>'
    data = _with_part(_book(_cells()), SHEET, lambda content: entity + content)
    assert pool_import.read(data).problems == (Problem(1, "", "file.not_a_workbook"),)


@settings(max_examples=30)
@given(st.data())
def test_a_damaged_workbook_is_a_problem_and_no_failure(data: st.DataObject) -> None:
    whole = bytearray(BOOK)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(4, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    found = pool_import.read(bytes(whole))
    assert bool(found.accepted) != bool(found.problems)


def test_a_truncated_workbook_is_named() -> None:
    for size in range(4, len(BOOK), 499):
        assert pool_import.read(BOOK[:size]).problems == (Problem(1, "", "file.not_a_workbook"),)


BOOK = _book(_cells())

"""The pool's CSV is taken whole or not at all, and every fault is named by line, column and reason."""

import csv
import io
from collections.abc import Callable
from dataclasses import astuple
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import pool as demo_pool
from expert_pool import cells, pool_import
from expert_pool.cells import CellRefused
from expert_pool.expert import Availability
from expert_pool.pool_import import Problem
from expert_pool.profiles.pool_csv import COLUMNS

GOOD = {
    "序号": "1",
    "专家编号": "ZJ00001",
    "姓名": "专家0001䶮",
    "身份证号": "000000196007150018",
    "手机号": "10000000001",
    "专业代码": "B01;A08",
    "职称": "副高级",
    "从业年限": "8",
    "所在地区": "990100",
    "工作单位": "演示单位",
    "任职经历": "演示投标人D|2018-03-25|2025-07-31;演示单位|2025-08-01|",
    "利害关系单位": "演示招标人",
    "状态": "请假",
    "状态截止": "2026-12-01",
    "近90天抽取次数": "3",
}


def _file(*rows: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_a_whole_row_becomes_an_expert() -> None:
    found = pool_import.read(_file(GOOD))
    assert found.problems == ()
    [enrolment] = found.accepted
    expert = enrolment.expert
    assert enrolment.person.name == "专家0001䶮"
    assert expert.categories == ("A08", "B01")
    assert [(post.unit, post.ends) for post in expert.history] == [
        ("演示投标人D", date(2025, 7, 31)),
        ("演示单位", None),
    ]
    assert (expert.availability, expert.unavailable_until) == (Availability.ON_LEAVE, date(2026, 12, 1))
    assert expert.recent_draws == 3


def test_an_expert_s_name_and_numbers_do_not_show_in_a_repr_nor_in_the_draw_record() -> None:
    [enrolment] = pool_import.read(_file(GOOD)).accepted
    for personal in (GOOD["姓名"], GOOD["身份证号"], GOOD["手机号"]):
        assert personal not in repr(enrolment)
        assert personal not in str(enrolment.expert.record().to_json())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encodings_of_provincial_exports_are_read_alike(encoding: str) -> None:
    found = pool_import.read(_file(GOOD).decode().encode(encoding))
    assert found.accepted[0].person.name == "专家0001䶮"


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("序号", "2", "row.not_consecutive"),
        ("专家编号", "", "cell.not_a_code"),
        ("姓名", "", "cell.empty"),
        ("姓名", " 专家", "cell.stray_characters"),
        ("姓名", "专\u200b家", "cell.stray_characters"),
        ("姓名", "专" * 101, "cell.too_long"),
        ("身份证号", "000000196007150019", "cell.id_number_check_digit"),
        ("身份证号", "000000196013150018", "cell.not_a_date"),
        ("身份证号", "０00000196007150018", "cell.not_an_id_number"),
        ("手机号", "20000000001", "cell.not_a_phone"),
        ("专业代码", "", "cell.not_a_code"),
        ("专业代码", "A08;A08", "cell.twice"),
        ("专业代码", "A08，B01", "cell.not_a_code"),
        ("职称", "中级", "cell.title_not_senior"),
        ("从业年限", "7", "cell.years_too_few"),
        ("从业年限", "08", "cell.not_a_number"),
        ("所在地区", "9901", "cell.not_a_region"),
        ("任职经历", "演示单位|2025-08-01", "cell.not_an_employment"),
        ("任职经历", "演示单位|2025-08-01|2025-07-01", "cell.ends_before_it_begins"),
        ("任职经历", "演示单位|2025-8-1|", "cell.not_a_date"),
        ("利害关系单位", "演示招标人;", "cell.empty"),
        ("状态", "", "cell.not_a_state"),
        ("状态", "正常", "cell.end_of_nothing"),
        ("状态截止", "2026-02-29", "cell.not_a_date"),
        ("近90天抽取次数", "-1", "cell.not_a_number"),
    ],
)
def test_a_faulty_cell_is_named_and_nothing_is_imported(column: str, cell: str, reason: str) -> None:
    second = dict(zip(COLUMNS, astuple(demo_pool.rows(date(2026, 11, 25))[1]), strict=True))
    found = pool_import.read(_file(GOOD | {column: cell}, second))
    assert found.accepted == ()
    assert [(problem.line, problem.reason) for problem in found.problems] == [(2, reason)]
    assert found.problems[0].column in {column, "状态截止"}


def test_an_expert_or_identity_number_that_comes_twice_is_named_at_its_second_line() -> None:
    found = pool_import.read(_file(GOOD, GOOD | {"序号": "2"}))
    assert found.problems == (Problem(3, "专家编号", "row.repeated"), Problem(3, "身份证号", "row.repeated"))


def test_lines_are_counted_as_in_the_file_also_after_a_cell_with_a_line_break() -> None:
    found = pool_import.read(_file(GOOD | {"姓名": "专\n家"}, GOOD | {"序号": "2", "手机号": "x"}))
    assert {(problem.line, problem.column) for problem in found.problems} >= {(2, "姓名"), (4, "手机号")}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", Problem(1, "", "file.no_rows")),
        (_file(), Problem(1, "", "file.no_rows")),
        (b"\xff\xfe\x00", Problem(1, "", "file.not_text")),
        (_file(GOOD).replace("姓名".encode(), "名字".encode()), Problem(1, "姓名", "header.expected_here")),
        (_file().strip() + b",more\r\n", Problem(1, "", "header.too_many")),
        (_file() + b"1,2\r\n", Problem(2, "", "row.wrong_number_of_cells")),
        (_file() + b'"1"2,', Problem(2, "", "row.quotes")),
    ],
    ids=["empty", "header only", "not text", "renamed column", "column too many", "short row", "stray quote"],
)
def test_a_file_of_another_form_is_refused(data: bytes, problem: Problem) -> None:
    found = pool_import.read(data)
    assert found.accepted == ()
    assert found.problems == (problem,)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_an_import_is_either_whole_or_a_list_of_problems(data: bytes) -> None:
    for tried in (data, _file() + data):
        found = pool_import.read(tried)
        assert bool(found.accepted) != bool(found.problems)


@given(st.text(max_size=40), st.sampled_from([cells.id_number, cells.phone, cells.history, cells.categories]))
def test_a_refused_cell_never_repeats_its_content(cell: str, parse: Callable[[str], object]) -> None:
    with pytest.raises(CellRefused) as refused:
        parse(f"!{cell}")
    assert str(refused.value) == refused.value.code
    assert refused.value.code in {
        "cell.not_an_id_number",
        "cell.not_a_phone",
        "cell.not_an_employment",
        "cell.not_a_code",
        "cell.not_a_date",
        "cell.stray_characters",
    }


def test_the_demo_s_pool_is_imported_whole_and_the_spoilt_one_not_at_all() -> None:
    rows = demo_pool.rows(date(2026, 11, 25))
    assert len(pool_import.read(demo_pool.to_csv(rows)).accepted) == demo_pool.SIZE
    spoilt, faults = demo_pool.broken(rows)
    found = pool_import.read(demo_pool.to_csv(spoilt))
    assert found.accepted == ()
    assert tuple((problem.line, problem.column) for problem in found.problems) == faults

"""A form becomes the same value as JSON: lists, lines, rows, one spelling of letters, and files."""

import unicodedata
from io import BytesIO

import pytest
from msgspec import Struct

from tests.web.conftest import Caller
from web.parsing import normal, shaped
from web.wrong_field import UnreadableBody


class Row(Struct, forbid_unknown_fields=True):
    """One row."""

    name: str
    count: int = 0


class Sheet(Struct, forbid_unknown_fields=True):
    """Everything a form can hold."""

    title: str = ""
    seats: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


def test_a_list_comes_as_repeated_fields_or_as_lines() -> None:
    assert shaped([("seats", "V1-01"), ("seats", "V1-02")], Sheet) == {"seats": ["V1-01", "V1-02"]}
    assert shaped([("seats", " V1-01\r\n\r\nV1-02 ")], Sheet) == {"seats": ["V1-01", "V1-02"]}


def test_rows_come_in_the_order_of_their_numbers_and_empty_ones_not_at_all() -> None:
    pairs = [
        ("rows.10.name", "b"),
        ("rows.2.name", "a"),
        ("rows.2.count", "3"),
        ("rows.3.name", ""),
        ("rows.3.count", ""),
    ]
    assert shaped(list(pairs), Sheet) == {"rows": [{"name": "a", "count": "3"}, {"name": "b"}]}


def test_a_dotted_name_is_a_row_only_where_rows_are_wanted() -> None:
    assert shaped([("title.0.name", "x")], Sheet) == {"title.0.name": "x"}


def test_one_value_that_came_twice_is_refused() -> None:
    with pytest.raises(UnreadableBody):
        shaped([("title", "a"), ("title", "b")], Sheet)


def test_text_is_kept_in_one_spelling_whatever_the_keyboard_sent() -> None:
    typed = unicodedata.normalize("NFD", "é")
    assert len(typed) == 2
    assert normal({"rows": [{"name": typed}], typed: 1}) == {"rows": [{"name": "é"}], "é": 1}


async def test_a_file_larger_than_its_route_takes_is_refused(script: Caller) -> None:
    await script.log_in("pool-owner")
    answer = await script.client.post(
        "/pool",
        data=BytesIO(bytes(33 * 1024 * 1024)),
        headers=script.headers({"Content-Type": "multipart/form-data; boundary=a"}),
    )
    assert answer.status == 413

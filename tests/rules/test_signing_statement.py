"""Statements: their bytes are written one way, and nothing that is not a statement passes for one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from signing.canonical import NotCanonical, canonical, parse
from signing.statement import Statement, StatementRefused, entry, parse_statement

AT = datetime(2026, 11, 23, 1, 2, 3, 456000, tzinfo=UTC)
SALT = bytes(range(16))
BYTES = (
    b'{"at":"2026-11-23T01:02:03.456Z","body":{"bid":"b1","member":"m3","score":"91.50"},"case":"E-2026-0001",'
    b'"kind":"sheet.signed","salt":"AAECAwQFBgcICQoLDA0ODw","v":"bid/1"}'
)


STATEMENT = Statement("sheet.signed", "E-2026-0001", AT, SALT, {"score": "91.50", "member": "m3", "bid": "b1"})


def test_a_statement_is_the_bytes_of_the_manual_and_its_entry_their_digest() -> None:
    assert STATEMENT.to_bytes() == BYTES
    assert STATEMENT.entry == entry(BYTES) == sha256(BYTES).digest()
    assert parse_statement(BYTES) == STATEMENT


def test_a_time_keeps_its_three_digits_of_milliseconds() -> None:
    statement = replace(STATEMENT, at=datetime(999, 1, 2, tzinfo=UTC))
    assert b'"at":"0999-01-02T00:00:00.000Z"' in statement.to_bytes()
    assert parse_statement(statement.to_bytes()) == statement


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "sheet"},
        {"kind": "Sheet.signed"},
        {"kind": "sheet.signed\n"},
        {"case": ""},
        {"case": "a/b"},
        {"case": "一"},
        {"at": AT.replace(tzinfo=None)},
        {"at": AT.astimezone(timezone(timedelta(hours=8)))},
        {"at": AT.replace(microsecond=1)},
        {"salt": bytes(15)},
    ],
)
def test_a_field_outside_its_form_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(StatementRefused) as refusal:
        replace(STATEMENT, **change)
    (field,) = change
    assert (refusal.value.code, refusal.value.field) == ("statement-refused", field)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"v": "bid/2"}, "keys"),
        ({"prev": "00"}, "keys"),
        ({"body": []}, "body"),
        ({"at": "2026-11-23T01:02:03Z"}, "at"),
        ({"at": "2026-13-23T01:02:03.456Z"}, "at"),
        ({"at": "2026-11-23T09:02:03.456+08:00"}, "at"),
        ({"at": 1}, "at"),
        ({"kind": None}, "kind"),
        ({"salt": "AAECAwQFBgcICQoLDA0OD"}, "salt"),
        ({"salt": "AAECAwQFBgcICQoLDA0ODw=="}, "salt"),
        ({"salt": "AAECAwQFBgcICQoLDA0ODx"}, "salt"),
        ({"salt": "AAECAwQFBgcICQoLDA0OD+"}, "salt"),
        ({"salt": "文"}, "salt"),
    ],
)
def test_bytes_that_are_no_statement_are_refused_by_the_part(changes: dict[str, Any], field: str) -> None:
    value = parse(BYTES)
    assert isinstance(value, dict)
    with pytest.raises(StatementRefused) as refusal:
        parse_statement(canonical(value | changes))
    assert refusal.value.field == field


@pytest.mark.parametrize("data", [BYTES + b"\n", BYTES.replace(b":{", b": {"), b"[]"[:1]])
def test_bytes_that_are_not_canonical_are_no_statement(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse_statement(data)


def test_a_list_is_no_statement() -> None:
    with pytest.raises(StatementRefused):
        parse_statement(b"[]")

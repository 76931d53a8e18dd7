"""Codes that second screens show: one a screen, short, replaced before it dies, bounded in number."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.screens import CODE_LIFE, MOST_WAITING, RENEWED_AFTER, ScreenCodeRefused, ScreenCodes

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_a_screen_shows_one_code_until_it_is_renewed_and_either_holds_meanwhile() -> None:
    codes = ScreenCodes()
    assert codes.shown("one", NOW) is None
    first = codes.make("one", b"\x00\x01\x0a\x10\x1f\x12", NOW)
    assert first == "01A-GZJ"
    assert codes.shown("one", NOW + RENEWED_AFTER - timedelta(seconds=1)) == first
    assert codes.shown("one", NOW + RENEWED_AFTER) is None
    assert codes.make("one", b"\x01" * 6, NOW + RENEWED_AFTER) == "111-111"
    with pytest.raises(ScreenCodeRefused):
        codes.spend("000-000", NOW)
    assert codes.spend("o1a gzj", NOW + CODE_LIFE - timedelta(seconds=1)) == "one"


def test_whoever_is_paired_by_one_code_is_not_paired_once_more_by_another_that_it_showed() -> None:
    codes = ScreenCodes()
    former = codes.make("one", bytes(6), NOW)
    newer = codes.make("one", b"\x01" * 6, NOW + RENEWED_AFTER)
    others = codes.make("two", b"\x02" * 6, NOW)
    assert codes.spend(newer, NOW + RENEWED_AFTER) == "one"
    assert codes.shown("one", NOW + RENEWED_AFTER) is None
    with pytest.raises(ScreenCodeRefused):
        codes.spend(former, NOW + RENEWED_AFTER)
    assert codes.spend(others, NOW + RENEWED_AFTER) == "two"


def test_a_code_is_used_once_and_not_for_longer_than_its_life() -> None:
    codes = ScreenCodes()
    code = codes.make("one", bytes(6), NOW)
    with pytest.raises(ScreenCodeRefused):
        codes.spend(code, NOW + CODE_LIFE)
    with pytest.raises(ScreenCodeRefused):
        codes.spend(code, NOW)


def test_who_asks_for_codes_without_end_pushes_out_the_oldest() -> None:
    codes = ScreenCodes()
    for number in range(MOST_WAITING + 1):
        codes.make(str(number), bytes([*((number >> 5 * at) & 31 for at in range(3)), 0, 0, 0]), NOW)
    with pytest.raises(ScreenCodeRefused):
        codes.spend("000-000", NOW)
    assert codes.spend("100-000", NOW) == "1"

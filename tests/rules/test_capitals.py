"""Sums in capital numerals: the rule's own examples, the hard places, and back again by a second reading."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.capitals import NotAnAmount, in_capitals


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10.00", "壹拾元整"),
        ("10.05", "壹拾元零伍分"),
        ("1001.01", "壹仟零壹元零壹分"),
        ("10000", "壹万元整"),
        ("10001", "壹万零壹元整"),
        ("100100.00", "壹拾万零壹佰元整"),
        ("1000000", "壹佰万元整"),
        ("9512300.00", "玖佰伍拾壹万贰仟叁佰元整"),
        ("5480000.00", "伍佰肆拾捌万元整"),
        ("100000000", "壹亿元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100005000", "壹亿零伍仟元整"),
        ("1010000000", "壹拾亿壹仟万元整"),
        ("1000000000000.01", "壹万亿元零壹分"),
        ("-200", "负贰佰元整"),
    ],
)
def test_a_sum_is_written_as_the_rule_writes_it(figure: str, words: str) -> None:
    assert in_capitals(Decimal(figure)) == words


@pytest.mark.parametrize("figure", ["0.001", "1E16"])
def test_what_is_no_sum_in_fen_is_refused(figure: str) -> None:
    with pytest.raises(NotAnAmount):
        in_capitals(Decimal(figure))


@given(st.integers(0, 10**18 - 1))
def test_the_words_read_back_give_the_sum(fen: int) -> None:
    assert read_back(in_capitals(Decimal(fen) / 100)) == fen


def read_back(words: str) -> int:
    """The fen of a sum in capitals, read from left to right."""
    digits, places = "零壹贰叁肆伍陆柒捌玖", {"拾": 10, "佰": 100, "仟": 1000}
    fen, total, section, digit = 0, 0, 0, 0
    for sign in words.removesuffix("整"):
        if sign in digits:
            digit = digits.index(sign)
        elif sign in places:
            section, digit = section + digit * places[sign], 0
        elif sign in "万亿":
            high, size = section + digit, 10**4 if sign == "万" else 10**8
            total = total + high * size if sign == "万" else (total + high) * size
            section, digit = 0, 0
        elif sign == "元":
            fen, section, digit = (total + section + digit) * 100, 0, 0
        else:
            fen, digit = fen + digit * (10 if sign == "角" else 1), 0
    return fen

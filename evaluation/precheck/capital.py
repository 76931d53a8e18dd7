"""Amounts in capital figures (大写金额) as numbers: 玖佰伍拾壹万贰仟叁佰元整 is 9512300.00."""

import re
from decimal import Decimal
from typing import Final

_DIGITS: Final = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")} | {"〇": 0}
_UNITS: Final = {"拾": 10, "佰": 100, "仟": 1000}
_GROUPS: Final = {"万": 10**4, "亿": 10**8}
_AMOUNT: Final = re.compile(r"(?:人民币)?(?P<yuan>[^元圆角分整正]*)[元圆](?:(?P<jiao>.)角)?零?(?:(?P<fen>.)分)?[整正]?")


class NotAnAmount(ValueError):
    """No amount in capital figures."""

    code = "capital.not_an_amount"


def amount_of(words: str) -> Decimal:
    """The amount in yuan, with two decimals. Raises `NotAnAmount`."""
    found = _AMOUNT.fullmatch(re.sub(r"\s", "", words))
    if found is None or not found["yuan"]:
        raise NotAnAmount
    cents = 10 * _digit(found["jiao"]) + _digit(found["fen"])
    return Decimal(_whole(found["yuan"]) * 100 + cents).scaleb(-2)


def _digit(word: str | None) -> int:
    if word is None:
        return 0
    if word not in _DIGITS:
        raise NotAnAmount
    return _DIGITS[word]


def _whole(words: str) -> int:
    """Groups of four digits, from the highest: what stands before 亿 counts whole, 万 groups included."""
    total, group, digit = 0, 0, 0
    for word in words:
        if word in _DIGITS:
            digit = _DIGITS[word]
        elif word in _UNITS:
            group, digit = group + (digit or 1) * _UNITS[word], 0
        elif word == "亿":
            total, group, digit = (total + group + digit) * _GROUPS[word], 0, 0
        elif word in _GROUPS:
            total, group, digit = total + (group + digit) * _GROUPS[word], 0, 0
        else:
            raise NotAnAmount
    return total + group + digit

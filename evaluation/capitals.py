"""Sums of money in the capital numerals of cheques and contracts (人民币大写), to the fen; no figure is rounded here.

Spelled as annex 1 of 支付结算办法 (正确填写票据和结算凭证的基本规定) has it. Where that allows two spellings, one is
taken: after a 万 that ends in nought no 零 is written, after a 元 that does, one is. `capitals.json` has the signs.
"""

import json
from decimal import Decimal
from importlib import resources
from typing import Any, Final

_SIGNS: Final[dict[str, Any]] = json.loads(resources.files("evaluation").joinpath("capitals.json").read_bytes())
_DIGITS: Final[str] = _SIGNS["digits"]
_NOUGHT: Final[str] = _DIGITS[0]
_GROUPS: Final = ((10**8, _SIGNS["hundred_million"]), (10**4, _SIGNS["ten_thousand"]))
_FEN: Final = Decimal(100)
_MOST: Final = 10**16


class NotAnAmount(ValueError):
    """Not a whole number of fen, or ten thousand billion (一亿亿) yuan and more."""

    code = "amount.not_in_fen"


def in_capitals(yuan: Decimal) -> str:
    """`Decimal("107000.53")` as 壹拾万柒仟元零伍角叁分. Raises `NotAnAmount`."""
    fen = yuan * _FEN
    if fen != fen.to_integral_value() or abs(yuan) >= _MOST:
        raise NotAnAmount(yuan)
    whole, small = divmod(abs(int(fen)), 100)
    written = _whole(whole) if whole else "" if small else _NOUGHT
    written += _SIGNS["yuan"] if written else ""
    if small:
        written += (_NOUGHT if whole and 0 in {small // 10, whole % 10} else "") + _small(small)
    return (_SIGNS["minus"] if fen < 0 else "") + written + ("" if small % 10 else _SIGNS["whole"])


def _whole(number: int) -> str:
    for size, name in _GROUPS:
        high, low = divmod(number, size)
        if high:
            return f"{_whole(high)}{name}" + ((_NOUGHT if low < size // 10 else "") + _whole(low) if low else "")
    written, skipped = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            written += (_NOUGHT if skipped and written else "") + _DIGITS[digit] + _SIGNS["places"][place]
        skipped = not digit
    return written


def _small(fen: int) -> str:
    tens, ones = divmod(fen, 10)
    return (_DIGITS[tens] + _SIGNS["jiao"] if tens else "") + (_DIGITS[ones] + _SIGNS["fen"] if ones else "")

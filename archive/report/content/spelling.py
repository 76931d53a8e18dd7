"""How values are spelled on paper and screen: times in Beijing, money in groups, digests in eights, seconds."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from archive.report.content.blocks import DASH
from evaluation.capitals import NotAnAmount, in_capitals

_BEIJING: Final = timezone(timedelta(hours=8))


def _local(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(_BEIJING)


def moment(instant: str) -> str:
    """`2026-11-23T11:20:00Z` as `2026-11-23 19:20:00`."""
    return f"{_local(instant):%Y-%m-%d %H:%M:%S}" if instant else DASH


def clock(instant: str) -> str:
    """The time of day alone."""
    return f"{_local(instant):%H:%M:%S}" if instant else DASH


def day(instant: str, pattern: str) -> str:
    """A date in the words of a template: `{year}`, `{month}`, `{day}` without leading noughts."""
    at = _local(instant)
    return pattern.format(year=at.year, month=at.month, day=at.day)


def money(figure: str) -> str:
    """`9512300.00` as `9,512,300.00`."""
    if not figure:
        return DASH
    sign, digits = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{part}"


def in_words(figure: str) -> str:
    """A sum in capital numerals; a dash where there is none, or one that is not in whole fen."""
    try:
        return in_capitals(Decimal(figure)) if figure else DASH
    except NotAnAmount:
        return DASH


def digest(hex_digits: str) -> str:
    """A digest in groups of eight, so that it breaks at a space and can be compared by eye."""
    return " ".join(hex_digits[at : at + 8] for at in range(0, len(hex_digits), 8)) or DASH


def dash(text: str) -> str:
    """The text, or a dash for nothing."""
    return text or DASH

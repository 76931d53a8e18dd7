"""Which characters a paper may carry: decided first, because one uncovered character fails a whole PDF/A file.

Pure: the font's coverage comes in as ranges (`archive.report.font.coverage`).
"""

import bisect
import unicodedata
from collections.abc import Iterator, Sequence

from archive.report.reading import ReportRefused

FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def check_text(text: str, path: str, covered: Sequence[tuple[int, int]]) -> None:
    """Refuse `text` unless the font can show each character and none of them steers, hides or stands for private use.

    `covered` holds closed code point ranges, sorted and disjoint. Raises `ReportRefused`: `report.character.category`,
    `report.character.uncovered` (both name the character) or `report.text.not_nfc`.
    """
    for char in text:
        if char == "\n":
            continue
        category = unicodedata.category(char)
        name = f"U+{ord(char):04X}"
        if category in FORBIDDEN_CATEGORIES:
            raise ReportRefused("report.character.category", path, f"{name} has category {category}")
        if not is_covered(char, covered):
            raise ReportRefused("report.character.uncovered", path, f"{name} {char} is not in the report font")
    if not unicodedata.is_normalized("NFC", text):
        raise ReportRefused("report.text.not_nfc", path, "text is not in Unicode normal form C")


def is_covered(char: str, covered: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the sorted ranges holds the character."""
    at = bisect.bisect_right(covered, (ord(char), 0x110000)) - 1
    return at >= 0 and covered[at][0] <= ord(char) <= covered[at][1]


def check_value(value: object, covered: Sequence[tuple[int, int]]) -> None:
    """`check_text` for every string of a JSON value, each named by its path."""
    for text, path in strings(value, "$"):
        check_text(text, path, covered)


def strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every string of a JSON value with its path, member names left out."""
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from strings(each, f"{path}[{n}]")
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from strings(each, f"{path}.{name}")

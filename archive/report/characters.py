"""Which characters a paper may carry: decided first, because one uncovered character fails a whole PDF/A file.

Pure: the font's coverage comes in as ranges (`archive.report.font.coverage`).
"""

import bisect
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set

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
    texts = list(strings(value, "$"))
    unfit = _unfit((text for text, _ in texts), covered)
    for text, path in texts:
        if not (unfit.isdisjoint(text) and unicodedata.is_normalized("NFC", text)):
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


def printable(text: str, covered: Sequence[tuple[int, int]]) -> str:
    """`text` in normal form C, each character that no paper may carry written as its code point: `〔U+1F600〕`.

    For texts that stand as they are, signed or found: a paper shows that they say something it cannot print.
    """
    return str(printable_value(text, covered))


def printable_value(value: object, covered: Sequence[tuple[int, int]]) -> object:
    """A JSON value with every string `printable`; member names stay."""
    return _spelled(value, _unfit((unicodedata.normalize("NFC", text) for text, _ in strings(value, "$")), covered))


def _spelled(value: object, unfit: Set[str]) -> object:
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        if unfit.isdisjoint(text):
            return text
        return "".join(f"〔U+{ord(char):04X}〕" if char in unfit else char for char in text)
    if isinstance(value, list):
        return [_spelled(each, unfit) for each in value]
    if isinstance(value, dict):
        return {name: _spelled(each, unfit) for name, each in value.items()}
    return value


def _unfit(texts: Iterable[str], covered: Sequence[tuple[int, int]]) -> Set[str]:
    """What no paper may carry among all characters of these texts: a thousand texts are made of a few hundred."""
    return {char for char in set("").union(*texts) if char != "\n" and not _is_allowed(char, covered)}


def _is_allowed(char: str, covered: Sequence[tuple[int, int]]) -> bool:
    return unicodedata.category(char) not in FORBIDDEN_CATEGORIES and is_covered(char, covered)

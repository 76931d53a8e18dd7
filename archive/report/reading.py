"""Reads a JSON value into the frozen dataclasses of a paper and back; every field has exactly one allowed spelling.

It must never guess: an unknown or missing member, a float, a spelling outside the pattern is refused with its path.
"""

import re
import typing
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

T = TypeVar("T")


class ReportRefused(Exception):
    """The data of a paper is not fit to print. `code` is stable, `path` is a JSON path such as `$.members[2].name`."""

    def __init__(self, code: str, path: str, detail: str) -> None:
        super().__init__(f"{code} at {path}: {detail}")
        self.code = code
        self.path = path
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Spelling:
    """The spelling a string field allows: a whole-match pattern and, where a pattern cannot tell, a further test."""

    name: str
    pattern: re.Pattern[str]
    test: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The closed range an integer field allows."""

    name: str
    low: int
    high: int


def _is_real_instant(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


_NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?"
_CODE = r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"  # signing.canonical.short_code
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

Line = Annotated[str, Spelling("line", re.compile(r"[^\n]{1,300}"))]
MaybeLine = Annotated[str, Spelling("line or empty", re.compile(r"[^\n]{0,300}"))]
Text = Annotated[str, Spelling("text", re.compile(r"[\s\S]{1,20000}"))]
MaybeText = Annotated[str, Spelling("text or empty", re.compile(r"[\s\S]{0,20000}"))]
Ref = Annotated[str, Spelling("reference", re.compile(r"[^\s]{1,40}"))]
Number = Annotated[str, Spelling("decimal", re.compile(_NUMBER))]
MaybeNumber = Annotated[str, Spelling("decimal or empty", re.compile(rf"(?:{_NUMBER})?"))]
Instant = Annotated[str, Spelling("UTC instant", re.compile(_INSTANT), _is_real_instant)]
MaybeInstant = Annotated[
    str, Spelling("UTC instant or empty", re.compile(rf"(?:{_INSTANT})?"), lambda s: not s or _is_real_instant(s))
]
Sha256 = Annotated[str, Spelling("sha256", re.compile(r"[0-9a-f]{64}"))]
MaybeSha256 = Annotated[str, Spelling("sha256 or empty", re.compile(r"(?:[0-9a-f]{64})?"))]
Code = Annotated[str, Spelling("short code", re.compile(_CODE))]
Count = Annotated[int, Span("count", 0, 10**12)]


def read(shape: type[T], value: object) -> T:
    """The value as an instance of `shape`. Raises `ReportRefused` (`report.type`, `.missing` …)."""
    return typing.cast(T, _read(shape, value, "$"))


def _read(shape: Any, value: object, path: str) -> object:  # noqa: ANN401 - a type hint may be any form
    if is_dataclass(shape) and isinstance(shape, type):
        return _read_object(shape, value, path)
    origin = typing.get_origin(shape)
    if origin is tuple:
        if not isinstance(value, list):
            raise ReportRefused("report.type", path, "an array is wanted")
        item = typing.get_args(shape)[0]
        return tuple(_read(item, each, f"{path}[{n}]") for n, each in enumerate(value))
    if origin is Literal:
        if not isinstance(value, str) or value not in typing.get_args(shape):
            raise ReportRefused("report.spelling", path, f"one of {', '.join(typing.get_args(shape))} is wanted")
        return value
    return _read_scalar(typing.get_args(shape)[1], value, path)


def _read_object(shape: type[Any], value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise ReportRefused("report.type", path, "an object is wanted")
    hints = _hints(shape)  # type: ignore[arg-type] # a class hashes as itself
    for name in value:
        if name not in hints:
            raise ReportRefused("report.unknown", f"{path}.{name}", "no such member")
    for name in hints:
        if name not in value:
            raise ReportRefused("report.missing", f"{path}.{name}", "member is missing")
    return shape(**{name: _read(hint, value[name], f"{path}.{name}") for name, hint in hints.items()})


@cache
def _hints(shape: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(shape, include_extras=True)


def _read_scalar(rule: Spelling | Span, value: object, path: str) -> object:
    if isinstance(rule, Span):
        if type(value) is not int:
            raise ReportRefused("report.type", path, "an integer is wanted")
        if not rule.low <= value <= rule.high:
            raise ReportRefused("report.range", path, f"outside {rule.low}…{rule.high}")
        return value
    if not isinstance(value, str):
        raise ReportRefused("report.type", path, "a string is wanted")
    if not rule.pattern.fullmatch(value) or (rule.test and not rule.test(value)):
        raise ReportRefused("report.spelling", path, f"not a {rule.name}")
    return value


def value_of(paper: object) -> Any:  # noqa: ANN401 - JSON values have no closed type
    """The JSON value of a dataclass instance: the inverse of `read`, without any check."""
    if isinstance(paper, tuple):
        return [value_of(each) for each in paper]
    if is_dataclass(paper) and not isinstance(paper, type):
        return {field.name: value_of(getattr(paper, field.name)) for field in fields(paper)}
    return paper

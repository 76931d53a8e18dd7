"""The manual of the papers, held against the shapes the code reads."""

import re
import typing
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, Literal

from archive.report.answers import AnswersData
from archive.report.data import ReportData
from archive.report.opinion import OpinionData


def test_the_manual_lists_every_field_with_its_kind() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    rows = {
        (part, field): kind
        for part, field, kind in re.findall(r"^\| (\w+) \| `(\w+)` \| (.+?) \| .+ \|$", manual, re.M)
    }
    papers = (ReportData, AnswersData, OpinionData)
    wanted = {(shape.__name__, name): kind for paper in papers for shape, name, kind in _fields_of(paper)}
    assert rows == wanted


def _fields_of(shape: type[Any]) -> list[tuple[type[Any], str, str]]:
    """(dataclass, field, kind) for `shape` and all it holds, each dataclass once: what the manual must list."""
    seen: list[type[Any]] = []
    rows: list[tuple[type[Any], str, str]] = []
    waiting = [shape]
    while waiting:
        each = waiting.pop(0)
        if each in seen:
            continue
        seen.append(each)
        for name, hint in typing.get_type_hints(each, include_extras=True).items():
            inner = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else hint
            if is_dataclass(inner) and isinstance(inner, type):
                waiting.append(inner)
            rows.append((each, name, _kind_of(hint)))
    return rows


def _kind_of(hint: Any) -> str:  # noqa: ANN401 - a type hint may be any form
    """The name the manual uses for a field's kind: `line`, `decimal`, `array of Member`, `one of a · b`."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return f"array of {_kind_of(typing.get_args(hint)[0])}"
    if origin is Literal:
        return "one of " + " · ".join(f"`{each}`" for each in typing.get_args(hint))
    if is_dataclass(hint) and isinstance(hint, type):
        return hint.__name__
    rule = typing.get_args(hint)[1]
    return str(rule.name)

"""A result written out: as plain JSON for the record, and as lines a person checks by hand, in Chinese or English.

Sentences stand in `wording.json`, one for each kind of step; nothing is reckoned here.
"""

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from evaluation.tally.model import Row, Step, TallyCase, TallyResult, Value

RESULT_FORMAT: Final = "bid-tally-result/1"
LANGUAGES: Final = ("zh-CN", "en")
_WORD: Final = "word "
"""Before a code of the document that stands in a sentence: a ground, a line, a rule for ties."""
_FIGURE: Final = re.compile(r"(-?)([0-9]{5,})((?:\.[0-9]+)?)")


def result_document(result: TallyResult) -> dict[str, Any]:
    """The result as JSON, decimals as strings: what a `tally.computed` statement digests."""
    return {
        "format": RESULT_FORMAT,
        "base": _text(result.base),
        **({} if result.asked is None else {"asked": list(result.asked)}),
        "rows": [_row(row) for row in result.rows],
        "candidates": list(result.candidates),
        "steps": [
            {"kind": line.kind, "bid": line.bid, "values": {name: _plain(value) for name, value in line.values}}
            for line in result.steps
        ],
    }


def lines(
    case: TallyCase, result: TallyResult, language: str = "zh-CN", names: Mapping[str, str] | None = None
) -> list[str]:
    """The tally as lines of text; `names` may give a name for the id of a member, bid or group."""
    wording = wording_of(language)
    words = {key.removeprefix(_WORD): text for key, text in wording.items() if key.startswith(_WORD)}
    named = {**words, **(names or {})}
    written = [wording["heading"].format(case=case.name)]
    written += [sentence(line, wording, named) for line in result.steps]
    written.append(wording["table"])
    written += [_table_row(row, wording, named) for row in result.rows]
    return written


def sentence(line: Step, wording: Mapping[str, str], names: Mapping[str, str]) -> str:
    """One step in words."""
    values = {name: _said(value, wording, names) for name, value in line.values}
    kind = "share_of_limit" if line.kind == "share" and "of_limit" in values else line.kind
    return wording[kind].format(bid=names.get(line.bid, line.bid), **values)


def wording_of(language: str) -> dict[str, str]:
    """The sentences of one of `LANGUAGES`, by kind of step."""
    text = resources.files("evaluation.tally").joinpath("wording.json").read_text(encoding="utf-8")
    wording: dict[str, str] = json.loads(text)[language]
    return wording


def _table_row(row: Row, wording: Mapping[str, str], names: Mapping[str, str]) -> str:
    groups = tuple(f"{group}={score}" for group, score in row.groups)
    fields: dict[str, Value] = {
        "rank": row.rank,
        "bid": row.bid,
        "price": str(row.price),
        "evaluated": str(row.evaluated),
        "price_score": str(row.price_score),
        "groups": groups,
        "total": str(row.total),
    }
    template = wording["row_priced" if row.total is None else "row_scored"]
    return template.format(**{name: _said(value, wording, names) for name, value in fields.items()})


def _said(value: Value, wording: Mapping[str, str], names: Mapping[str, str]) -> str:
    if isinstance(value, tuple):
        return wording["separator"].join(_pair(part, names) for part in value) or wording["none"]
    return _grouped(names.get(str(value), str(value)))


def _pair(part: str, names: Mapping[str, str]) -> str:
    name, equals, figure = part.partition("=")
    return f"{names.get(name, name)} {_grouped(figure)}" if equals else names.get(part, part)


def _grouped(text: str) -> str:
    """Thousands apart, as people read money: 9213323.00 → 9,213,323.00."""
    match = _FIGURE.fullmatch(text)
    return f"{match[1]}{int(match[2]):,}{match[3]}" if match else text


def _row(row: Row) -> dict[str, Any]:
    return {
        "bid": row.bid,
        "rank": row.rank,
        "price": str(row.price),
        "evaluated": str(row.evaluated),
        "deviation": row.deviation,
        "price_score": _text(row.price_score),
        "groups": {group: str(score) for group, score in row.groups},
        "total": _text(row.total),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: Value) -> str | int | list[str]:
    return list(value) if isinstance(value, tuple) else value

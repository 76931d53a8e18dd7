"""Strict reading of JSON documents: every key is asked for by name, and what nobody asked for is refused.

A refusal carries the fault in a word and the JSON path of the value that is wrong, never a sentence.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn

from evaluation.tally.figures import SPELLING

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


class DocumentRefused(ValueError):
    """A document that does not say what its format demands: `fault` in a word, `path` as in `$.bids[2].price`."""

    code = "document.refused"

    def __init__(self, fault: str, path: str) -> None:
        super().__init__(f"{fault} at {path}")
        self.fault = fault
        self.path = path


def load_json(text: str | bytes) -> object:
    """Parse JSON text; refuses floats (figures are decimal strings), repeated keys and what is not JSON."""
    try:
        loaded: object = json.loads(text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=pairs_once)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentRefused("not_json", "$") from error
    return loaded


def decimal_of(value: object, path: str) -> Decimal:
    """Read a decimal string such as `"9512300.00"`; a JSON number is refused, whole or not."""
    try:
        return _spelled(value)
    except (TypeError, ValueError) as error:
        raise DocumentRefused("not_a_decimal_string", path) from error


def decimals_in(fields: Mapping[str, Any], names: Sequence[str], path: str) -> list[Decimal]:
    """An object's decimals under these names; a sheet has many, so paths are spelled only once one is refused."""
    try:
        return list(map(_spelled, map(fields.__getitem__, names)))
    except (TypeError, ValueError):
        return [decimal_of(fields[name], f"{path}.{name}") for name in names]


@lru_cache(maxsize=4096)
def _spelled(text: Any) -> Decimal:  # noqa: ANN401 - whatever stands in the document
    """A decimal in its one spelling. Scores come from a short list of values, thousands of times each."""
    if not SPELLING.fullmatch(text):
        raise ValueError
    return Decimal(text)


class Reader:
    """One JSON object and where it stands. Ask for each key, then call `end()` to refuse the keys left over."""

    __slots__ = ("_asked", "_fields", "path")

    def __init__(self, value: object, path: str = "$") -> None:
        if not isinstance(value, dict):
            raise DocumentRefused("not_an_object", path)
        self._fields: dict[str, Any] = value
        self._asked: set[str] = set()
        self.path = path

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def refuse(self, fault: str, key: str) -> NoReturn:
        """Refuse the value of `key`."""
        raise DocumentRefused(fault, f"{self.path}.{key}")

    def raw(self, key: str) -> object:
        """Any value, which must be there."""
        self._asked.add(key)
        if key not in self._fields:
            self.refuse("missing", key)
        value: object = self._fields[key]
        return value

    def text(self, key: str) -> str:
        """A string with something in it."""
        value = self.raw(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse("not_a_text", key)
        return value

    def spelled(self, key: str, pattern: re.Pattern[str], fault: str = "misspelled") -> str:
        """A string of which a pattern takes the whole."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            self.refuse(fault, key)
        return value

    def instant(self, key: str) -> datetime:
        """A UTC instant as `2026-11-20T00:30:00Z`."""
        try:
            return datetime.fromisoformat(self.spelled(key, _INSTANT, "not_an_instant"))
        except DocumentRefused:
            raise
        except ValueError:
            self.refuse("not_an_instant", key)

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """One of the words the format allows."""
        value = self.text(key)
        if value not in allowed:
            self.refuse("unknown_word", key)
        return value

    def number(self, key: str, low: Decimal | None = None, high: Decimal | None = None) -> Decimal:
        """A decimal string within its bounds."""
        value = decimal_of(self.raw(key), f"{self.path}.{key}")
        if (low is not None and value < low) or (high is not None and value > high):
            self.refuse("out_of_range", key)
        return value

    def optional_number(self, key: str) -> Decimal | None:
        """A decimal string, or null, or no such key."""
        self._asked.add(key)
        return None if self._fields.get(key) is None else self.number(key)

    def whole(self, key: str, low: int, high: int) -> int:
        """A JSON integer within its bounds."""
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse("not_a_whole_number", key)
        if not low <= value <= high:
            self.refuse("out_of_range", key)
        return value

    def optional_whole(self, key: str, low: int, high: int) -> int | None:
        """A JSON integer, or null."""
        return None if self.raw(key) is None else self.whole(key, low, high)

    def fact(self, key: str) -> bool:
        """True or false."""
        value = self.raw(key)
        if not isinstance(value, bool):
            self.refuse("not_true_or_false", key)
        return value

    def optional_text(self, key: str) -> str:
        """A string with something in it; empty for null, or no such key."""
        self._asked.add(key)
        return "" if self._fields.get(key) is None else self.text(key)

    def over(self, value: object, path: str) -> "Reader":
        """A reader of the same kind for another object of the same document."""
        return Reader(value, path)

    def part(self, key: str) -> "Reader":
        """An object inside this one."""
        return self.over(self.raw(key), f"{self.path}.{key}")

    def rows(self, key: str) -> list["Reader"]:
        """A list of objects."""
        return [self.over(row, f"{self.path}.{key}[{index}]") for index, row in enumerate(self._list(key))]

    def optional_rows(self, key: str) -> list["Reader"]:
        """A list of objects, or no such key."""
        self._asked.add(key)
        return self.rows(key) if key in self._fields else []

    def words(self, key: str) -> tuple[str, ...]:
        """A list of different strings."""
        values = self._list(key)
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value:
                self.refuse("not_a_text", f"{key}[{index}]")
        different(values, f"{self.path}.{key}")
        return tuple(values)

    def decimals(self, key: str) -> tuple[tuple[str, Decimal], ...]:
        """An object of decimal strings, in the order of its keys."""
        inner = self.part(key)
        return tuple((name, inner.number(name)) for name in sorted(inner._fields))

    def scores(self, key: str) -> tuple[tuple[str, Decimal], ...]:
        """The same of a sheet: of tens of thousands of figures the path is spelled only of one that is refused."""
        fields = self.part(key)._fields
        names = sorted(fields)
        return tuple(zip(names, decimals_in(fields, names, f"{self.path}.{key}"), strict=True))

    def texts(self, key: str) -> tuple[tuple[str, str], ...]:
        """An object of strings, in the order of its keys."""
        inner = self.part(key)
        return tuple((name, inner.text(name)) for name in sorted(inner._fields))

    def names(self) -> tuple[str, ...]:
        """The keys of this object, in order."""
        return tuple(sorted(self._fields))

    def end(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._fields:
            if key not in self._asked:
                self.refuse("unknown_key", key)

    def _list(self, key: str) -> list[Any]:
        value = self.raw(key)
        if not isinstance(value, list):
            self.refuse("not_a_list", key)
        return value


def different(names: Iterable[str], path: str) -> None:
    """Refuse a name that comes twice."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise DocumentRefused("repeated", f"{path}[{index}]")
        seen.add(name)


def _no_float(_: str) -> NoReturn:
    raise DocumentRefused("float", "$")


def pairs_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; refuses a key that comes twice."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise DocumentRefused("repeated_key", "$")
    return fields

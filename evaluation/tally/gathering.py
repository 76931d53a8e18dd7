"""Reading a document to its end although parts of it are wrong, so that a person hears of every fault at once.

The functions that read are the same ones; only the reader differs. Nothing that was read with a fault may be used.
"""

import json
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from evaluation.tally.reading import DocumentRefused, Reader, pairs_once

T = TypeVar("T")
_FIRST = datetime.min.replace(tzinfo=UTC)


class Gathering(Reader):
    """Goes on after a fault, so that one reading finds them all; what it then returned only stands in."""

    __slots__ = ("_found",)

    def __init__(self, value: object, path: str, found: dict[str, DocumentRefused]) -> None:
        self._found = found
        if not isinstance(value, dict):
            # Its parts are not missing one by one: the whole is.
            found.setdefault(path, DocumentRefused("not_an_object", path))
            value, self._found = {}, {}
        super().__init__(value, path)

    def over(self, value: object, path: str) -> Reader:
        """A reader that adds to the same list of faults."""
        return Gathering(value, path, self._found)

    def raw(self, key: str) -> object:
        """Any value; None stands in."""
        return self._or(None, lambda: super(Gathering, self).raw(key))

    def text(self, key: str) -> str:
        """A string; an empty one stands in."""
        return self._or("", lambda: super(Gathering, self).text(key))

    def spelled(self, key: str, pattern: re.Pattern[str], fault: str = "misspelled") -> str:
        """A string; an empty one stands in."""
        return self._or("", lambda: super(Gathering, self).spelled(key, pattern, fault))

    def instant(self, key: str) -> datetime:
        """An instant; the first one there is stands in."""
        return self._or(_FIRST, lambda: super(Gathering, self).instant(key))

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """A word; the first allowed one stands in."""
        return self._or(next(iter(allowed)), lambda: super(Gathering, self).choice(key, allowed))

    def number(self, key: str, low: Decimal | None = None, high: Decimal | None = None) -> Decimal:
        """A figure; the lowest stands in."""
        return self._or(low or Decimal(1), lambda: super(Gathering, self).number(key, low, high))

    def whole(self, key: str, low: int, high: int) -> int:
        """An integer; the lowest stands in."""
        return self._or(low, lambda: super(Gathering, self).whole(key, low, high))

    def fact(self, key: str) -> bool:
        """True or false; false stands in."""
        return self._or(False, lambda: super(Gathering, self).fact(key))

    def words(self, key: str) -> tuple[str, ...]:
        """Strings; none stand in."""
        nothing: tuple[str, ...] = ()
        return self._or(nothing, lambda: super(Gathering, self).words(key))

    def end(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.names():
            if key not in self._asked:
                self._or(None, lambda key=key: self.refuse("unknown_key", key))  # type: ignore[misc]

    def _list(self, key: str) -> list[Any]:
        nothing: list[Any] = []
        return self._or(nothing, lambda: super(Gathering, self)._list(key))

    def _or(self, stand_in: T, read: Callable[[], T]) -> T:
        try:
            return read()
        except DocumentRefused as fault:
            self._found.setdefault(fault.path, fault)
            return stand_in


def load_leniently(text: str | bytes) -> object:
    """Parse JSON text as `load_json` does, but leave a float to the reader, which knows the field it stands in."""
    try:
        loaded: object = json.loads(text, parse_constant=str, object_pairs_hook=pairs_once)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentRefused("not_json", "$") from error
    return loaded


def gather(value: object, read: Callable[[Reader], T], path: str = "$") -> tuple[T | None, tuple[DocumentRefused, ...]]:
    """Read a document and find every wrong field at once: what it says, or None and the faults in their order.

    What several fields say against each other is found when each of them is right by itself.
    """
    found: dict[str, DocumentRefused] = {}
    try:
        made = read(Gathering(value, path, found))
    except DocumentRefused as fault:
        return None, tuple(found.values()) or (fault,)
    return (None if found else made), tuple(found.values())

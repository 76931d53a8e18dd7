"""`python -m archive.verifier.rfc3797 RECORD.json`: a draw held elsewhere by RFC 3797 §4, drawn again.

A centre may hand in the record of a lot that another body drew by that rule; our own lots never use it (ADR 0202).
The record: `{"pool":[name, …],"selected":[name, …],"sources":[[number, …], …],"v":"rfc-3797"}`, pool and sources in the
order announced. Exit status 0: the same names in the same order; 1: others; 2: no such record. Standard library only.
"""

import json
import sys
from collections.abc import Sequence
from gettext import gettext as _
from hashlib import md5
from typing import Any

VERSION = "rfc-3797"
LARGEST_POOL = 65_535
AGREES, DIFFERS, UNREADABLE = range(3)


class NoRecord(Exception):
    """The value is no record of such a draw; the text says which part."""

    code = "foreign-draw.no-record"


def key_of(sources: Sequence[Sequence[int]]) -> bytes:
    """The sources as one text: numbers ascending, a full stop after each, a slash after each source."""
    return "".join("".join(f"{number}." for number in sorted(source)) + "/" for source in sources).encode("ascii")


def digest(key: bytes, index: int) -> bytes:
    """MD5 of the key between two copies of the index in two bytes."""
    place = index.to_bytes(2, "big")
    return md5(place + key + place, usedforsecurity=False).digest()


def drawn(size: int, sources: Sequence[Sequence[int]], count: int) -> list[int]:
    """Places in the pool, from 0, in the order of the draw: each digest modulo those still in it."""
    key, remaining = key_of(sources), list(range(size))
    return [remaining.pop(int.from_bytes(digest(key, index), "big") % len(remaining)) for index in range(count)]


def check(record: Any) -> str:  # noqa: ANN401  # any JSON
    """The first name that differs, as `3: stated / found`; nothing if all agree. Raises `NoRecord`."""
    if not isinstance(record, dict) or record.keys() != {"pool", "selected", "sources", "v"} or record["v"] != VERSION:
        raise NoRecord("v")
    pool, selected, sources = _names(record, "pool"), _names(record, "selected"), record["sources"]
    if not 0 < len(pool) <= LARGEST_POOL or len(set(pool)) != len(pool):
        raise NoRecord("pool")
    if not 0 < len(selected) <= len(pool):
        raise NoRecord("selected")
    if not isinstance(sources, list) or not sources or not all(map(_is_source, sources)):
        raise NoRecord("sources")
    found = [pool[place] for place in drawn(len(pool), sources, len(selected))]
    pairs = enumerate(zip(selected, found, strict=True), start=1)
    return next((f"{number}: {said} / {seen}" for number, (said, seen) in pairs if said != seen), "")


def _names(record: dict[str, Any], key: str) -> list[str]:
    names = record[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NoRecord(key)
    return names


def _is_source(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(number) is int and number >= 0 for number in value)


def main(arguments: list[str]) -> int:
    """Print the verdict; returns the exit status."""
    if len(arguments) != 1:
        print(_("用法：rfc3797 抽取记录.json"), file=sys.stderr)
        return UNREADABLE
    try:
        with open(arguments[0], "rb") as file:  # noqa: PTH123
            difference = check(json.load(file))
    except (OSError, ValueError, RecursionError, NoRecord) as unreadable:
        print(_("不是可核验的 RFC 3797 抽取记录：{}").format(unreadable), file=sys.stderr)
        return UNREADABLE
    print(_("结论：不一致，第 {}").format(difference) if difference else _("结论：重新抽取的结果与记录完全一致。"))
    return DIFFERS if difference else AGREES


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A frozen pool as text, for the auditor who opens it: one canonical JSON line per entry, in any order.

```
{"record":{"cats":["A08","B01"],"id":"E000","region":"440100","unit":"U00","w":1},"salt":"68656c6c6f…"}
```
"""

from collections.abc import Iterable
from typing import Any

from draw.pool import Entry, Record, seal
from draw.refusal import NotOneSpelling
from signing.canonical import NotCanonical, canonical, parse


def write(entries: Iterable[Entry]) -> bytes:
    """The file's bytes, one line per entry, each ended by a line feed."""
    return b"".join(_line(entry) + b"\n" for entry in entries)


def read(data: bytes) -> tuple[Entry, ...]:
    """The entries in these bytes. Refuses a line that `write` would have written differently, by its number."""
    return tuple(_entry(line, number) for number, line in enumerate(data.splitlines(), start=1))


def _line(entry: Entry) -> bytes:
    return canonical({"record": entry.record.to_json(), "salt": entry.salt.hex()})


def _entry(line: bytes, number: int) -> Entry:
    where = f"pool line {number}"
    try:
        stated: Any = parse(line)
        record = stated["record"]
        texts = [record["id"], record.get("region", ""), record.get("unit", ""), *record.get("cats", ())]
        if not isinstance(record.get("cats", []), list) or not all(isinstance(text, str) for text in texts):
            raise TypeError("no text")
        entry = seal(
            Record(
                id=record["id"],
                weight=record["w"],
                categories=tuple(record.get("cats", ())),
                region=record.get("region", ""),
                unit=record.get("unit", ""),
            ),
            bytes.fromhex(stated["salt"]),
        )
    except (NotCanonical, ValueError, TypeError, KeyError, AttributeError) as broken:
        raise NotOneSpelling(where, str(broken)) from broken
    if _line(entry) != line:
        raise NotOneSpelling(where, "a field that is not known, or a default written out")
    return entry

"""The frozen pool: each record with its salt becomes a hiding label, the labels become one Merkle root.

A label says nothing about its record until record and salt are opened (to the person concerned and to an auditor).

```
record = {"cats":["A08","B01"],"id":"E000","region":"440100","unit":"U00","w":1}       RFC 8785, empty keys left out
label  = SHA-256(0x00 ‖ salt ‖ record)       root = RFC 6962 over the labels in ascending order, as leaf hashes
```
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from draw.refusal import NotOneSpelling, PoolRefused
from signing.canonical import canonical
from signing.merkle import root_of_hashes

SALT_BYTES = 32
MAX_WEIGHT = 8


@dataclass(frozen=True, slots=True)
class Record:
    """What the lot may know of one candidate: never a name, a telephone number or an identity number.

    `weight` (1…8) is the number of tickets; a lot over venues or coefficients has `id` and `weight` alone.
    """

    id: str
    weight: int = 1
    categories: tuple[str, ...] = ()
    region: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            raise NotOneSpelling("record.id", "empty")
        if type(self.weight) is not int or not 1 <= self.weight <= MAX_WEIGHT:
            raise NotOneSpelling("record.w", str(self.weight))
        if list(self.categories) != sorted(set(self.categories)):
            raise NotOneSpelling("record.cats", "ascending, each once")

    def to_json(self) -> dict[str, Any]:
        """`{"cats","id","region","unit","w"}` without the keys that are empty."""
        stated: dict[str, Any] = {"id": self.id, "w": self.weight}
        if self.categories:
            stated["cats"] = list(self.categories)
        if self.region:
            stated["region"] = self.region
        if self.unit:
            stated["unit"] = self.unit
        return stated


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in a frozen pool, under its label. Record and salt stay out of every repr: the label hides them."""

    label: bytes
    record: Record = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pool:
    """All entries in ascending order of their labels, and the root that commits to them."""

    root: bytes
    entries: tuple[Entry, ...]


def seal(record: Record, salt: bytes) -> Entry:
    """The entry of one record; `salt` is 32 random bytes made for this freeze and kept with the record."""
    if len(salt) != SALT_BYTES:
        raise PoolRefused(record.id, f"salt of {len(salt)} bytes")
    return Entry(sha256(b"\x00" + salt + canonical(record.to_json())).digest(), record, salt)


def freeze(entries: Iterable[Entry]) -> Pool:
    """The pool over these entries, in whatever order they come; empty pools and repeated ids are refused."""
    ascending = tuple(sorted(entries, key=lambda entry: entry.label))
    if not ascending:
        raise PoolRefused("pool", "empty")
    seen: set[str] = set()
    for entry in ascending:
        if entry.record.id in seen:
            raise PoolRefused(entry.record.id, "twice")
        seen.add(entry.record.id)
    return Pool(root_of_hashes([entry.label for entry in ascending]), ascending)

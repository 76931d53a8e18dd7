"""Draws of every kind, made from seeds, and every way to tamper with one field of a transcript."""

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from draw import chain, pool_file
from draw.exclusions import publish
from draw.lot import Turn, run
from draw.pool import Entry, Record, freeze, seal
from draw.refusal import QuotaShort
from draw.request import Places, Quota, Request
from draw.seed import Beacon, Session
from draw.selection import NOBODY, Role, Roll, Want, first_wants
from draw.transcript import Result, Transcript
from signing.canonical import canonical

Path = tuple[Any, ...]
CATEGORIES = ("A02", "A08", "B01")
REGIONS = ("990100", "990200", "990300")
# Beyond the first plane of Unicode the order by code points and the order by UTF-16 units part.
UNITS = ("", "单位甲", "单位乙", "\U00020bb7单位", "￥unit", "U5")
REASONS = ("leave", "level", "unit", "region", "workload")
LINKS = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A transcript with the entries of its pool."""

    transcript: bytes
    entries: tuple[Entry, ...]

    @property
    def pool(self) -> bytes:
        """The pool as a file."""
        return pool_file.write(self.entries)


def draws(count: int, seed: int = 1) -> Iterator[Drawn]:
    """So many draws with weights, quotas, caps, exclusions, alternates, places, beacons, rounds and rolls."""
    chance = random.Random(seed)  # examples, not secrets
    while count:
        try:
            yield drawn(chance)
        except QuotaShort:
            continue
        count -= 1


def drawn(chance: random.Random) -> Drawn:
    """One draw. Raises `QuotaShort` where nobody is left for a place."""
    entries = tuple(_entry(chance, number) for number in range(chance.randint(4, 16)))
    pool = freeze(entries)
    places = _places(chance) if chance.random() < 0.4 else None
    request = _request(chance, places)
    parties = sorted(chance.sample(["agent", "centre", "supervisor", "tenderer", "witness"], chance.randint(1, 5)))
    secrets = {party: chance.randbytes(32) for party in parties}
    beacon = Beacon("welfare-lottery", "2026135") if chance.random() < 0.3 else None
    session = Session(
        request=request,
        pool_root=pool.root,
        pool_size=len(entries),
        commits=tuple((party, chain.commitment(secret, LINKS)) for party, secret in secrets.items()),
        attempt=chance.randint(1, 3),
        beacon=beacon,
        legal_persons=tuple((party, f"法人{chance.randint(1, 3)}") for party in parties)
        if chance.random() < 0.8
        else (),
        ineligible=publish({reason: chance.randint(0, 9) for reason in chance.sample(REASONS, chance.randint(0, 5))}),
    )
    round_no = chance.choice((0, 0, 1, 2))
    wants, roll = first_wants(request), NOBODY
    if round_no:
        wants, roll = _wants(chance, request), _roll(chance, [entry.label for entry in entries])
    turn = Turn(
        round_no=round_no,
        reveals=tuple((party, chain.reveal(secret, LINKS, round_no)) for party, secret in secrets.items()),
        wants=wants,
        roll=roll,
        beacon_value=chance.randbytes(chance.randint(1, 70)) if beacon else b"",
        places=places,
    )
    return Drawn(Transcript(session, turn, Result.of(run(session, turn, pool))).to_bytes(), entries)


def _entry(chance: random.Random, number: int) -> Entry:
    record = Record(
        id=f"E{number:03}",
        weight=chance.randint(1, 8),
        categories=tuple(sorted(chance.sample(CATEGORIES, chance.randint(0, 3)))),
        region=chance.choice(("", *REGIONS)),
        unit=chance.choice(UNITS),
    )
    return seal(record, chance.randbytes(32))


def _places(chance: random.Random) -> Places:
    regions = tuple((f"sub-{n}", tuple(chance.sample(REGIONS, chance.randint(1, 3)))) for n in (1, 2))
    return Places(chance.randbytes(32), regions)


def _request(chance: random.Random, places: Places | None) -> Request:
    quotas = tuple(
        Quota(
            count=chance.randint(0, 3),
            category=chance.choice(("", *CATEGORIES)),
            alternates=chance.randint(0 if number else 1, 2) or 1,
            place=chance.choice(("", "sub-1", "sub-2")) if places else "",
        )
        for number in range(chance.randint(1, 3))
    )
    return Request(
        project=f"演示-{chance.randint(1, 99)}",
        quotas=quotas,
        exclude=tuple(sorted(chance.sample(UNITS[1:], chance.randint(0, 2)))),
        unit_cap=chance.randint(0, 3),
        places=places.digest() if places else "",
        terms=chance.choice(("", sha256(b"form").hexdigest())),
    )


def _wants(chance: random.Random, request: Request) -> tuple[Want, ...]:
    return tuple(
        Want(chance.randrange(len(request.quotas)), chance.choice(list(Role)), chance.randint(0, 2))
        for _ in range(chance.randint(1, 3))
    )


def _roll(chance: random.Random, labels: list[bytes]) -> Roll:
    some = chance.sample(labels, min(len(labels), chance.randint(0, 6)))
    cut = chance.randint(0, len(some))
    return Roll(tuple(sorted(some[:cut])), tuple(sorted((label, chance.choice(REASONS)) for label in some[cut:])))


def tampered(whole: dict[str, Any]) -> Iterator[tuple[Path, str, bytes]]:
    """Every field changed, dropped, swapped with its neighbour or of another kind: its path, what was done, the bytes.

    A change that leaves the value as it was is left out.
    """
    before = canonical(whole)
    for path in list(_paths(whole)):
        for name, change in CHANGES.items():
            value = copy.deepcopy(whole)
            holder = value
            for step in path[:-1]:
                holder = holder[step]
            if not change(holder, path[-1]):
                continue
            after = canonical(value)
            if after != before:
                yield path, name, after


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401  # any JSON
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, step)
            yield from _paths(inner, (*path, step))


def _changed(holder: Any, at: Any) -> bool:  # noqa: ANN401
    old = holder[at]
    if isinstance(old, dict | list):
        return False
    if isinstance(old, int):
        holder[at] = old + 1
    elif isinstance(old, str) and old:
        holder[at] = old[:-1] + ("0" if old[-1] != "0" else "1")
    else:
        holder[at] = "00"
    return True


def _dropped(holder: Any, at: Any) -> bool:  # noqa: ANN401
    del holder[at]
    return True


def _doubled(holder: Any, at: Any) -> bool:  # noqa: ANN401
    if isinstance(holder, list):
        holder.insert(at, copy.deepcopy(holder[at]))
    else:
        holder[f"{at}x"] = copy.deepcopy(holder[at])
    return True


def _swapped(holder: Any, at: Any) -> bool:  # noqa: ANN401
    keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
    after = keys[(keys.index(at) + 1) % len(keys)]
    holder[at], holder[after] = holder[after], holder[at]
    return True


def _of_kind(value: object) -> Any:  # noqa: ANN401
    def change(holder: Any, at: Any) -> bool:  # noqa: ANN401
        holder[at] = value
        return True

    return change


CHANGES = {
    "changed": _changed,
    "dropped": _dropped,
    "doubled": _doubled,
    "swapped": _swapped,
    "null": _of_kind(None),
    "true": _of_kind(True),
    "minus-one": _of_kind(-1),
    "huge": _of_kind(2**53 - 1),
    "empty-text": _of_kind(""),
    "empty-list": _of_kind([]),
    "empty-object": _of_kind({}),
    "text": _of_kind("x"),
    "hex": _of_kind("AA bb"),
}

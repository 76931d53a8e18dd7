"""One expert as a pool's owner describes them, and the little of it that a lot may see.

Name, identity number and telephone number stand apart in `Person`: they never enter a draw record, a log or a repr,
and screening never has them.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NewType

from draw.pool import MAX_WEIGHT, Record

# `owner:code` once it lies in a pool: the owner's organisation and the code that the owner gave.
ExpertId = NewType("ExpertId", str)
# The keyed digest of an identity number: the same for one person in every owner's pool, and no way back.
PersonKey = NewType("PersonKey", bytes)


class Availability(StrEnum):
    """正常, 暂停 (by a decision of the pool's owner), 请假."""

    NORMAL = "normal"
    SUSPENDED = "suspended"
    ON_LEAVE = "on-leave"


@dataclass(frozen=True, slots=True)
class Person:
    """What identifies an expert outside the pool."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Employment:
    """A post at a unit: employee, director, supervisor or controlling shareholder; `ends` is None while it is held."""

    unit: str
    begins: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Expert:
    """A row of a pool. `unit` is today's employer, `relations` the units the expert declared an interest in,
    `recent_draws` how often they were drawn in the last 90 days, `unavailable_until` the last day of a suspension or
    leave (None: no end known). `others` are the same person's rows in other owners' pools.

    `met_hosts` and `met_member` are what `meetings` counted: tenderers and agents sat for, and how often beside the
    member sat beside most. They are the person's, whichever row speaks."""

    id: ExpertId
    categories: tuple[str, ...]
    title: str
    years: int
    region: str
    unit: str
    history: tuple[Employment, ...] = ()
    relations: tuple[str, ...] = ()
    availability: Availability = Availability.NORMAL
    unavailable_until: date | None = None
    recent_draws: int = 0
    person: PersonKey = field(default=PersonKey(b""), repr=False)
    others: tuple["Expert", ...] = ()
    met_hosts: tuple[tuple[str, int], ...] = ()
    met_member: int = 0

    @property
    def rows(self) -> tuple["Expert", ...]:
        """Everything that any owner says of this person, this row first."""
        return (self, *self.others)

    def speaking_as(self, row: "Expert") -> "Expert":
        """The same person by another of their rows, the rest behind it."""
        others = tuple(replace(one, others=()) for one in self.rows if one.id != row.id)
        return replace(row, others=others, met_hosts=self.met_hosts, met_member=self.met_member)

    def record(self) -> Record:
        """The draw record: who was drawn less often lately has more tickets, w = clamp(8 - recent draws, 1, 8)."""
        return Record(
            id=self.id,
            weight=max(1, MAX_WEIGHT - self.recent_draws),
            categories=self.categories,
            region=self.region,
            unit=unit_key(self.unit),
        )

    def state_on(self, day: date) -> Availability:
        """Whether a suspension or leave still holds on that day (its last day included)."""
        over = self.unavailable_until is not None and self.unavailable_until < day
        return Availability.NORMAL if over else self.availability


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A line of an owner's file: the expert, whose id is still the owner's own code, and the person behind it."""

    expert: Expert
    person: Person


def expert_id(owner: str, code: str) -> ExpertId:
    """The id of an owner's expert; no code holds a colon, so the last one parts the two."""
    return ExpertId(f"{owner}:{code}")


def owner_and_code(expert: ExpertId) -> tuple[str, str]:
    """The owner and the owner's own code again."""
    owner, _, code = expert.rpartition(":")
    return owner, code


def one_row_a_person(rows: Iterable[Expert]) -> tuple[Expert, ...]:
    """Rows of all pools as persons: each the first of its rows, in the order given, with the further ones behind it."""
    found: dict[bytes, list[Expert]] = {}
    for row in rows:
        found.setdefault(row.person, []).append(row)
    return tuple(first if not others else replace(first, others=tuple(others)) for first, *others in found.values())


def unit_key(name: str) -> str:
    """A unit's name as it is compared: NFKC and without white space, so that （） equals () and ＡＢ equals AB."""
    return "".join(unicodedata.normalize("NFKC", name).split())

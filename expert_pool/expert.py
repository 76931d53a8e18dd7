"""One expert as the pool's owner describes them, and the little of it that a lot may see.

Name, identity number and telephone number stand apart in `Person`: they never enter a draw record, a log or a repr.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from draw.pool import MAX_WEIGHT, Record

ExpertId = NewType("ExpertId", str)


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
    """A row of the pool. `unit` is today's employer, `relations` the units the expert declared an interest in,
    `recent_draws` how often they were drawn in the last 90 days, `unavailable_until` the last day of a suspension or
    leave (None: no end known)."""

    id: ExpertId
    person: Person
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


def unit_key(name: str) -> str:
    """A unit's name as it is compared: NFKC and without white space, so that （） equals () and ＡＢ equals AB."""
    return "".join(unicodedata.normalize("NFKC", name).split())

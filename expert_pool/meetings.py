"""老面孔: how often an expert sat lately for the same tenderer or agent, and beside the same other expert.

The datum is the committees that opened on this deployment (docs/pool-csv.md): the day, the two units, the experts' ids.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations

from expert_pool.expert import Expert


@dataclass(frozen=True, slots=True)
class Sitting:
    """A committee that opened: `hosts` are tenderer and agent as they are compared (`unit_key`)."""

    day: date
    hosts: tuple[str, ...]
    experts: tuple[str, ...] = field(repr=False)


def with_meetings(experts: Iterable[Expert], sittings: Iterable[Sitting], day: date, days: int) -> tuple[Expert, ...]:
    """The same experts, each with the meetings of the `days` before `day`; the day itself counts too."""
    lately = [one for one in sittings if day - timedelta(days=days) <= one.day <= day]
    everybody = tuple(experts)
    persons = {str(row.id): str(expert.id) for expert in everybody for row in expert.rows}
    hosts = _with_hosts(lately, persons)
    members = closest(lately, persons)
    return tuple(
        replace(one, met_hosts=tuple(sorted(hosts[str(one.id)].items())), met_member=members[str(one.id)])
        if str(one.id) in hosts
        else one
        for one in everybody
    )


def _with_hosts(sittings: Iterable[Sitting], persons: Mapping[str, str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for one in sittings:
        for expert in one.experts:
            found.setdefault(persons.get(expert, expert), Counter()).update(set(one.hosts))
    return found


def pairs(sittings: Iterable[Sitting], persons: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How often each two sat in one committee; somebody `persons` does not know goes by their own id."""
    found: Counter[tuple[str, str]] = Counter()
    for one in sittings:
        found.update(combinations(sorted({persons.get(expert, expert) for expert in one.experts}), 2))
    return found


def closest(sittings: Iterable[Sitting], persons: Mapping[str, str]) -> Counter[str]:
    """Person → how often they sat beside the one they sat beside most."""
    most: Counter[str] = Counter()
    for two, times in pairs(sittings, persons).items():
        for person in two:
            most[person] = max(most[person], times)
    return most

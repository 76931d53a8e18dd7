"""Walking the order: who is taken for which quota, and why everybody in front of them was not.

One function serves the draw itself, the next person to ask, the second screening after opening and a supplementary
draw: they differ only in who already stands, who is out, and what is still wanted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from draw.pool import Entry
from draw.refusal import NotOneSpelling, QuotaShort
from draw.request import Regions, Request, matches


class Role(StrEnum):
    """正选 and 候补."""

    MEMBER = "member"
    ALTERNATE = "alternate"


@dataclass(frozen=True, slots=True)
class Want:
    """`count` more people for one quota, given by its index in the request."""

    quota: int
    role: Role
    count: int

    def __post_init__(self) -> None:
        if self.quota < 0 or self.count < 0:
            raise NotOneSpelling("selections", "below nought")


@dataclass(frozen=True, slots=True)
class Roll:
    """Labels that stand already, in any order, and labels that are out with the reason code, ascending."""

    standing: tuple[bytes, ...] = ()
    out: tuple[tuple[bytes, str], ...] = ()


NOBODY = Roll()


@dataclass(frozen=True, slots=True)
class Selection:
    """The answer to one want: labels taken, and labels passed over with `category`, `region`, `excluded`, `unit-cap`,
    `already` or the roll's own reason, each list in the order of the walk."""

    want: Want
    taken: tuple[bytes, ...]
    skipped: tuple[tuple[bytes, str], ...]


def first_wants(request: Request) -> tuple[Want, ...]:
    """A fresh draw's wants: the members of every quota in the request's order, then the alternates of every quota."""
    members = [Want(index, Role.MEMBER, quota.count) for index, quota in enumerate(request.quotas) if quota.count]
    others = [
        Want(index, Role.ALTERNATE, quota.alternates) for index, quota in enumerate(request.quotas) if quota.alternates
    ]
    return (*members, *others)


def select(
    ordered: Sequence[Entry], request: Request, regions: Regions, wants: Iterable[Want], roll: Roll = NOBODY
) -> tuple[Selection, ...]:
    """Fill the wants one after the other, each by walking `ordered` from its start.

    A place in the committee that stays empty raises `QuotaShort`; missing alternates do not, the list is then shorter.
    """
    walk = _Walk(ordered, request, regions, roll)
    return tuple(walk.fill(want) for want in wants)


class _Walk:
    """The state of one walk: who is used up and how many of each unit sit. It lives for one call of `select`."""

    def __init__(self, ordered: Sequence[Entry], request: Request, regions: Regions, roll: Roll) -> None:
        self._ordered, self._request, self._regions = ordered, request, regions
        self._used = set(roll.standing)
        self._out = dict(roll.out)
        rolled = self._used | self._out.keys()
        known = {entry.label: entry.record.unit for entry in ordered if entry.label in rolled} if rolled else {}
        if unknown := rolled - known.keys():
            raise NotOneSpelling("roll", min(unknown).hex())
        self._seated = Counter(known[label] for label in self._used)

    def fill(self, want: Want) -> Selection:
        taken: list[bytes] = []
        skipped: list[tuple[bytes, str]] = []
        for entry in self._ordered:
            if len(taken) == want.count:
                break
            reason = self._reason_against(entry, want.quota)
            if reason:
                skipped.append((entry.label, reason))
                continue
            taken.append(entry.label)
            self._used.add(entry.label)
            self._seated[entry.record.unit] += 1
        if want.role is Role.MEMBER and len(taken) < want.count:
            raise QuotaShort(want.quota, want.count - len(taken))
        return Selection(want, tuple(taken), tuple(skipped))

    def _reason_against(self, entry: Entry, quota: int) -> str | None:
        record, cap = entry.record, self._request.unit_cap
        if quota >= len(self._request.quotas):
            raise NotOneSpelling("selections", str(quota))
        if mismatch := matches(self._request.quotas[quota], record, self._regions):
            return mismatch
        if record.unit and record.unit in self._request.exclude:
            return "excluded"
        if entry.label in self._used:
            return "already"
        if entry.label in self._out:
            return self._out[entry.label]
        if cap and record.unit and self._seated[record.unit] >= cap:
            return "unit-cap"
        return None

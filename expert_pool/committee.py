"""Who stands for each quota, read from the one sealed order and what became of those who were asked.

Everything here runs where the order is sealed: it names labels, and what leaves are counts and tickets.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from draw.pool import Entry
from draw.request import Regions, Request
from draw.selection import Role, Roll, Want, select

Out = Mapping[bytes, str]


class Answer(StrEnum):
    """参加, 待定 (open until the last try), 不参加, 无应答; `LEAVE` (请假) takes back an earlier 参加."""

    ATTEND = "attend"
    PENDING = "pending"
    DECLINE = "decline"
    SILENT = "silent"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class SealedOrder:
    """The outcome of a draw as it is kept: the lot's request, the regions of its places, all entries in order."""

    request: Request
    regions: Regions = field(repr=False)
    ordered: tuple[Entry, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who was asked for a quota (its index) and what they answered; None while no answer is in."""

    label: bytes = field(repr=False)
    quota: int
    answer: Answer | None = None

    @property
    def is_open(self) -> bool:
        """Standing, or still to answer."""
        return self.is_waiting or self.answer is Answer.ATTEND

    @property
    def is_waiting(self) -> bool:
        """Asked, and without a final answer: 待定 is none."""
        return self.answer in {None, Answer.PENDING}


@dataclass(frozen=True, slots=True)
class Committee:
    """Labels by quota, each in sealed order. Alternates move up by themselves when a member before them is gone."""

    members: tuple[tuple[bytes, ...], ...] = field(repr=False)
    alternates: tuple[tuple[bytes, ...], ...] = field(repr=False)
    missing_members: int
    missing_alternates: int

    @property
    def is_complete(self) -> bool:
        """Every quota has its members and its alternates."""
        return self.missing_members == 0 and self.missing_alternates == 0


def committee(sealed: SealedOrder, seats: Iterable[Seat], out: Out) -> Committee:
    """Those who attend and are not out, the first in sealed order as members, those after them as alternates."""
    rank = {entry.label: place for place, entry in enumerate(sealed.ordered)}
    attending = [seat for seat in seats if seat.answer is Answer.ATTEND and seat.label not in out]
    members, alternates, missing_members, missing_alternates = [], [], 0, 0
    for index, quota in enumerate(sealed.request.quotas):
        standing = sorted((seat.label for seat in attending if seat.quota == index), key=rank.__getitem__)
        members.append(tuple(standing[: quota.count]))
        alternates.append(tuple(standing[quota.count : quota.count + quota.alternates]))
        missing_members += quota.count - len(members[-1])
        missing_alternates += quota.alternates - len(alternates[-1])
    return Committee(tuple(members), tuple(alternates), missing_members, missing_alternates)


def next_seats(sealed: SealedOrder, seats: Iterable[Seat], out: Out) -> tuple[Seat, ...]:
    """The next to be asked, members of every quota before alternates, as the draw itself takes them.

    Nobody is asked for a seat that is taken or waits for an answer. Empty: nobody is needed, or nobody is left;
    `Committee.is_complete` tells the two apart.
    """
    known = tuple(seats)
    occupied = Counter(seat.quota for seat in known if seat.is_open and seat.label not in out)
    members, alternates = [], []
    for index, quota in enumerate(sealed.request.quotas):
        short, spare = quota.count - occupied[index], max(0, occupied[index] - quota.count)
        # All wanted as alternates, because a list that ends early is no fault while others may still answer.
        members.append(Want(index, Role.ALTERNATE, max(0, short)))
        alternates.append(Want(index, Role.ALTERNATE, max(0, quota.alternates - spare)))
    found = select(sealed.ordered, sealed.request, sealed.regions, (*members, *alternates), roll(known, out))
    return tuple(Seat(label, selection.want.quota) for selection in found for label in selection.taken)


def roll(seats: Iterable[Seat], out: Out) -> Roll:
    """What the walk has to know: who stands or is being asked, and who is out with the reason."""
    gone = dict(out)
    standing = []
    for seat in seats:
        if not seat.is_open:
            gone.setdefault(seat.label, str(seat.answer))
        elif seat.label not in gone:
            standing.append(seat.label)
    return Roll(tuple(sorted(standing)), tuple(sorted(gone.items())))

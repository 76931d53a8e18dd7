"""Changing a committee after it was drawn: the second screening (复筛) and the supplementary draw (补抽).

A member is changed for a lawful reason only, and never for a person of somebody's choice: the next one comes from the
sealed order, or from a fresh order made with the parties' next links (实施条例 Art. 46, 48).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from draw.selection import Role, Roll, Want
from expert_pool.committee import Out, SealedOrder, Seat, committee, next_seats, roll
from expert_pool.eligibility import conflict, look_back_from
from expert_pool.expert import Expert
from expert_pool.request import DrawRequest


class ReplacementReason(StrEnum):
    """R-10: 回避, 擅离职守 (absence included), 健康."""

    RECUSAL = "recusal"
    LEFT_POST = "left-post"
    HEALTH = "health"


class NotAMember(Exception):
    """Somebody is to be replaced who does not sit."""

    code = "replacement.not_a_member"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One person removed by the second screening, with the reason, and who comes in: an alternate who stands already,
    or the next in order, who must still be asked (`is_asked` False). `successor` is None when nobody is left."""

    quota: int
    role: Role
    removed: bytes = field(repr=False)
    reason: str
    successor: bytes | None = field(repr=False)
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Rescreening:
    """The second screening: the exchanges, and everybody in the pool who is out from now on, standing or not."""

    exchanges: tuple[Exchange, ...]
    out: Out = field(repr=False)


def conflicts(experts: Mapping[bytes, Expert], request: DrawRequest, bidders: Iterable[str]) -> dict[bytes, str]:
    """Label → reason code for everybody tied to a bidder now known: R-07, R-08 with the request's look-back."""
    avoided = request.with_avoided(bidders).avoided()
    since = look_back_from(request.day, request.look_back_years)
    found = {label: conflict(expert, avoided, since) for label, expert in experts.items()}
    return {label: reason.value for label, reason in found.items() if reason}


def rescreen(sealed: SealedOrder, seats: Iterable[Seat], out: Out, tied: Mapping[bytes, str]) -> Rescreening:
    """Remove who is tied to a bidder and say who takes each place, in sealed order.

    `out` is what was out before; `tied` comes from `conflicts`. Alternates move up first, then the next in order.
    """
    known = tuple(seats)
    now_out = {**dict(tied), **dict(out)}
    before, after = committee(sealed, known, out), committee(sealed, known, now_out)
    fresh = next_seats(sealed, known, now_out)
    exchanges: list[Exchange] = []
    for index, (members, alternates) in enumerate(zip(before.members, before.alternates, strict=True)):
        moved_up = [(label, True) for label in after.members[index] if label not in members]
        to_ask = [(seat.label, False) for seat in fresh if seat.quota == index]
        successors = iter([*moved_up, *to_ask])
        for label, role in [*((one, Role.MEMBER) for one in members), *((one, Role.ALTERNATE) for one in alternates)]:
            if label in tied:
                successor, is_asked = next(successors, (None, False))
                exchanges.append(Exchange(index, role, label, tied[label], successor, is_asked))
    return Rescreening(tuple(exchanges), now_out)


def supplement(
    sealed: SealedOrder, seats: Iterable[Seat], out: Out, absent: Mapping[bytes, ReplacementReason]
) -> tuple[tuple[Want, ...], Roll]:
    """What the next round of the lot is asked when members are gone and no alternate is left to move up.

    Give the result to `draw.lot.Turn` with the parties' next links. Raises `NotAMember`.
    """
    known = tuple(seats)
    before = committee(sealed, known, out)
    sitting = {label for labels in before.members for label in labels}
    if not absent.keys() <= sitting:
        raise NotAMember
    gone = {**{label: reason.value for label, reason in absent.items()}, **dict(out)}
    after = committee(sealed, known, gone)
    wants = (
        Want(index, Role.MEMBER, quota.count - len(after.members[index]))
        for index, quota in enumerate(sealed.request.quotas)
    )
    return tuple(want for want in wants if want.count), roll(known, gone)

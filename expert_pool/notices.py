"""Calling those drawn: whom to call now, when to look again, when silence is an answer. It calls nobody itself."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone

from expert_pool.committee import Answer, Out, SealedOrder, Seat, next_seats

BEIJING = timezone(timedelta(hours=8))


class LeaveTooLate(Exception):
    """请假 less than the profile's notice before the start is refused (河北办法 2025: 24 hours)."""

    code = "notice.leave_too_late"


class NotAsked(Exception):
    """An answer from somebody who is not being asked: the call was given up and the next in order was called."""

    code = "notice.not_asked"


class AlreadyAnswered(Exception):
    """Another answer than the one that was given: 参加 is taken back by 请假 alone, 不参加 by nothing."""

    code = "notice.already_answered"


@dataclass(frozen=True, slots=True)
class Calling:
    """A profile's rule for calls: daily hours in Beijing time, how long to wait for a key, how often to try."""

    opens: time = time(8)
    closes: time = time(21)
    wait: timedelta = timedelta(minutes=3)
    tries: int = 2
    leave_notice: timedelta = timedelta(hours=24)

    def is_open(self, now: datetime) -> bool:
        """Whether calls may be made at this moment (any time zone)."""
        return self.opens <= now.astimezone(BEIJING).time() < self.closes

    def next_opening(self, now: datetime) -> datetime:
        """The moment, at or after `now`, from which calls may be made."""
        local = now.astimezone(BEIJING)
        if self.is_open(now):
            return now
        opening = local.replace(hour=self.opens.hour, minute=self.opens.minute, second=0, microsecond=0)
        return opening if local < opening else opening + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """A seat with the times it was called (UTC, ascending); `is_queued` while a further call waits to be placed.

    Nobody is silent, nor called again, before the call that waits was placed: a provider that is away costs no expert
    the seat.
    """

    seat: Seat
    called: tuple[datetime, ...] = ()
    is_queued: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """What to do now: the notices as they stand, the labels to call, and when to ask again (None: nothing is due)."""

    notices: tuple[Notice, ...]
    call: tuple[bytes, ...]
    again_at: datetime | None


def agenda(sealed: SealedOrder, notices: Iterable[Notice], out: Out, now: datetime, calling: Calling) -> Agenda:
    """Turn silence into an answer where the last try ran out, ask the next in order, call who is due."""
    standing = [_settled(notice, now, calling) for notice in notices]
    asked = [notice.seat for notice in standing]
    standing += [Notice(seat) for seat in next_seats(sealed, asked, out)]
    open_ones = [
        notice
        for notice in standing
        if notice.seat.is_waiting and notice.seat.label not in out and not notice.is_queued
    ]
    due = [notice for notice in open_ones if not notice.called or notice.called[-1] + calling.wait <= now]
    waits = [notice.called[-1] + calling.wait for notice in open_ones if notice not in due]
    if due and not calling.is_open(now):
        return Agenda(tuple(standing), (), min([calling.next_opening(now), *waits]))
    return Agenda(tuple(standing), tuple(notice.seat.label for notice in due), min(waits, default=None))


def is_exhausted(agenda: Agenda, out: Out) -> bool:
    """Whether nobody is left to be asked or to answer; with an incomplete committee the order has run out."""
    return not any(notice.seat.is_waiting and notice.seat.label not in out for notice in agenda.notices)


def taken(before: Answer | None, given: Answer, tries: int, until_start: timedelta, calling: Calling) -> Answer | None:
    """What an answer makes of the one that stands; None when it says the same again, which changes nothing.

    `tries` is how often this person was called. 待定 at the last try is a no (河北办法 2025). Raises `NotAsked`,
    `AlreadyAnswered`, `LeaveTooLate`.
    """
    is_no = given in {Answer.DECLINE, Answer.LEAVE}
    if before is Answer.SILENT:
        raise NotAsked
    if given is before or (is_no and before in {Answer.DECLINE, Answer.LEAVE}):
        return None
    if before in {None, Answer.PENDING}:
        is_last = given is Answer.PENDING and tries >= calling.tries
        return Answer.DECLINE if is_no or is_last else given
    if before is Answer.ATTEND and is_no:
        if until_start < calling.leave_notice:
            raise LeaveTooLate
        return Answer.LEAVE
    raise AlreadyAnswered


def _settled(notice: Notice, now: datetime, calling: Calling) -> Notice:
    """Silence at the last try is an answer: a no for whoever had said 待定, else 无应答."""
    if notice.is_queued or not notice.seat.is_waiting or len(notice.called) < calling.tries:
        return notice
    if notice.called[-1] + calling.wait > now:
        return notice
    final = Answer.DECLINE if notice.seat.answer is Answer.PENDING else Answer.SILENT
    return replace(notice, seat=replace(notice.seat, answer=final))

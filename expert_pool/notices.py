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
    """An answer from somebody who was not asked, or who has answered already."""

    code = "notice.not_asked"


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
    """A seat with the times it was called (UTC, ascending)."""

    seat: Seat
    called: tuple[datetime, ...] = ()


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
    open_ones = [notice for notice in standing if notice.seat.answer is None and notice.seat.label not in out]
    due = [notice for notice in open_ones if not notice.called or notice.called[-1] + calling.wait <= now]
    waits = [notice.called[-1] + calling.wait for notice in open_ones if notice not in due]
    if due and not calling.is_open(now):
        return Agenda(tuple(standing), (), min([calling.next_opening(now), *waits]))
    return Agenda(tuple(standing), tuple(notice.seat.label for notice in due), min(waits, default=None))


def called(notices: Iterable[Notice], label: bytes, at: datetime) -> tuple[Notice, ...]:
    """The notices after a call was placed."""
    known = tuple(notices)
    notice = _of(known, label, None)
    return _with(known, notice, replace(notice, called=(*notice.called, at)))


def answered(notices: Iterable[Notice], label: bytes, answer: Answer) -> tuple[Notice, ...]:
    """The notices after an answer came in; it may come before or after the wait, but only once."""
    known = tuple(notices)
    notice = _of(known, label, None)
    return _with(known, notice, replace(notice, seat=replace(notice.seat, answer=answer)))


def on_leave(
    notices: Iterable[Notice], label: bytes, now: datetime, start: datetime, calling: Calling
) -> tuple[Notice, ...]:
    """The notices after somebody who had agreed takes leave; refused when the evaluation starts too soon."""
    known = tuple(notices)
    notice = _of(known, label, Answer.ATTEND)
    if start - now < calling.leave_notice:
        raise LeaveTooLate
    return _with(known, notice, replace(notice, seat=replace(notice.seat, answer=Answer.LEAVE)))


def _settled(notice: Notice, now: datetime, calling: Calling) -> Notice:
    silent = len(notice.called) >= calling.tries and notice.called[-1] + calling.wait <= now
    if notice.seat.answer is None and silent:
        return replace(notice, seat=replace(notice.seat, answer=Answer.SILENT))
    return notice


def _of(notices: Iterable[Notice], label: bytes, answer: Answer | None) -> Notice:
    for notice in notices:
        if notice.seat.label == label and notice.seat.answer is answer:
            return notice
    raise NotAsked


def _with(notices: Iterable[Notice], old: Notice, new: Notice) -> tuple[Notice, ...]:
    return tuple(new if notice is old else notice for notice in notices)

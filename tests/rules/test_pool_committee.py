"""Calls, second screening, supplementary draw and the desk: all walk one sealed order, and nobody chooses a person."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draw.order import order
from draw.pool import Record, seal
from draw.request import Quota, Request
from draw.selection import Role, first_wants, select
from expert_pool.blind_match import blinded, matched
from expert_pool.committee import Answer, SealedOrder, Seat, committee, next_seats
from expert_pool.expert import Employment, Expert, ExpertId
from expert_pool.notices import (
    Agenda,
    AlreadyAnswered,
    Calling,
    LeaveTooLate,
    NotAsked,
    Notice,
    agenda,
    is_exhausted,
    taken,
)
from expert_pool.replacement import (
    Exchange,
    NotAMember,
    ReplacementReason,
    conflicts,
    rescreen,
    supplement,
)
from expert_pool.request import DrawRequest

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
CALLING = Calling()


def _sealed(size: int = 12, *quotas: Quota, unit_cap: int = 0) -> SealedOrder:
    people = [
        Record(f"P{n:02}", categories=("A08", "B01") if n % 3 == 0 else ("A08",), unit=f"U{n // 2}")
        for n in range(size)
    ]
    entries = [seal(person, sha256(person.id.encode()).digest()) for person in people]
    request = Request("P", quotas or (Quota(2, "A08", 1),), unit_cap=unit_cap)
    return SealedOrder(request, {}, order(bytes(32), entries))


def _labels(sealed: SealedOrder) -> list[bytes]:
    return [entry.label for entry in sealed.ordered]


def _attending(sealed: SealedOrder) -> tuple[Seat, ...]:
    return tuple(Seat(seat.label, seat.quota, Answer.ATTEND) for seat in next_seats(sealed, (), {}))


@given(st.integers(1, 3), st.integers(0, 2), st.integers(0, 2))
def test_those_asked_first_are_those_the_draw_selected(members: int, alternates: int, cap: int) -> None:
    sealed = _sealed(24, Quota(members, "B01", alternates), Quota(2, "A08", 1), unit_cap=cap)
    drawn = select(sealed.ordered, sealed.request, {}, first_wants(sealed.request))
    assert [seat.label for seat in next_seats(sealed, (), {})] == [one for found in drawn for one in found.taken]


def test_whoever_declines_is_followed_by_the_next_in_order_and_alternates_move_up() -> None:
    sealed = _sealed()
    first, second, third, fourth, *_ = _labels(sealed)
    seats = (
        Seat(first, 0, Answer.DECLINE),
        Seat(second, 0, Answer.ATTEND),
        Seat(third, 0, Answer.ATTEND),
    )
    assert next_seats(sealed, seats, {}) == (Seat(fourth, 0),)
    stands = committee(sealed, (*seats, Seat(fourth, 0, Answer.ATTEND)), {})
    assert stands.members == ((second, third),)
    assert stands.alternates == ((fourth,),)
    assert stands.is_complete


def test_nobody_new_is_asked_while_an_answer_may_still_come() -> None:
    sealed = _sealed()
    assert next_seats(sealed, next_seats(sealed, (), {}), {}) == ()


def test_an_order_that_runs_out_leaves_the_committee_incomplete() -> None:
    sealed = _sealed(2)
    seats = _attending(sealed)
    assert next_seats(sealed, seats, {}) == ()
    stands = committee(sealed, seats, {})
    assert (stands.missing_members, stands.missing_alternates, stands.is_complete) == (0, 1, False)


def test_labels_do_not_show_in_a_repr() -> None:
    sealed = _sealed()
    seats = _attending(sealed)
    shown = repr((sealed, seats, committee(sealed, seats, {})))
    assert not any(repr(label) in shown or label.hex() in shown for label in _labels(sealed))


def _called_all(found: Agenda, at: datetime) -> tuple[Notice, ...]:
    return tuple(
        replace(one, called=(*one.called, at)) if one.seat.label in found.call else one for one in found.notices
    )


def _answered(notices: tuple[Notice, ...], label: bytes, answer: Answer) -> tuple[Notice, ...]:
    return tuple(
        replace(one, seat=replace(one.seat, answer=answer)) if one.seat.label == label else one for one in notices
    )


def test_two_calls_of_three_minutes_without_an_answer_are_silence_and_the_next_is_called() -> None:
    sealed = _sealed()
    first, second, third, fourth, *_ = _labels(sealed)
    found = agenda(sealed, (), {}, NOON, CALLING)
    assert found.call == (first, second, third)
    notices = _called_all(found, NOON)
    notices = _answered(_answered(notices, second, Answer.ATTEND), third, Answer.ATTEND)

    waiting = agenda(sealed, notices, {}, NOON + timedelta(minutes=2), CALLING)
    assert (waiting.call, waiting.again_at) == ((), NOON + timedelta(minutes=3))
    again = agenda(sealed, notices, {}, NOON + timedelta(minutes=3), CALLING)
    assert again.call == (first,)
    notices = _called_all(again, NOON + timedelta(minutes=3))
    given_up = agenda(sealed, notices, {}, NOON + timedelta(minutes=6), CALLING)
    assert given_up.notices[0].seat.answer is Answer.SILENT
    assert given_up.call == (fourth,)


def test_not_sure_yet_is_called_once_more_and_then_counts_as_no() -> None:
    sealed = _sealed()
    first, second, third, fourth, *_ = _labels(sealed)
    notices = _called_all(agenda(sealed, (), {}, NOON, CALLING), NOON)
    notices = _answered(_answered(notices, second, Answer.ATTEND), third, Answer.ATTEND)
    notices = _answered(notices, first, Answer.PENDING)
    assert agenda(sealed, notices, {}, NOON + timedelta(minutes=2), CALLING).call == ()
    again = agenda(sealed, notices, {}, NOON + timedelta(minutes=3), CALLING)
    assert again.call == (first,)
    over = agenda(sealed, _called_all(again, NOON + timedelta(minutes=3)), {}, NOON + timedelta(minutes=6), CALLING)
    assert over.notices[0].seat.answer is Answer.DECLINE
    assert over.call == (fourth,)


def test_nobody_is_silent_whose_call_was_never_placed() -> None:
    sealed = _sealed()
    planned = agenda(sealed, (), {}, NOON, CALLING).notices
    queued = tuple(replace(one, is_queued=True) for one in planned)
    hours_later = agenda(sealed, queued, {}, NOON + timedelta(hours=5), CALLING)
    assert hours_later == Agenda(queued, (), None)


def test_an_order_that_has_run_out_is_told_from_one_that_waits() -> None:
    sealed = _sealed(2)
    notices = _called_all(agenda(sealed, (), {}, NOON, CALLING), NOON)
    assert not is_exhausted(agenda(sealed, notices, {}, NOON, CALLING), {})
    for notice in notices:
        notices = _answered(notices, notice.seat.label, Answer.ATTEND)
    assert is_exhausted(agenda(sealed, notices, {}, NOON, CALLING), {})


def test_when_all_stand_nothing_is_due() -> None:
    sealed = _sealed()
    notices = _called_all(agenda(sealed, (), {}, NOON, CALLING), NOON)
    for notice in notices:
        notices = _answered(notices, notice.seat.label, Answer.ATTEND)
    assert agenda(sealed, notices, {}, NOON + timedelta(hours=9), CALLING) == Agenda(notices, (), None)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), datetime(2026, 11, 24, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 13, tzinfo=UTC), datetime(2026, 11, 25, 0, tzinfo=UTC)),
    ],
)
def test_nobody_is_called_before_eight_or_from_nine_in_the_evening_beijing_time(
    now: datetime, opening: datetime
) -> None:
    found = agenda(_sealed(), (), {}, now, CALLING)
    assert (found.call, found.again_at) == ((), opening)
    assert agenda(_sealed(), (), {}, opening, CALLING).call


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "given", "stands"),
    [
        (None, Answer.ATTEND, Answer.ATTEND),
        (None, Answer.PENDING, Answer.PENDING),
        (None, Answer.LEAVE, Answer.DECLINE),
        (Answer.PENDING, Answer.ATTEND, Answer.ATTEND),
        (Answer.ATTEND, Answer.LEAVE, Answer.LEAVE),
        (Answer.ATTEND, Answer.DECLINE, Answer.LEAVE),
    ],
)
def test_an_answer_stands_as_the_rules_say(before: Answer | None, given: Answer, stands: Answer) -> None:
    assert taken(before, given, 1, DAY, CALLING) is stands


@pytest.mark.parametrize("answer", [Answer.ATTEND, Answer.PENDING, Answer.DECLINE, Answer.LEAVE])
def test_the_same_answer_again_changes_nothing(answer: Answer) -> None:
    assert taken(answer, answer, 1, HOUR, CALLING) is None


def test_not_sure_yet_at_the_last_call_is_a_no() -> None:
    assert taken(None, Answer.PENDING, CALLING.tries, DAY, CALLING) is Answer.DECLINE


@pytest.mark.parametrize("given", [Answer.ATTEND, Answer.DECLINE, Answer.LEAVE])
def test_an_answer_after_silence_comes_too_late(given: Answer) -> None:
    with pytest.raises(NotAsked):
        taken(Answer.SILENT, given, 2, DAY, CALLING)


@pytest.mark.parametrize(
    ("before", "given"),
    [(Answer.DECLINE, Answer.ATTEND), (Answer.LEAVE, Answer.ATTEND), (Answer.ATTEND, Answer.PENDING)],
)
def test_a_second_answer_does_not_undo_the_first(before: Answer, given: Answer) -> None:
    with pytest.raises(AlreadyAnswered):
        taken(before, given, 1, DAY, CALLING)


@pytest.mark.parametrize("given", [Answer.LEAVE, Answer.DECLINE])
def test_leave_is_taken_a_day_before_the_start_and_refused_later(given: Answer) -> None:
    assert taken(Answer.ATTEND, given, 1, DAY, CALLING) is Answer.LEAVE
    with pytest.raises(LeaveTooLate):
        taken(Answer.ATTEND, given, 1, DAY - timedelta(seconds=1), CALLING)


def test_who_took_leave_is_followed_by_the_next_in_order() -> None:
    sealed = _sealed()
    notices = _called_all(agenda(sealed, (), {}, NOON, CALLING), NOON)
    left = _answered(notices, _labels(sealed)[0], Answer.LEAVE)
    assert _labels(sealed)[3] in agenda(sealed, left, {}, NOON, CALLING).call


def test_the_second_screening_moves_up_an_alternate_then_takes_the_next_in_order() -> None:
    sealed = _sealed()
    first, second, third, fourth, fifth, sixth, *_ = _labels(sealed)
    tied = {first: "employed-within-look-back", second: "unit", fourth: "declared-relation"}
    found = rescreen(sealed, _attending(sealed), {}, tied)
    assert found.exchanges == (
        Exchange(0, Role.MEMBER, first, "employed-within-look-back", third, is_asked=True),
        Exchange(0, Role.MEMBER, second, "unit", fifth, is_asked=False),
    )
    assert next_seats(sealed, _attending(sealed), found.out) == (Seat(fifth, 0), Seat(sixth, 0))


def test_a_tied_alternate_is_removed_too() -> None:
    sealed = _sealed()
    third, fourth = _labels(sealed)[2:4]
    found = rescreen(sealed, _attending(sealed), {}, {third: "unit"})
    assert found.exchanges == (Exchange(0, Role.ALTERNATE, third, "unit", fourth, is_asked=False),)


def test_a_screening_that_finds_nobody_changes_nothing() -> None:
    sealed = _sealed()
    assert rescreen(sealed, _attending(sealed), {}, {}).exchanges == ()


def test_when_nobody_is_left_the_place_stays_empty_and_is_named() -> None:
    sealed = _sealed(3, Quota(2, "A08", 1))
    first, second, third = _labels(sealed)
    found = rescreen(sealed, _attending(sealed), {}, dict.fromkeys((first, second), "unit"))
    assert [exchange.successor for exchange in found.exchanges] == [third, None]


def test_bidders_named_at_opening_find_their_former_staff_in_the_pool() -> None:
    former = Employment("演示投标人D", date(2020, 1, 1), date(2025, 7, 31))
    experts = {
        bytes([n]): Expert(ExpertId(str(n)), ("A08",), "高级", 9, "990100", "演示单位", history=history)
        for n, history in enumerate([(former,), ()])
    }
    request = DrawRequest("P", date(2026, 11, 25), 5, 1, (Quota(4, "A08"),))
    assert conflicts(experts, request, ()) == {}
    assert conflicts(experts, request, ["演示投标人A", "演示投标人 D"]) == {bytes([0]): "employed-within-look-back"}


def test_a_supplementary_draw_wants_only_what_no_alternate_can_fill() -> None:
    sealed = _sealed()
    first, second, third, *_ = _labels(sealed)
    seats = _attending(sealed)
    wants, roll = supplement(sealed, seats, {}, {first: ReplacementReason.LEFT_POST})
    assert wants == ()
    both = {first: ReplacementReason.LEFT_POST, second: ReplacementReason.HEALTH}
    wants, roll = supplement(sealed, seats, {}, both)
    assert [(want.quota, want.count) for want in wants] == [(0, 1)]
    assert roll.standing == (third,)
    again = order(sha256(b"next links").digest(), sealed.ordered)
    [found] = select(again, sealed.request, {}, wants, roll)
    assert found.taken[0] not in {first, second, third}


def test_only_a_member_is_replaced() -> None:
    sealed = _sealed()
    alternate = _labels(sealed)[2]
    with pytest.raises(NotAMember):
        supplement(sealed, _attending(sealed), {}, {alternate: ReplacementReason.RECUSAL})


def test_the_desk_learns_match_or_no_match_and_nothing_else() -> None:
    salt, numbers = bytes(32), ["000000196007150018", "00000019600812002X"]
    expected = [blinded(number, salt) for number in numbers]
    assert matched(" 00000019600812002x", salt, expected) == expected[1]
    assert matched("000000196007150019", salt, expected) is None
    assert blinded(numbers[0], salt) != blinded(numbers[0], bytes([1]) * 32)

"""Sessions and seats: limits by role, the table holds no cookie, one browser is a seat."""

from datetime import UTC, datetime, timedelta

import pytest

from identity import seats, service, sessions
from identity.roles import ADMISSIONS, Role
from identity.seats import PairingRefused, SeatNotPaired
from identity.sessions import ForgedRequest, Holder, SessionOver
from tests.web.shelves import DictShelf

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
COOKIE, OTHER = sessions.token(bytes(range(32))), sessions.token(bytes(reversed(range(32))))


def shelf_with_session(role: Role = Role.AGENT) -> DictShelf:
    shelf = DictShelf()
    service.keep_session(shelf, sessions.opened(Holder(role, "a-01"), COOKIE, "csrf", NOW))
    return shelf


def test_a_token_is_43_characters_of_256_bits() -> None:
    assert len(COOKIE) == 43
    with pytest.raises(ValueError, match="32"):
        sessions.token(bytes(16))


def test_the_table_holds_the_digest_of_the_cookie_alone() -> None:
    assert COOKIE not in str(shelf_with_session().rows)


@pytest.mark.parametrize("role", list(Role))
def test_a_session_ends_when_its_role_has_been_idle_too_long(role: Role) -> None:
    shelf, idle = shelf_with_session(role), ADMISSIONS[role].idle
    with pytest.raises(SessionOver):
        service.find_session(shelf, COOKIE, NOW + idle)
    assert service.find_session(shelf, COOKIE, NOW + idle - timedelta(seconds=1)).role is role


def test_a_busy_session_lives_to_its_absolute_limit() -> None:
    shelf, moment = shelf_with_session(), NOW
    end = NOW + ADMISSIONS[Role.AGENT].absolute
    while moment < end:
        assert service.find_session(shelf, COOKIE, moment).csrf == "csrf"
        service.touch_session(shelf, sessions.digest(COOKIE), moment)
        moment += timedelta(minutes=10)
    with pytest.raises(SessionOver):
        service.find_session(shelf, COOKIE, end)


def test_touching_a_session_that_was_ended_does_not_revive_it() -> None:
    shelf = shelf_with_session()
    service.end_session(shelf, sessions.digest(COOKIE))
    service.touch_session(shelf, sessions.digest(COOKIE), NOW)
    with pytest.raises(SessionOver):
        service.find_session(shelf, COOKIE, NOW)


def test_taking_a_role_away_ends_all_its_sessions() -> None:
    shelf = shelf_with_session()
    service.keep_session(shelf, sessions.opened(Holder(Role.AGENT, "a-01"), OTHER, "csrf", NOW))
    service.keep_session(shelf, sessions.opened(Holder(Role.AGENT, "a-02"), "third", "csrf", NOW))
    assert service.end_sessions(shelf, Role.AGENT, "a-01") == 2
    for cookie in (COOKIE, OTHER):
        with pytest.raises(SessionOver):
            service.find_session(shelf, cookie, NOW)
    assert service.find_session(shelf, "third", NOW).who == "a-02"


def test_a_session_takes_its_own_token_only() -> None:
    session = sessions.opened(Holder(Role.AGENT, "a-01"), COOKIE, "this", NOW)
    sessions.check_token(session, "this")
    for sent in ("", "that", "This"):
        with pytest.raises(ForgedRequest):
            sessions.check_token(session, sent)


def test_a_pairing_code_makes_one_browser_the_seat_once() -> None:
    pairings, paired = DictShelf(), DictShelf()
    code = service.issue_pairing(pairings, "A", "A-01", bytes(range(12)), NOW)
    seat = service.pair(pairings, paired, code.lower().replace("-", " "), COOKIE, NOW)
    assert (seat.venue, seat.name) == ("A", "A-01")
    assert service.find_seat(paired, COOKIE) == seat
    with pytest.raises(PairingRefused):
        service.pair(pairings, paired, code, OTHER, NOW)
    with pytest.raises(SeatNotPaired):
        service.find_seat(paired, OTHER)


def test_pairing_a_seat_again_unpairs_the_browser_before() -> None:
    pairings, paired = DictShelf(), DictShelf()
    for cookie in (COOKIE, OTHER):
        code = service.issue_pairing(pairings, "A", "A-01", bytes(range(12)), NOW)
        service.pair(pairings, paired, code, cookie, NOW)
    with pytest.raises(SeatNotPaired):
        service.find_seat(paired, COOKIE)
    assert service.find_seat(paired, OTHER).name == "A-01"


def test_a_second_paper_kills_the_first_and_a_day_kills_both() -> None:
    pairings, paired = DictShelf(), DictShelf()
    first = service.issue_pairing(pairings, "A", "A-01", bytes(range(12)), NOW)
    second = service.issue_pairing(pairings, "A", "A-01", bytes(range(12, 24)), NOW)
    for code, moment in ((first, NOW), (second, NOW + seats.PAIRING_CODE_LIFE)):
        with pytest.raises(PairingRefused):
            service.pair(pairings, paired, code, COOKIE, moment)


def test_letters_that_look_alike_are_read_as_one() -> None:
    assert seats.read_pairing_code("o1il-2345-6789") == "011123456789"
    with pytest.raises(PairingRefused):
        seats.read_pairing_code("0111-2345-678U")

"""Evaluation over more than one day (隔夜评标): when a night may begin, and what its morning asks of a member.

Nights are booked by the application, seats with them; nobody adds one afterwards.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from evaluation.case import Case, Pause


class NightNotBooked(Exception):
    """The application names no further night: the seats are not this case's tomorrow."""

    code = "night.not_booked"


class MorningPassed(Exception):
    """Work is to go on at a moment that is over already."""

    code = "night.morning_passed"


class IdentityUnchecked(Exception):
    """After a night a member comes to the desk first: the seat is sealed until the papers were seen again."""

    code = "night.identity_unchecked"


def slept(state: Case, since: datetime, now: datetime) -> timedelta:
    """How much of the time since then was night: no member's time to answer runs while the seats are sealed."""
    return _within((one for one in state.pauses if one.is_overnight), since, now)


def stood_still(state: Case, since: datetime, now: datetime) -> timedelta:
    """How much of the time since then work was paused, for whatever reason: the parties of a draw have gone too."""
    return _within(state.pauses, since, now)


def _within(pauses: Iterable[Pause], since: datetime, now: datetime) -> timedelta:
    spans = [
        (datetime.fromisoformat(one.began), datetime.fromisoformat(one.ended) if one.ended else now) for one in pauses
    ]
    return sum((ended - max(began, since) for began, ended in spans if ended > since), timedelta())


def check(state: Case, resumes: datetime, now: datetime) -> None:
    """Refuse a night that was not applied for, or whose morning is over. Raises `NightNotBooked`, `MorningPassed`."""
    if not state.nights_left:
        raise NightNotBooked
    if resumes <= now:
        raise MorningPassed

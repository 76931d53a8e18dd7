"""What the law asks of others once the committee has closed, as dates: shown, never enforced here (R-26, R-27).

Publication, objections and the award happen outside this system. Working days are Monday to Friday; holidays are not
known, so around one a date shown is earlier than the law's and never later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from evaluation.profile import AfterRules

Act = Literal["publish", "publicity_ends", "report_to_purchaser", "purchaser_decides", "award_notice"]
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    """An act of others and the last day for it (`publicity_ends`: the first day on which it may have ended)."""

    act: Act
    day: date


def after_closing(closed: date, rules: AfterRules) -> tuple[Deadline, ...]:
    """The dates that follow from the day, in Beijing, on which the committee closed; one counts from the other."""
    return tuple(_dates(closed, rules))


def _dates(closed: date, rules: AfterRules) -> Iterator[Deadline]:
    """Publication: 实施条例 Art. 54. Two, five and two working days: 政府采购法实施条例 Art. 43."""
    if rules.publish_within_days is not None:
        published = closed + timedelta(days=rules.publish_within_days)
        yield Deadline("publish", published)
        yield Deadline("publicity_ends", published + timedelta(days=rules.publicity_days or 0))
    day = closed
    steps: tuple[tuple[Act, int | None], ...] = (
        ("report_to_purchaser", rules.report_working_days),
        ("purchaser_decides", rules.decide_working_days),
        ("award_notice", rules.notice_working_days),
    )
    for act, days in steps:
        if days is not None:
            day = working_days_later(day, days)
            yield Deadline(act, day)


def working_days_later(day: date, days: int) -> date:
    """The last of so many working days after a day."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return day

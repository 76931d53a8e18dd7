"""When experts may be drawn: not too long before the evaluation, for a name that is known early leaks early.

Chongqing: within 24 hours before the start (重庆条例). Government procurement: within two working days before it.
Working days are Monday to Friday in Beijing; no calendar of holidays is kept, so around one the window is shorter than
the rule's and never longer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from expert_pool.request import RequestRefused

BEIJING = timezone(timedelta(hours=8))
_SATURDAY = 5


class DrawTooEarly(RequestRefused):
    """The draw's minute lies before the time from which the profile lets experts be drawn; `detail` is that time."""

    code = "draw.too_early"


@dataclass(frozen=True, slots=True)
class Window:
    """How long before the start experts may be drawn; None: no such bound. Both bounds hold where both are given."""

    before_start: timedelta | None = None
    working_days: int | None = None

    def opens(self, start: datetime) -> datetime | None:
        """The first moment at which experts may be drawn for an evaluation that starts then; None: any."""
        bounds = [] if self.before_start is None else [start - self.before_start]
        if self.working_days is not None:
            day = start.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
            left = self.working_days
            while left:
                day -= timedelta(days=1)
                left -= day.weekday() < _SATURDAY
            bounds.append(day)
        return max(bounds, default=None)

    def check(self, at: datetime, start: datetime) -> None:
        """Refuse a draw at `at`. Raises `DrawTooEarly`. One that is late is late: the case waits for it."""
        opens = self.opens(start)
        if opens is not None and at < opens:
            raise DrawTooEarly(opens.astimezone(BEIJING).isoformat(timespec="minutes"))

"""The emergency clocks (应急预案): how long an incident may hold a case, and what is lawful once that time is over.

Before the start it runs from the planned start, afterwards from the suspension; breaks and empty seats start none.
Both ends are fixed when work is suspended and stand in the log, so a restarted server reads them there.
"""

from datetime import datetime, timedelta

from evaluation.case import Case, State
from evaluation.profile import IncidentRules


class IncidentRuns(Exception):
    """The incident's time is not over yet, or no incident holds: there is nothing to decide."""

    code = "incident.runs"


class IncidentReasonMissing(Exception):
    """A decision without a reason."""

    code = "incident.reason_missing"


class StartedAlready(Exception):
    """The evaluation had begun: it is sealed as it stands, nobody may decide to go on."""

    code = "incident.started"


def has_started(state: Case) -> bool:
    """Whether the evaluation has begun: everybody seated and recorded, names open (READY)."""
    return state.state.rank >= State.READY.rank


def ends_at(state: Case, rules: IncidentRules, now: datetime) -> datetime | None:
    """Until when an incident that begins now may be solved; None where the profile sets no clock."""
    if has_started(state):
        return None if rules.during_s is None else now + timedelta(seconds=rules.during_s)
    if rules.before_start_s is None or state.application is None:
        return None
    return datetime.fromisoformat(state.application.start) + timedelta(seconds=rules.before_start_s)


def is_over(state: Case, now: datetime) -> bool:
    """Whether an incident holds whose time is over and about which nothing was decided."""
    pause = state.pause
    if pause is None or not pause.until or pause.is_continued:
        return False
    return now > datetime.fromisoformat(pause.until)

"""Who decides what somebody asked for: the supervisor, or two others together where the supervisor stays away."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from evaluation.profile import IncidentRules

SUPERVISOR: Final = "supervisor"
TOGETHER: Final = frozenset({"main_staff", "witness"})
"""The main venue's duty officer and the witness (domain page 1.4)."""


class NotTheApprover(Exception):
    """Somebody else decides this: the profile names who, and from when on the two others may."""

    code = "approval.not_the_approver"


def approvers(asked_at: str, now: datetime, rules: IncidentRules) -> frozenset[str]:
    """The roles that may decide now: the two others as well once the supervisor has been silent for so long."""
    is_late = now - datetime.fromisoformat(asked_at) >= timedelta(seconds=rules.approver_wait_s)
    return TOGETHER | {SUPERVISOR} if is_late else frozenset({SUPERVISOR})


def is_endorsed(endorsed: Mapping[str, str]) -> bool:
    """Whether both of the two have agreed; `endorsed` is role → who."""
    return endorsed.keys() >= TOGETHER

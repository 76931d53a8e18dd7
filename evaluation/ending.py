"""How a case ends without a report (中止, 终止), and what may follow as a new case; the sealed one never changes."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Ground = Literal["cancelled", "exhausted", "postponed", "incident", "incomplete"]
Follow = Literal["redraw", "reconstituted"]
GROUNDS: Final[tuple[Ground, ...]] = get_args(Ground)


class NotEndedSo(Exception):
    """The case cannot end on this ground now, or not by this person."""

    code = "ending.not_so"


class EndingReasonMissing(Exception):
    """An end without a reason."""

    code = "ending.reason_missing"


class NoEndingAsked(Exception):
    """Nobody has asked to end this case."""

    code = "ending.not_asked"


class EndingAsked(Exception):
    """The end of this case is asked for already and waits for the supervisor."""

    code = "ending.asked"


class NothingFollows(Exception):
    """The case has not ended in a way that another case goes on from, or one does already."""

    code = "ending.nothing_follows"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case ended: ground, reason, who stated it, the name of the state it stood in."""

    ground: str
    reason: str
    by: str
    at: str
    state: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The agent asks to end the case before the bids are opened; the supervisor decides."""

    reason: str
    by: str
    at: str


def follow_of(ending: Ending | None, has_sat: bool) -> Follow:
    """As what another case goes on from one that ended so. Raises `NothingFollows`.

    Once anybody sat, or the start was put off, a new committee without the old members takes it up (应急预案).
    """
    if ending is None or ending.ground == "cancelled":
        raise NothingFollows
    return "redraw" if ending.ground == "exhausted" and not has_sat else "reconstituted"

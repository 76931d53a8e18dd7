"""The ten steps of a case as a task list: which are done, which one is on, who does it. Words are `web.wording`'s."""

from dataclasses import dataclass
from typing import Literal

from evaluation.case import Case, State
from evaluation.drawn import Draw
from evaluation.profile import Profile
from identity.roles import Role

Status = Literal["done", "now", "waiting"]

# Step, the state with which it is done, and whose turn it is.
_STEPS: tuple[tuple[str, State, frozenset[Role]], ...] = (
    ("application", State.APPLIED, frozenset({Role.AGENT})),
    ("seats", State.SEATS_HELD, frozenset({Role.MAIN_STAFF})),
    ("venues", State.VENUE_DRAWN, frozenset({Role.MAIN_STAFF, Role.SUPERVISOR})),
    ("experts", State.DRAWN_SEALED, frozenset({Role.AGENT, Role.SUPERVISOR})),
    ("opening", State.RESCREENED, frozenset({Role.AGENT})),
    ("check_in", State.READY, frozenset({Role.MAIN_STAFF, Role.CHECKIN})),
    ("pledge", State.PREP, frozenset({Role.MEMBER})),
    ("prelim", State.DETAILED, frozenset({Role.MEMBER})),
    ("scoring", State.REPORT_SIGNING, frozenset({Role.MEMBER})),
    ("report", State.CLOSED, frozenset({Role.MEMBER, Role.MAIN_STAFF})),
)


_EXPERTS, _OPENING = 3, 4
_OPENED_FIRST = (*_STEPS[:_EXPERTS], _STEPS[_OPENING], ("experts", State.RESCREENED, _STEPS[_EXPERTS][2]), *_STEPS[5:])
"""Where the profile has bids opened before experts are drawn."""
_SCORING = {State.PRICE: "equal", State.RECHECK: "recheck", State.FAILED: "failed"}


_AGAIN = (*_STEPS[:2], ("authorising", State.RESCREENED, frozenset({Role.SUPERVISOR})), *_STEPS[5:])
"""A re-evaluation: the committee and the bids are those of the sealed case."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, where it stands, and what is missing in it (`detail`, a word of `web.wording`)."""

    name: str
    status: Status
    detail: str
    roles: frozenset[Role]

    def told(self) -> dict[str, str]:
        """What a page of the case is told of it."""
        return {"step": self.name, "status": self.status, "detail": self.detail}


def steps_of(state: Case, profile: Profile) -> tuple[Step, ...]:
    """All steps under the case's rules; exactly one is `now` until the case is closed or has ended without a report."""
    found: list[Step] = []
    is_opened_first = opened_first(profile)
    steps = _AGAIN if state.reevaluation else _OPENED_FIRST if is_opened_first else _STEPS
    for name, done_with, roles in steps:
        is_done = _reached(state).rank >= done_with.rank or (name == "opening" and is_opened_first and _is_open(state))
        is_now = not is_done and state.ending is None and all(step.status == "done" for step in found)
        status: Status = "done" if is_done else "now" if is_now else "waiting"
        found.append(Step(name, status, _detail(state, name) if is_now else "", roles))
    return tuple(found)


def opened_first(profile: Profile) -> bool:
    """Whether these rules have bids opened before experts are drawn."""
    return profile.rules.draw.moment == "after_opening"


def _is_open(state: Case) -> bool:
    return bool(state.all_bids)


def _reached(state: Case) -> State:
    """How far the case has come; one that was ended stays where it stood."""
    return State(state.ending.state) if state.ending else state.state


def current(state: Case, profile: Profile) -> Step | None:
    """The step that is on, None once the case is closed."""
    return next((step for step in steps_of(state, profile) if step.status == "now"), None)


def draw_stage(draw: Draw | None) -> str:
    """Where a draw stands, as one word; only experts (`quotas`) are called after it."""
    if draw is None:
        return "unasked"
    if draw.source or draw.is_without_result:
        return "imported" if draw.source else "lacking"
    if draw.order:
        named = "stands" if draw.stands or "quotas" not in draw.request else "drawn"
        return "opened" if draw.opened else named
    if not draw.root:
        return "asked"
    if not draw.digest:
        return "committing"
    return "revealing" if set(draw.now.revealed) != set(draw.parties) else "due"


def _detail(state: Case, name: str) -> str:
    if name in {"venues", "experts"}:
        return draw_stage(state.draws.get(name))
    if name == "check_in":
        if state.state is not State.CHECK_IN:
            return "desk_closed"
        return "recorder" if state.is_open else "arriving"
    if name == "pledge":
        return "pledging" if state.state is State.READY else "electing"
    if name == "scoring":
        return _SCORING.get(state.state, "scoring")
    return ""

"""From statements to the state of a case: one small function per kind (`steps/`), none of which can refuse.

What may be stated is decided before (`life.py` and the rules); what stands in the log is taken as it stands.
"""

from collections.abc import Iterable
from dataclasses import replace

from evaluation import life
from evaluation.case import Case, CaseId
from evaluation.steps import STEPS, Logged

__all__ = ["Logged", "apply", "fold"]


def fold(case: CaseId, statements: Iterable[Logged]) -> Case:
    """The state of a case from its whole log."""
    state = Case(id=case)
    for statement in statements:
        state = apply(state, statement)
    return state


def apply(case: Case, logged: Logged) -> Case:
    """The state after one more statement; kinds that change nothing but the log's size are welcome."""
    step = STEPS.get(logged.kind)
    changed = step(case, logged) if step else case
    return replace(
        changed,
        state=life.after(changed, logged.kind, logged.body),
        size=logged.index + 1,
        last_at=logged.at,
        last_kind=logged.kind,
    )

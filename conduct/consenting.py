"""Consent by law (视为同意): who is silent on the report, or refuses it without a reason (实施条例 Art. 53; R-17).

The leader states it for the committee under the own signature, the witness countersigns (12号令 Art. 43); nobody
answers in the member's name. A member who does answer with a reason before the countersignature has answered.
"""

from datetime import datetime, timedelta

from conduct.ports import Actor, Json, Tx
from conduct.reporting import AlreadyAnswered, ReportNotRendered
from conduct.rulebook import profile_of
from conduct.words import WORDS
from evaluation import night
from evaluation.case import Case, CaseId, MemberId, Report


class NotToState(Exception):
    """Only the leader states another's consent; of the leader's own any member who has answered may."""

    code = "consent.not_to_state"


class ConsentTooEarly(Exception):
    """The time to answer has not run out; `fills` has the minutes that are left for its words."""

    code = "consent.too_early"

    def __init__(self, left: timedelta) -> None:
        super().__init__(str(left))
        self.fills = {"minutes": int(left / timedelta(minutes=1)) + 1}


class NoConsentStated(Exception):
    """There is no statement about this member to countersign."""

    code = "consent.none"


def body(tx: Tx, case: CaseId, actor: Actor, member: str) -> Json:
    """The body of `consent.stated` about a member who has not answered in time, or has refused and said no more.

    Raises `ReportNotRendered`, `NotToState`, `AlreadyAnswered`, `ConsentTooEarly`.
    """
    state = tx.case(case)
    report = _report(state)
    if not may_state(state, actor, member):
        raise NotToState
    if report.is_settled(member) or member in report.stated:
        raise AlreadyAnswered
    refused = report.refuses_barely(member)
    left = due(tx, case) - tx.now
    if left > timedelta(0) and not refused:
        raise ConsentTooEarly(left)
    alias = state.members[MemberId(member)].alias
    text = WORDS["consent_of_refusal" if refused else "consent"].format(alias=alias)
    return {"by": actor.as_by(), "member": member, "report": report.sha256, "text": text}


def witness_body(tx: Tx, case: CaseId, actor: Actor, member: str) -> Json:
    """The body of `consent.witnessed` over what was stated. Raises `NoConsentStated`, `AlreadyAnswered`."""
    report = _report(tx.case(case))
    stated = report.stated.get(MemberId(member))
    if stated is None:
        raise NoConsentStated
    if report.is_settled(member):
        raise AlreadyAnswered
    return {"by": actor.as_by(), "member": member, "report": report.sha256, "statement": stated.entry}


def may_state(state: Case, actor: Actor, member: str) -> bool:
    """Whether this actor may state that this member is silent."""
    if member not in state.members or member == actor.who:
        return False
    has_answered = state.report is not None and actor.who in state.report.signatures
    return actor.who == state.leader or (member == state.leader and has_answered)


def due(tx: Tx, case: CaseId) -> datetime:
    """From when on silence may be stated; a night in between is nobody's silence."""
    state = tx.case(case)
    since = datetime.fromisoformat(_report(state).rendered_at)
    waiting = timedelta(seconds=profile_of(tx, case).rules.report.answer_wait_s)
    return since + waiting + night.slept(state, since, tx.now)


def _report(state: Case) -> Report:
    if state.report is None:
        raise ReportNotRendered
    return state.report

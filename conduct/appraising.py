"""履职评价 (step 25): agent or main venue say of each expert, yes or no, how the work was done; once a case and expert.

Filed before the close it is a statement of the case, after it one of the deployment. No member and no
public paper gets to see it; whoever opens the archive does.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from conduct.directory import DEPLOYMENT
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation.appraisal import load_form
from evaluation.case import Case, CaseId, Member, MemberId, State
from evaluation.deadlines import working_days_later
from expert_pool.moment import BEIJING

AFTER: Final = "after_close"


class NotToAppraise(Exception):
    """Nobody of this name is an expert of this case."""

    code = "appraisal.not_an_expert"


class AppraisalNotOpen(Exception):
    """It is too early for the form: the report is not signed yet, or the profile has it filled after the close."""

    code = "appraisal.not_open"


class AlreadyAppraised(Exception):
    """This expert's form is filed."""

    code = "appraisal.filed"


def experts(state: Case) -> tuple[Member, ...]:
    """Those of whom a form is to be filled, who left included."""
    everybody = (*state.members.values(), *(one.member for one in state.replaced.values()))
    return tuple(member for member in everybody if member.is_expert)


def moment(tx: Tx, case: CaseId) -> str:
    """When forms are filled: `signing`, or `after_close`."""
    return profile_of(tx, case).rules.appraisal.moment


def is_open(tx: Tx, case: CaseId) -> bool:
    """Whether forms may be filed now; one that is late is filed late rather than never."""
    state = tx.case(case)
    is_signing = state.state is State.REPORT_SIGNING and state.next_lot is None
    return state.state is State.CLOSED or (is_signing and moment(tx, case) != AFTER)


def filed(tx: Tx, case: CaseId) -> dict[MemberId, Json]:
    """The forms filed so far, by expert."""
    after = (json.loads(data)["body"] for _, data in tx.statements(DEPLOYMENT, "appraisal.added"))
    found = {key: dict(one.body) for key, one in tx.case(case).appraisals.items()}
    return found | {MemberId(body["member"]): body for body in after if body["about"] == case}


def file(tx: Tx, case: CaseId, actor: Actor, member: str, answers: Mapping[str, bool], remark: str) -> None:
    """File one expert's form.

    Raises `NotToAppraise`, `AppraisalNotOpen`, `AlreadyAppraised`, and what `evaluation.appraisal` refuses.
    """
    state, form = tx.case(case), load_form()
    if member not in {one.id for one in experts(state)}:
        raise NotToAppraise
    if not is_open(tx, case):
        raise AppraisalNotOpen
    if member in filed(tx, case):
        raise AlreadyAppraised
    form.check(answers, remark)
    body = {"by": actor.as_by(), "member": member, "form": form.digest, "answers": dict(answers)}
    body |= {"remark": remark.strip()}
    if state.state is State.CLOSED:
        tx.record(DEPLOYMENT, "appraisal.added", body | {"about": case})
    else:
        tx.record(case, "appraisal.filed", body)


def due(tx: Tx, case: CaseId) -> date | None:
    """The last day for it in Beijing where it is done after the close, None before; holidays are not known."""
    state = tx.case(case)
    if not state.closed_at or moment(tx, case) != AFTER:
        return None
    closed = datetime.fromisoformat(state.closed_at).astimezone(BEIJING).date()
    return working_days_later(closed, profile_of(tx, case).rules.appraisal.within_working_days)

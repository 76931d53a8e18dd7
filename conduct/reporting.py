"""The report's way: rendered when the candidates stand or the tender has failed, then answered by every member.

A member answers once, in one of three ways (实施条例 Art. 53; R-17): signs; signs and keeps a dissent in writing;
refuses, with or without a reason. Each answer is a `report.signed` statement under the member's own signature, a
refusal too: the member declares it at the seat, nobody else for them. With an answer that signs, the same password also
signs the PDF itself; a refusal signs the declaration alone, so no signature over the report is made for it.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from archive.report.font import FontRefused
from archive.report.reading import ReportRefused
from archive.report.render import RenderFailed, render_report
from conduct.ports import Actor, Json, Tx
from conduct.report import ReportNotReady, build
from evaluation.case import Case, CaseId, MemberId, Report, State
from signing.canonical import canonical
from signing.pdf_fields import reserve
from signing.pdf_file import PdfRefused

T = TypeVar("T")
OUTCOMES = ("signed", "dissent", "refused")
RETRY_S = 30.0

log = logging.getLogger("bid.reporting")


class ReportNotRendered(Exception):
    """There is no report to answer yet."""

    code = "report.not_rendered"


class UnknownOutcome(Exception):
    """An answer that is neither `signed`, `dissent` nor `refused`."""

    code = "report.outcome_unknown"


class OpinionMissing(Exception):
    """A dissent without its text: it must be stated in writing (实施条例 Art. 53)."""

    code = "report.opinion_missing"


class OpinionUnexpected(Exception):
    """A text beside a plain signature: whoever has something to say against the report signs with a dissent."""

    code = "report.opinion_unexpected"


class AlreadyAnswered(Exception):
    """This member has answered this report."""

    code = "report.answered"


class Store(Protocol):
    """What the job needs of the store."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a transaction."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Look at the committed state."""
        ...


async def render(store: Store, case: CaseId) -> None:
    """Build the report, render it beside the event loop, and state it if the case still stands as it was read.

    Nothing happens where the report is not due. A paper that cannot be set is no reason to
    stop the server: it is logged, and this returns only after `RETRY_S`, so that whoever calls again does not hurry.
    """
    state = await store.read(lambda tx: tx.case(case))
    if not is_due(state):
        return
    try:
        value = await store.read(lambda tx: build(tx, case))
        pdf = await render_report(value)
        await asyncio.to_thread(reserve, pdf)  # a report that nobody could sign inside is none
    except (ReportNotReady, ReportRefused, RenderFailed, FontRefused, PdfRefused):
        log.exception("no report of %s", case)
        await asyncio.sleep(RETRY_S)
        return
    await store.act(lambda tx: _keep(tx, case, state.tally_result, value, pdf))


def is_due(state: Case) -> bool:
    """Whether a report is to be made: the candidates are named or the tender has failed, and there is none yet."""
    has_ended = state.state is State.FAILED or (state.state is State.RECHECK and bool(state.candidates))
    return has_ended and state.report is None and state.pause is None


def _keep(tx: Tx, case: CaseId, tally: str, value: Json, pdf: bytes) -> None:
    """Keep both files and state them; a case that has moved on gets its report with the next look."""
    state = tx.case(case)
    if not is_due(state) or state.tally_result != tally:
        return
    report, data = tx.put_object(pdf), tx.put_object(canonical(value))
    begun = max((index for index, _ in tx.statements(case, "lot.opened")), default=0)
    version = 1 + sum(index > begun for index, _ in tx.statements(case, "report.rendered"))
    tx.record(case, "report.rendered", {"version": version, "report": report, "data": data})


def signature_body(tx: Tx, case: CaseId, actor: Actor, outcome: str, opinion: str) -> Json:
    """The body of a member's `report.signed`; a refusal's opinion may be empty, which counts as consent (R-17).

    Raises `ReportNotRendered`, `AlreadyAnswered`, `UnknownOutcome`, `OpinionMissing`, `OpinionUnexpected`.
    """
    report = _report(tx, case)
    if actor.who in report.signatures or actor.who in report.witnessed:
        raise AlreadyAnswered
    if outcome not in OUTCOMES:
        raise UnknownOutcome
    said = opinion.strip()
    if outcome == "dissent" and not said:
        raise OpinionMissing
    if outcome == "signed" and said:
        raise OpinionUnexpected
    member = tx.case(case).members[MemberId(actor.who)]
    return {"member": member.id, "alias": member.alias, "outcome": outcome, "report": report.sha256, "opinion": said}


def released_with(body: Json) -> str:
    """The digest that the password releases beside the statement: the PDF's, or none for a refusal ("").

    With it the member signs the PDF beside and inside (`signing_inside`).
    """
    return "" if body["outcome"] == "refused" else str(body["report"])


def _report(tx: Tx, case: CaseId) -> Report:
    report = tx.case(case).report
    if report is None:
        raise ReportNotRendered
    return report

"""How the members answered the report (`bid-report-answers/1`): from their own signed answers, and silence stated."""

from collections.abc import Iterator
from typing import Any, Literal

from archive.report.answers import Answer, AnswersData
from archive.report.characters import printable_value
from archive.report.font import coverage
from archive.report.reading import value_of
from conduct.ports import Tx
from conduct.report.material import ReportNotReady, second
from conduct.rulebook import profile_of
from evaluation.case import Case, Report
from evaluation.room import Signed
from signing.canonical import short_code

OUTCOMES: dict[str, Literal["signed", "dissent", "refused"]] = {
    "signed": "signed", "dissent": "dissent", "refused": "refused"
}  # fmt: skip


def build_answers(tx: Tx, state: Case) -> dict[str, Any]:
    """The answers once every member has answered or is stated to be silent. Raises `ReportNotReady`.

    `state` is the case, or the case as a finished lot left it.
    """
    if state.info is None or state.report is None or state.unanswered:
        raise ReportNotReady
    data = AnswersData(
        v="bid-report-answers/1",
        template=profile_of(tx, state.id).rules.report.template,
        mark="demo" if state.info.demo else "regular",
        issued=max(one.at for one in _answers(state, state.report)),
        number=state.id,
        project=state.info.title,
        lot=state.info.lot,
        version=state.report.version,
        report=state.report.sha256,
        answers=tuple(_answers(state, state.report)),
    )
    value = printable_value(value_of(data), coverage())
    assert isinstance(value, dict)  # noqa: S101 - of a dataclass
    return value


def _answers(state: Case, report: Report) -> Iterator[Answer]:
    for member in state.members.values():
        own = report.signatures.get(member.id)
        if own is not None:
            outcome = OUTCOMES[own.body["outcome"]]
            yield Answer(member.alias, member.name, outcome, second(own.at), _code(own), own.body["opinion"])
        else:
            witnessed, stated = report.witnessed[member.id], report.stated[member.id]
            told = str(stated.body["text"])
            yield Answer(member.alias, member.name, "silent", second(witnessed.at), _code(witnessed), told)


def _code(signed: Signed) -> str:
    return short_code(bytes.fromhex(signed.entry))

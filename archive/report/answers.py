"""The data of the sheet of answers, `bid-report-answers/1`: how each member answered a report, and in what words.

Pure. The report cannot hold them, for it is what they answer (docs/report.md).
"""

from dataclasses import dataclass
from typing import Literal

from archive.report.reading import Code, Count, Instant, Line, MaybeText, Ref, Sha256, read


@dataclass(frozen=True, slots=True)
class Answer:
    """One member's answer; `silent`: no answer in time, stated by the leader and countersigned by the witness."""

    member: Ref
    name: Line
    outcome: Literal["signed", "dissent", "refused", "silent"]
    at: Instant
    code: Code
    text: MaybeText


@dataclass(frozen=True, slots=True)
class AnswersData:
    """All answers to one version of a report."""

    v: Literal["bid-report-answers/1"]
    template: Ref
    mark: Literal["regular", "demo"]
    issued: Instant
    number: Line
    project: Line
    lot: Line
    version: Count
    report: Sha256
    answers: tuple[Answer, ...]


def read_answers(value: object) -> AnswersData:
    """The JSON value as a checked sheet of answers. Raises `ReportRefused`."""
    return read(AnswersData, value)

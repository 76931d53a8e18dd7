"""The data of a verification opinion (核验意见书), `bag-opinion/1`: what a verifier found in a bag (docs/report.md).

Pure. It never words a verdict of its own: the verdict must follow from the results it lists.
"""

from dataclasses import dataclass
from typing import Literal

from archive.report.reading import (
    Code,
    Count,
    Instant,
    Line,
    MaybeInstant,
    MaybeLine,
    MaybeSha256,
    ReportRefused,
    Sha256,
    read,
)


@dataclass(frozen=True, slots=True)
class Bag:
    """The bag that was checked; `tag_manifest` is its 校验码, `code` the first characters of it."""

    name: Line
    tag_manifest: Sha256
    code: Code
    files: Count
    bytes: Count
    sealed: MaybeInstant
    seal_certificate: MaybeSha256
    stamped: MaybeInstant


@dataclass(frozen=True, slots=True)
class Program:
    """The program that checked: its name, version and the SHA-256 of its file."""

    name: Line
    version: Line
    sha256: Sha256
    platform: Line


@dataclass(frozen=True, slots=True)
class Check:
    """One subject of the check, how many objects it covered, and its result."""

    subject: Line
    objects: Count
    result: Literal["passed", "failed", "not_checked"]
    note: MaybeLine


@dataclass(frozen=True, slots=True)
class Failure:
    """One object that did not pass, by its name in the bag."""

    object: Line
    reason: Line


@dataclass(frozen=True, slots=True)
class RecordingGap:
    """A stretch of a track that was not recorded; length in milliseconds."""

    seat: Line
    track: Line
    began: Instant
    duration_ms: Count
    reason: Line


@dataclass(frozen=True, slots=True)
class OpinionData:
    """The opinion on one bag."""

    v: Literal["bag-opinion/1"]
    mark: Literal["regular", "demo"]
    certificates: Literal["internal", "licensed"]
    issued: Instant
    case: Line
    project: Line
    bag: Bag
    program: Program
    trust: Literal["given", "not_given"]
    verdict: Literal["intact_trusted", "intact_untrusted", "refused"]
    checks: tuple[Check, ...]
    failures: tuple[Failure, ...]
    gaps: tuple[RecordingGap, ...]
    not_checked: tuple[Line, ...]


def read_opinion(value: object) -> OpinionData:
    """The JSON value as a checked opinion. Raises `ReportRefused`: `report.verdict` when the results say otherwise."""
    opinion = read(OpinionData, value)
    if opinion.verdict != _verdict_of(opinion):
        raise ReportRefused("report.verdict", "$.verdict", f"the results say {_verdict_of(opinion)}")
    return opinion


def _verdict_of(opinion: OpinionData) -> str:
    if opinion.failures or any(each.result == "failed" for each in opinion.checks):
        return "refused"
    return "intact_trusted" if opinion.trust == "given" else "intact_untrusted"

"""The data of an evaluation report, `bid-report/1`: its shape and its spelling (docs/report.md).

Pure. It prints nothing and computes no result: scores, bases and ranks come in as they were decided and signed.
"""

from dataclasses import dataclass
from typing import Literal

from archive.report.annexes import (
    Decision,
    Dissent,
    Draw,
    DrawnElsewhere,
    Gap,
    Interruption,
    MemberSignature,
    PledgeText,
    PreliminaryStage,
    PriceReview,
    Recheck,
    Sheet,
    SignaturePlace,
    SignedAct,
    SignIn,
    Summary,
)
from archive.report.reading import (
    Count,
    Instant,
    Line,
    MaybeInstant,
    MaybeLine,
    MaybeNumber,
    MaybeSha256,
    MaybeText,
    Number,
    Ref,
    Sha256,
    Text,
)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is evaluated, under which rules: the head of part 1."""

    number: Line
    project_code: Line
    project: Line
    lot: Line
    tenderer: Line
    agent: Line
    kind: Line
    limit_price: MaybeNumber
    main_venue: Line
    opened: Instant
    began: Instant
    ended: Instant
    tender_document: Sha256
    profile: Line
    profile_digest: Sha256


@dataclass(frozen=True, slots=True)
class Fact:
    """One further row of the data sheet."""

    name: Line
    value: Text


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue and the seats it lent."""

    alias: Line
    name: Line
    seats: Count


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the committee; `ref` is the alias used in every other table."""

    ref: Ref
    name: Line
    kind: Line
    unit: MaybeLine
    venue: Line
    seat: Line
    origin: Line
    duty: Literal["leader", "member"]
    state: Literal["seated", "replaced"]


@dataclass(frozen=True, slots=True)
class VoteCount:
    """Votes one candidate received."""

    member: Ref
    votes: Count


@dataclass(frozen=True, slots=True)
class ElectionRound:
    """A secret ballot round for the leader."""

    at: Instant
    counts: tuple[VoteCount, ...]
    result: Line


@dataclass(frozen=True, slots=True)
class Replacement:
    """A member who left and what became of their conclusions (实施条例 Art. 48)."""

    at: Instant
    left: Ref
    joined: Ref
    reason: Text
    voided: Text


@dataclass(frozen=True, slots=True)
class Bidder:
    """A bidder as the opening package names it."""

    ref: Ref
    name: Line
    code: MaybeLine


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """One row of the opening record."""

    bidder: Ref
    price: Number
    period: MaybeLine
    quality: MaybeLine
    bond: MaybeLine
    note: MaybeLine


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening record as delivered by the trading system, with the digest of its package."""

    at: Instant
    place: Line
    package: Sha256
    drawn: tuple[Fact, ...]
    bids: tuple[OpenedBid, ...]


@dataclass(frozen=True, slots=True)
class Compliant:
    """A bid that passed the preliminary review, with its price after arithmetic correction."""

    bidder: Ref
    price: Number
    note: MaybeLine


@dataclass(frozen=True, slots=True)
class DissentingVoice:
    """A member's words against the majority."""

    member: Ref
    text: Text


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected bid: ground (实施条例 Art. 51), clause, page of the bid and the votes."""

    bidder: Ref
    stage: Line
    item: Line
    clause: Line
    ground_code: Ref
    ground: Line
    page: Line
    votes_reject: Count
    votes_keep: Count
    reason: Text
    dissent: tuple[DissentingVoice, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of the tender document; `best` and `step` are empty for pass/fail items."""

    stage: Line
    code: Ref
    title: Line
    kind: Line
    best: MaybeNumber
    step: MaybeNumber
    standard: Text
    source: MaybeLine


@dataclass(frozen=True, slots=True)
class Method:
    """The evaluation method and its rules in words."""

    name: Line
    rules: tuple[Text, ...]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A summand of the comparison: a title and its full weight, if it has one."""

    title: Line
    weight: MaybeNumber


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One bidder: summands in the order of the parts, their exact sum, and the rank."""

    bidder: Ref
    parts: tuple[Number, ...]
    total: Number
    rank: Count
    note: MaybeLine


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of evaluated prices or scores (12号令 Art. 42, parts 7 and 8)."""

    unit: Literal["score", "price"]
    parts: tuple[Part, ...]
    rows: tuple[ComparisonRow, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recommended candidate, at most three, ranked (实施条例 Art. 53)."""

    rank: Count
    bidder: Ref
    price: Number
    result: Number
    period: MaybeLine
    quality: MaybeLine
    manager: MaybeLine


@dataclass(frozen=True, slots=True)
class Clarification:
    """A written question of the committee and the bidder's answer."""

    number: Ref
    bidder: Ref
    question: Text
    asked: Instant
    due: Instant
    answer: MaybeText
    answered: MaybeInstant
    file: MaybeSha256
    decision: Text


@dataclass(frozen=True, slots=True)
class ReportData:
    """The whole report of one lot. Empty arrays print as 无; nothing is left out of the page."""

    v: Literal["bid-report/1"]
    template: Ref
    mark: Literal["regular", "demo"]
    outcome: Literal["candidates", "failed"]
    issued: Instant
    case: CaseFacts
    data_sheet: tuple[Fact, ...]
    venues: tuple[Venue, ...]
    members: tuple[Member, ...]
    elections: tuple[ElectionRound, ...]
    replacements: tuple[Replacement, ...]
    bidders: tuple[Bidder, ...]
    opening: Opening
    compliant: tuple[Compliant, ...]
    rejected: tuple[Rejection, ...]
    method: Method
    comparison: Comparison
    conclusion: Text
    candidates: tuple[Candidate, ...]
    before_contract: tuple[Text, ...]
    clarifications: tuple[Clarification, ...]
    sign_ins: tuple[SignIn, ...]
    pledges: tuple[PledgeText, ...]
    draws: tuple[Draw, ...]
    drawn_elsewhere: tuple[DrawnElsewhere, ...]
    preliminary: tuple[PreliminaryStage, ...]
    preliminary_signatures: tuple[MemberSignature, ...]
    sheets: tuple[Sheet, ...]
    summaries: tuple[Summary, ...]
    price: PriceReview
    decisions: tuple[Decision, ...]
    rechecks: tuple[Recheck, ...]
    dissents: tuple[Dissent, ...]
    interruptions: tuple[Interruption, ...]
    gaps: tuple[Gap, ...]
    signed_acts: tuple[SignedAct, ...]
    signatures: tuple[SignaturePlace, ...]

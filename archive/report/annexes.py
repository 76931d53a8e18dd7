"""The shapes of the annexes of a report: the tables its ten parts rest on (docs/report.md). Pure."""

from dataclasses import dataclass
from typing import Literal

from archive.report.reading import (
    Code,
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
class SignIn:
    """Arrival of a member: how identity was checked, where the phone lies, when they left."""

    member: Ref
    arrived: Instant
    check: Line
    locker: MaybeLine
    left: MaybeInstant


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """What was asked for in a draw."""

    major: Line
    region: Line
    seats: Count


@dataclass(frozen=True, slots=True)
class Tally:
    """A reason or outcome and how often it occurred; never a name, never a number to call."""

    name: Line
    times: Count


@dataclass(frozen=True, slots=True)
class Draw:
    """Summary of a random draw; phone numbers have no field here."""

    number: Line
    subject: Literal["experts", "venues", "bids"]
    at: Instant
    drawer: Line
    supervisor: Line
    parties: Line
    pool_size: Count
    pool_root: Sha256
    transcript: Sha256
    requests: tuple[DrawRequest, ...]
    excluded: tuple[Tally, ...]
    replies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class DrawnElsewhere:
    """A draw of experts that another platform made and screened: what was taken over, nothing of it verified here."""

    number: Line
    at: Instant
    taken_by: Line
    members: Count
    alternates: Count
    file: Sha256
    signer: Sha256


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A pass/fail item of the preliminary review."""

    code: Ref
    title: Line
    source: MaybeLine


@dataclass(frozen=True, slots=True)
class Finding:
    """The votes on one item of one bid, in the order of the stage's voters."""

    bidder: Ref
    item: Ref
    votes: tuple[Literal["pass", "fail", "none"], ...]
    result: Literal["pass", "fail"]
    note: MaybeText


@dataclass(frozen=True, slots=True)
class PreliminaryStage:
    """One of 形式评审, 资格评审, 响应性评审."""

    title: Line
    voters: tuple[Ref, ...]
    items: tuple[ReviewItem, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class MemberSignature:
    """A member's signature over the own preliminary sheet of all bids."""

    member: Ref
    signed: Instant
    code: Code


@dataclass(frozen=True, slots=True)
class PledgeText:
    """The pledge's text and who signed it; replaced members signed it too."""

    text: Text
    signatures: tuple[MemberSignature, ...]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One criterion on a personal sheet, scores in the order of the sheet's bidders."""

    item: Ref
    title: Line
    best: Number
    scores: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class SheetComment:
    """A member's written reason for a score."""

    bidder: Ref
    item: Ref
    text: Text


@dataclass(frozen=True, slots=True)
class SheetSignature:
    """The signature over a member's sheet of one bidder: signed by itself, so that one can be returned."""

    bidder: Ref
    signed: Instant
    code: Code
    statement: Sha256


@dataclass(frozen=True, slots=True)
class Sheet:
    """A member's score sheets side by side, one column a bidder; voided ones stay in the report, marked."""

    member: Ref
    title: Line
    state: Literal["valid", "voided"]
    bidders: tuple[Ref, ...]
    rows: tuple[SheetRow, ...]
    totals: tuple[Number, ...]
    comments: tuple[SheetComment, ...]
    signatures: tuple[SheetSignature, ...]


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """All members' totals for one bidder, which of them were dropped, and the result."""

    bidder: Ref
    scores: tuple[Number, ...]
    use: tuple[Literal["counted", "dropped_high", "dropped_low"], ...]
    result: Number


@dataclass(frozen=True, slots=True)
class Summary:
    """How the members' totals of a sheet title became one score."""

    title: Line
    rule: Text
    best: Number
    members: tuple[Ref, ...]
    rows: tuple[SummaryRow, ...]


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A named intermediate result of the price review and how it came about."""

    name: Line
    value: Line
    derivation: MaybeText


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One bidder in the price table; `use` says whether the price entered the base."""

    bidder: Ref
    stated: Number
    corrected: Number
    use: Literal["counted", "dropped_high", "dropped_low", "not_counted"]
    deviation: MaybeNumber
    result: MaybeNumber
    note: MaybeLine


@dataclass(frozen=True, slots=True)
class PriceReview:
    """The price table: `unit` tells whether results are scores or evaluated prices."""

    unit: Literal["score", "price"]
    steps: tuple[PriceStep, ...]
    rows: tuple[PriceRow, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A vote of the committee on a stated question."""

    at: Instant
    question: Text
    votes_for: Count
    votes_against: Count
    result: Line


@dataclass(frozen=True, slots=True)
class Recheck:
    """A flag of the self-check before signing and what was done about it (87号令 Art. 64, 195号 item 9)."""

    at: Instant
    flag: Line
    finding: Text
    members: tuple[Ref, ...]
    before: MaybeLine
    after: MaybeLine
    decision: Text


@dataclass(frozen=True, slots=True)
class Dissent:
    """A member who keeps a different opinion, or refuses to sign (实施条例 Art. 53)."""

    member: Ref
    at: Instant
    outcome: Literal["signed_with_dissent", "refused_with_reason", "refused_without_reason"]
    text: MaybeText


@dataclass(frozen=True, slots=True)
class Interruption:
    """A suspension, a break, a night, a seat left, a roll-back: with its reason and who decided."""

    kind: Literal["suspension", "break", "night", "seat_left", "rollback", "incident"]
    began: Instant
    ended: MaybeInstant
    reason: Text
    decided_by: Line
    note: MaybeText


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a track that was not recorded; length in milliseconds."""

    seat: Line
    track: Line
    began: Instant
    duration_ms: Count
    reason: Line
    cover: MaybeLine


@dataclass(frozen=True, slots=True)
class SignedAct:
    """A signature given before the report: what was signed, when, and its 8-character code."""

    signer: Line
    document: Line
    at: Instant
    code: Code


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Where a member's detached signature over the report's bytes lies, and the certificate it must verify with."""

    member: Ref
    file: Line
    certificate: MaybeSha256

"""A rule profile: what the law and the region demand of a case, as values with a source behind each.

Chosen once when a case is created and kept by digest; code asks the value and never a date or a procedure's name.
`profile_reading` reads one from its document; a value that is added here is added to `absent` as well.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from evaluation.room import Talk

SHOW: Final = "DEMO"


@dataclass(frozen=True, slots=True)
class CommitteeRules:
    """R-01, R-02, R-04: size, from a budget of `large_from` yuan on a larger one; experts at least a part of all."""

    minimum: int
    large_minimum: int | None
    large_from: int | None
    must_be_odd: bool
    expert_parts: int
    of_parts: int
    most_representatives: int | None
    representative_may_lead: bool
    representative_may_elect: bool


@dataclass(frozen=True, slots=True)
class MethodRules:
    """R-13, R-23, R-24: methods a tender document may use, least weight of the price, ways to break a tie.

    `ties_left`: what becomes of bids that the tender document's own rules leave equal.
    """

    methods: tuple[str, ...]
    least_price_weight: Decimal
    ties: tuple[str, ...]
    ties_are_fixed: bool
    ties_left: Literal["lot", "joint"]


@dataclass(frozen=True, slots=True)
class DrawRules:
    """R-05: when experts are drawn, how many stand by unless the form says otherwise, when a silent party is named.

    Experts are drawn at most so long, or so many working days, before the start; an expert of one unit a committee
    (`unit_cap`, 0: any number); 老面孔: within so many days at most so often for one tenderer or agent, or beside one
    other member, before an expert rests.
    """

    moment: Literal["before_opening", "after_opening"]
    alternates: int
    silent_after_s: int
    unit_cap: int
    earliest_before_start_s: int | None
    earliest_working_days: int | None
    meetings_days: int
    most_with_host: int | None
    most_with_member: int | None


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """How often and when an expert is called (Beijing time), how long an answer is awaited, when leave is too late."""

    calls: int
    answer_wait_s: int
    earliest: str
    latest: str
    leave_refused_before_start_s: int


@dataclass(frozen=True, slots=True)
class CheckInRules:
    """When the desk opens, how late a member may come, how long a seat code lives."""

    opens_before_start_s: int
    grace_s: int
    seat_code_s: int


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """R-30: how often a signing password may be tried before it locks; what a signature needs beside it: a security
    key, the word of the second screen that it has shown the very bytes."""

    tries: int
    security_key: bool
    second_screen: bool


@dataclass(frozen=True, slots=True)
class SignatureRules:
    """By which algorithms everybody signs: P-256, SM2, or both over the same bytes (docs/sm2.md)."""

    algorithms: Literal["p256", "sm2", "both"]


@dataclass(frozen=True, slots=True)
class BallotRules:
    """Whether motions are secret as the leader's election is; more time where more than one in so many ask (R-12)."""

    motions_are_secret: bool
    more_time_above_one_in: int


@dataclass(frozen=True, slots=True)
class PreliminaryRules:
    """R-14: how a difference is decided, and what follows when too few bids are left."""

    decision: Literal["majority", "unanimity_first"]
    bids_needed: int
    below_needed: Literal["committee_decides", "must_stop"]


@dataclass(frozen=True, slots=True)
class ClarificationRules:
    """R-15: how long a bidder has, whether a supervisor reads the question first, which words lead the bidder."""

    window_s: int
    supervisor_reviews: bool
    leading_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """R-19, R-22: from what deviation a member is asked, and what becomes of an abnormal score; S-10: blind review."""

    deviation_percent: Decimal
    range_percent: Decimal
    abnormal_scores: Literal["shown_only", "replaced_by_vote"]
    blind: Literal["allowed", "required"]


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """R-39: how long each bid is open before a member may submit its sheet; whether papers leave the page of a seat."""

    bid_minimum_s: int
    may_copy: bool


@dataclass(frozen=True, slots=True)
class PresenceRules:
    """After how long without its line an empty seat locks (离席)."""

    seat_locks_after_s: int


@dataclass(frozen=True, slots=True)
class IncidentRules:
    """The emergency clocks; `None`: no automatic ending."""

    before_start_s: int | None
    during_s: int | None
    approver_wait_s: int


@dataclass(frozen=True, slots=True)
class RollbackRules:
    """Who approves going back a stage."""

    approver: Literal["supervisor", "main_venue_and_witness"]


@dataclass(frozen=True, slots=True)
class RoomRules:
    """What members see and hear of each other: picture and voice as they are, or disguised (Hebei).

    At most `speakers` seats are heard at a time, beside the leader's; `talk` is how the room talks at first.
    """

    members_see: Literal["raw", "masked"]
    speakers: int
    talk: Talk


@dataclass(frozen=True, slots=True)
class ReportRules:
    """R-16, R-17: most candidates; how long an answer is awaited before silence may be stated as consent.

    `template` names the report's order and wording (docs/report.md).
    """

    template: str
    most_candidates: int
    answer_wait_s: int


@dataclass(frozen=True, slots=True)
class FeeRules:
    """Which table experts are paid by (`agreed`: none, the sum is agreed elsewhere); whether a break is paid time."""

    table: str
    break_counts: bool


@dataclass(frozen=True, slots=True)
class AppraisalRules:
    """履职评价: whether staff fill the form before the case closes or after, and in how many working days."""

    moment: Literal["signing", "after_close"]
    within_working_days: int


@dataclass(frozen=True, slots=True)
class AfterRules:
    """R-26, R-27: what others owe after the close, in days and in working days; null: the law names none."""

    publish_within_days: int | None
    publicity_days: int | None
    report_working_days: int | None
    decide_working_days: int | None
    notice_working_days: int | None


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A rule's id, where it is written, what it says, and the values it governs (`committee.minimum`).

    A rule that has no value is kept by the system always (docs/rules.md).
    """

    id: str
    source: str
    text: str
    governs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The values of a profile, by subject."""

    committee: CommitteeRules
    method: MethodRules
    draw: DrawRules
    notice: NoticeRules
    check_in: CheckInRules
    password: PasswordRules
    signature: SignatureRules
    ballot: BallotRules
    preliminary: PreliminaryRules
    clarification: ClarificationRules
    scoring: ScoringRules
    reading: ReadingRules
    presence: PresenceRules
    incident: IncidentRules
    rollback: RollbackRules
    room: RoomRules
    report: ReportRules
    fee: FeeRules
    appraisal: AppraisalRules
    after: AfterRules


@dataclass(frozen=True, slots=True)
class Profile:
    """A complete profile. `document` is its resolved JSON; `digest` the SHA-256 hex of its canonical bytes."""

    id: str
    title: str
    effective: datetime.date
    rules: Rules
    sources: tuple[RuleSource, ...]
    document: Mapping[str, Any]
    digest: str

    @property
    def is_for_show(self) -> bool:
        """A demonstration's profile: a case under it is printed and sealed as one. Its rule `DEMO` says so."""
        return any(rule.id == SHOW for rule in self.sources)

    def source_of(self, value: str) -> RuleSource:
        """The rule behind one value, such as `committee.minimum`."""
        return next(rule for rule in self.sources if value in rule.governs)

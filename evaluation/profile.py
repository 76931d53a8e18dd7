"""A rule profile: what the law and the region demand of a case, as values with a source behind each.

Chosen once when a case is created and kept by digest; code asks the value and never a date or a procedure's name.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from evaluation import fees
from evaluation.tally.reading import DocumentRefused, Reader
from signing.canonical import canonical

FORMAT: Final = "bid-profile/1"
SHOW: Final = "DEMO"
_MOST: Final = 10**9
Section = TypeVar("Section")


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
    """R-30: how often a signing password may be tried before it locks."""

    tries: int


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
    """What members see and hear of each other: picture and voice as they are, or disguised (Hebei)."""

    members_see: Literal["raw", "masked"]


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


def parse_profile(document: object, base: Profile | None = None) -> Profile:
    """Read a `bid-profile/1` document; with `base` it says only what differs. Raises `DocumentRefused`."""
    resolved = dict(document) if base is None and isinstance(document, dict) else _resolved(document, base)
    reader = Reader(resolved)
    reader.choice("format", (FORMAT,))
    name, title = reader.text("id"), reader.text("title")
    try:
        effective = datetime.date.fromisoformat(reader.text("effective"))
    except ValueError as error:
        raise DocumentRefused("not_a_date", "$.effective") from error
    values = reader.part("values")
    sections = {field: _section(values.part(field), kind) for field, kind in get_type_hints(Rules).items()}
    values.end()
    sources = tuple(_source(row) for row in reader.rows("rules"))
    reader.end()
    _check_sources(sources)
    if resolved["values"]["fee"]["table"] not in (fees.AGREED, *fees.NAMES):
        raise DocumentRefused("unknown_word", "$.values.fee.table")
    digest = sha256(canonical(resolved)).hexdigest()
    return Profile(name, title, effective, Rules(**sections), sources, resolved, digest)


def _section(reader: Reader, kind: type[Section]) -> Section:
    hints = get_type_hints(kind)
    section = kind(**{name: _value(reader, name, hint) for name, hint in hints.items()})
    reader.end()
    return section


def _value(reader: Reader, name: str, hint: object) -> object:
    """Read one value as its annotation says: bool, int, int or null, Decimal, one of some words, or text."""
    if get_origin(hint) is Literal:
        return reader.choice(name, get_args(hint))
    if hint is bool:
        return reader.fact(name)
    if hint is int:
        return reader.whole(name, 0, _MOST)
    if type(None) in get_args(hint):
        return reader.optional_whole(name, 0, _MOST)
    if get_origin(hint) is tuple:
        return reader.words(name)
    return reader.number(name, Decimal(0)) if hint is Decimal else reader.text(name)


def _source(reader: Reader) -> RuleSource:
    rule = RuleSource(reader.text("id"), reader.text("source"), reader.text("text"), reader.words("governs"))
    reader.end()
    return rule


def _check_sources(sources: tuple[RuleSource, ...]) -> None:
    """Each value stands under exactly one rule."""
    known = {f"{section}.{field.name}" for section, kind in get_type_hints(Rules).items() for field in fields(kind)}
    governed = [value for rule in sources for value in rule.governs]
    for value in governed:
        if value not in known:
            raise DocumentRefused("unknown_value", f"$.rules.{value}")
        if governed.count(value) > 1:
            raise DocumentRefused("two_sources", f"$.rules.{value}")
    for value in sorted(known - set(governed)):
        raise DocumentRefused("value_without_source", f"$.rules.{value}")


def _resolved(document: object, base: Profile | None) -> dict[str, Any]:
    """The base's document with the values and rules that this one states instead."""
    reader = Reader(document)
    if base is None:
        reader.refuse("base_missing", "based_on")
    reader.choice("based_on", (base.id,))
    own = [_source(row) for row in reader.rows("rules")]
    taken = {value for rule in own for value in rule.governs}
    values = {section: dict(fields) for section, fields in base.document["values"].items()}
    stated = reader.part("values")
    for section in stated.names():
        if section not in values:
            reader.refuse("unknown_key", f"values.{section}")
        change = Reader(stated.raw(section), f"$.values.{section}")
        values[section].update({name: change.raw(name) for name in change.names()})
    kept = [
        {**rule, "governs": [value for value in rule["governs"] if value not in taken]}
        for rule in base.document["rules"]
        if not rule["governs"] or not taken.issuperset(rule["governs"])
    ]
    return {
        "format": reader.choice("format", (FORMAT,)),
        "id": reader.text("id"),
        "title": reader.text("title"),
        "effective": reader.text("effective"),
        "values": values,
        "rules": kept + [_rule_row(rule) for rule in own],
    }


def _rule_row(rule: RuleSource) -> dict[str, Any]:
    return {"id": rule.id, "source": rule.source, "text": rule.text, "governs": list(rule.governs)}

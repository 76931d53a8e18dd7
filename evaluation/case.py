"""The state of one case (评标活动) as its statements tell it: values only, no rule and no effect.

A `Case` is never stored; `fold.py` makes it from the log, so that whoever holds the log holds the state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from evaluation.abnormal import Questioned
from evaluation.ballot import Paper
from evaluation.blind import Blind
from evaluation.drawn import Draw
from evaluation.ending import Asked, Ending
from evaluation.ids import BidId, CaseId, MemberId
from evaluation.lot import Bid, Lot
from evaluation.motion import Motion
from evaluation.reevaluation import Reevaluation
from evaluation.rollback import Rollback
from evaluation.room import Clarification, Flag, Floor, Gap, Mark, Pause, Proposed, Rejection, Report, Signed
from evaluation.tally.records import joined

__all__ = [
    "Application",
    "Ballot",
    "Bid",
    "BidId",
    "Case",
    "CaseId",
    "Clarification",
    "Document",
    "Draw",
    "Flag",
    "Gap",
    "Info",
    "Lot",
    "Mark",
    "Member",
    "MemberId",
    "Pause",
    "Proposed",
    "Questioned",
    "Rejection",
    "Replaced",
    "Report",
    "Rollback",
    "Signed",
    "State",
]


class State(Enum):
    """The life of a case (domain page 1.2); the order of the names is the order of the procedure."""

    NONE = "none"
    DRAFT = "draft"
    APPLIED = "applied"
    SEATS_HELD = "seats_held"
    VENUE_DRAWN = "venue_drawn"
    DRAW_SET = "draw_set"
    DRAWN_SEALED = "drawn_sealed"
    OPENED = "opened"
    RESCREENED = "rescreened"
    CHECK_IN = "check_in"
    READY = "ready"
    PLEDGED = "pledged"
    LEADER_ELECTED = "leader_elected"
    PREP = "prep"
    PRELIM = "prelim"
    COMPETITION_CHECK = "competition_check"
    DETAILED = "detailed"
    PRICE = "price"
    SUMMARY = "summary"
    RECHECK = "recheck"
    FAILED = "failed"
    REPORT_SIGNING = "report_signing"
    ABORTED = "aborted"
    CLOSED = "closed"

    @property
    def rank(self) -> int:
        """Position in the procedure, 0 for a case that does not exist yet."""
        return _ORDER[self]


_ORDER = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Info:
    """What the case is about, from `case.created`; `follows` is the case that it takes up again, `followed_as` why."""

    project: str
    title: str
    tenderer: str
    agent: str
    region: str
    lot: str
    limit: str
    planned_start: str
    profile: str
    profile_digest: str
    demo: bool
    created_by: str
    method: str = ""
    follows: str = ""
    followed_as: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that a package brought: its digest is its name in the object store."""

    path: str
    role: str
    sha256: str
    size: int
    package: str


@dataclass(frozen=True, slots=True)
class Application:
    """The application for remote evaluation (远程异地评标申请)."""

    experts: int
    representatives: int
    start: str
    days: int
    overnight: bool
    avoid_units: tuple[str, ...]

    @property
    def size(self) -> int:
        """Members of the committee, experts and representatives together."""
        return self.experts + self.representatives

    @property
    def nights(self) -> int:
        """How many nights (隔夜) the seats are booked for."""
        return max(self.days - 1, int(self.overnight))


@dataclass(frozen=True, slots=True)
class Member:
    """A seat of the committee, filled at check-in; the name is empty until the committee opens."""

    id: MemberId
    alias: str
    kind: str
    venue: str
    seat: str
    locker: str
    credential: str = ""
    certificate_sha256: str = ""
    is_locked: bool = False
    device_checked: bool = False
    pledged: bool = False
    name: str = ""
    categories: tuple[str, ...] = ()
    online: bool = True
    away_since: str = ""
    left_at: str = ""
    confirmed_presence: bool = True

    @property
    def is_expert(self) -> bool:
        """True for a drawn expert, False for the tenderer's representative."""
        return self.kind == "expert"


@dataclass(frozen=True, slots=True)
class Replaced:
    """A member whose place another takes (实施条例 Art. 48): who it was, when and why, and who follows if known."""

    member: Member
    at: str
    reason: str
    successor: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """One secret ballot, round by round; `papers` are the opened ones of each counted round."""

    round: int
    candidates: tuple[str, ...]
    cast: tuple[MemberId, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    history: tuple[Mapping[str, int], ...] = ()
    papers: tuple[tuple[Paper, ...], ...] = ()
    elected: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the log says of one case. Mappings are replaced, never changed in place.

    Of several `lots` the one named `lot` is in hand; how the case stood as each was finished is `finished`, by id.
    `files` are those of all packages, `documents` those of the lot in hand. A file is known by its path, which names
    its bidder: two bidders may bring the same bytes, and the digest only says where these lie.
    """

    id: CaseId
    state: State = State.NONE
    size: int = 0
    last_at: str = ""
    last_kind: str = ""
    info: Info | None = None
    lots: Mapping[str, Lot] = field(default_factory=dict)
    lot: str = ""
    finished: Mapping[str, "Case"] = field(default_factory=dict)
    files: tuple[Document, ...] = ()
    documents: tuple[Document, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    criteria_sha256: str = ""
    precheck: str = ""
    bids: Mapping[BidId, Bid] = field(default_factory=dict)
    k: str = ""
    application: Application | None = None
    venue: str = ""
    seats: tuple[str, ...] = ()
    draws: Mapping[str, Draw] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[MemberId, Member] = field(default_factory=dict)
    is_open: bool = False
    persons: Mapping[str, str] = field(default_factory=dict)
    ballots: Mapping[str, Ballot] = field(default_factory=dict)
    leader: str = ""
    recused: frozenset[MemberId] = frozenset()
    replaced: Mapping[MemberId, Replaced] = field(default_factory=dict)
    motions: Mapping[str, Motion] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    prelims: Mapping[MemberId, Signed] = field(default_factory=dict)
    first_findings: Mapping[MemberId, Signed] = field(default_factory=dict)
    disputed: tuple[tuple[BidId, str], ...] = ()
    rejections: Mapping[BidId, Rejection] = field(default_factory=dict)
    rejecting: Mapping[BidId, Rejection] = field(default_factory=dict)
    failed: str = ""
    proposals: Mapping[str, Proposed] = field(default_factory=dict)
    clarifications: Mapping[str, Clarification] = field(default_factory=dict)
    corrections: Mapping[BidId, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    blind: Blind | None = None
    sheets: Mapping[tuple[MemberId, BidId], Signed] = field(default_factory=dict)
    returned: frozenset[tuple[MemberId, BidId]] = frozenset()
    unlocks: Mapping[tuple[MemberId, BidId], str] = field(default_factory=dict)
    tally_input: str = ""
    tally_result: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()
    flags: tuple[Flag, ...] = ()
    questioned: Mapping[tuple[MemberId, BidId, str], Questioned] = field(default_factory=dict)
    rollbacks: tuple[Rollback, ...] = ()
    candidates: tuple[str, ...] = ()
    report: Report | None = None
    fees: Mapping[MemberId, Signed] = field(default_factory=dict)
    appraisals: Mapping[MemberId, Signed] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    floor: Floor | None = None
    marks: tuple[Mark, ...] = ()
    gaps: tuple[Gap, ...] = ()
    segments: int = 0
    ending_asked: Asked | None = None
    ending: Ending | None = None
    reevaluation: Reevaluation | None = None
    closed_at: str = ""

    @property
    def pause(self) -> Pause | None:
        """The pause that holds now, if any: while it does, writing is locked and documents are hidden."""
        last = self.pauses[-1] if self.pauses else None
        return last if last and not last.ended else None

    @property
    def nights_left(self) -> int:
        """How many of the nights applied for are still to come."""
        had = sum(one.kind == "night" for one in self.pauses)
        return max(0, self.application.nights - had) if self.application else 0

    @property
    def valid_bids(self) -> tuple[BidId, ...]:
        """Bids not rejected, in the order of the opening record."""
        return tuple(bid for bid in self.bids if bid not in self.rejections)

    @property
    def next_lot(self) -> Lot | None:
        """The lot after the one being evaluated; None for the last, and where the case has one alone."""
        ids = list(self.lots)
        following = ids[ids.index(self.lot) + 1 :] if ids else []
        return self.lots[following[0]] if following else None

    @property
    def lots_so_far(self) -> tuple["Case", ...]:
        """The case as it stood at the end of each finished lot, and as it stands now."""
        return (*self.finished.values(), self)

    @property
    def all_bids(self) -> tuple[Bid, ...]:
        """The bids of all lots: who stands in any of them is a bidder of this case."""
        return tuple(bid for lot in self.lots.values() for bid in lot.bids.values()) or tuple(self.bids.values())

    @property
    def motion(self) -> Motion | None:
        """The question that is open to votes now, if any."""
        return next((motion for motion in self.motions.values() if motion.is_open), None)

    @property
    def rollback(self) -> Rollback | None:
        """The request to go back that waits for its decision, if any."""
        last = self.rollbacks[-1] if self.rollbacks else None
        return last if last and last.is_open else None

    @property
    def unread(self) -> tuple[Proposed, ...]:
        """Questions to bidders that nobody has read yet who must; after scoring none goes out any more."""
        if self.state.rank > State.DETAILED.rank:
            return ()
        return tuple(one for one in self.proposals.values() if not one.decided_at)

    @property
    def is_incomplete(self) -> bool:
        """缺员: somebody stands aside, or a place is empty; own scoring goes on, no common stage closes (R-11)."""
        wanted = self.application.size if self.application else 0
        return bool(self.recused) or len(self.members) < wanted

    @property
    def unanswered(self) -> tuple[Member, ...]:
        """Members of whom no answer to the report is on record, nor silence or a bare refusal stated as one (R-17)."""
        report = self.report
        return tuple(one for one in self.members.values() if report is None or not report.is_settled(one.id))

    @property
    def review_round(self) -> int:
        """1 until the committee talks over its differences and votes on them again."""
        return 2 if self.disputed else 1

    @property
    def is_scored(self) -> bool:
        """Whether members fill in score sheets: not where the lowest evaluated price alone ranks."""
        return self.info is None or self.info.method != "lowest_evaluated_price"

    @property
    def scored_bids(self) -> tuple[BidId, ...]:
        """The bids that have sheets by name; none where everything is scored by code."""
        return self.valid_bids if self.blind is None or self.blind.named else ()

    @property
    def sheets_wanted(self) -> tuple[BidId, ...]:
        """What each member signs a sheet for: the codes of a blind review, then bids by name."""
        return (*(self.blind.codes if self.blind else ()), *self.scored_bids)

    @property
    def whole_sheets(self) -> dict[tuple[MemberId, BidId], Mapping[str, Any]]:
        """By member and valid bid what was signed of it, the sheet by code and the one by name as one."""
        codes = {str(code): str(bid) for code, bid in self.blind.bids.items()} if self.blind else {}
        whole = joined([signed.body for signed in self.sheets.values()], codes)
        return {
            (MemberId(body["member"]), BidId(body["bid"])): body for body in whole if body["bid"] in self.valid_bids
        }

    @property
    def all_have_signed(self) -> bool:
        """Whether every member has signed every sheet, by code and by name, be it given back since."""
        wanted = {(member, key) for member in self.members for key in self.sheets_wanted}
        return bool(wanted) and (not self.is_scored or wanted <= set(self.sheets))

    @property
    def all_sheets_in(self) -> bool:
        """Whether every member has a signed sheet for every valid bid, and none is given back."""
        return self.all_have_signed and not self.given_back

    @property
    def given_back(self) -> frozenset[tuple[MemberId, BidId]]:
        """The sheets to be signed anew; one of a bid that was rejected since it was given back is wanted no more."""
        wanted = self.sheets_wanted
        return frozenset(key for key in self.returned if key[1] in wanted)

    def stage_is_open(self, stage: str) -> bool:
        """Whether a stage was opened and not closed since."""
        opened, closed = self.stages.get(stage, ("", ""))
        return bool(opened) and not closed

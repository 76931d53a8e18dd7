"""What the room leaves in a case: signed sheets, rejections, questions to bidders, flags, the report, pauses, marks.

Values as the log tells them, no rule and no effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evaluation.ids import BidId, MemberId


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed sheet: where it stands in the log and what it says."""

    index: int
    entry: str
    at: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A bid rejected by the committee (否决投标), 12号令 and 实施条例 Art. 51."""

    bid: BidId
    clause: str
    passed: int
    failed: int
    ground: str
    page: int
    reason: str


@dataclass(frozen=True, slots=True)
class Clarification:
    """One written question to a bidder and its answer (实施条例 Art. 52)."""

    id: str
    bid: BidId
    pages: str
    text: str
    due: str
    asked_at: str
    link: str
    answer: str = ""
    seal: str = ""
    answered_at: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question that a supervisor reads before it goes out: who has endorsed it, how it was decided."""

    id: str
    bid: BidId
    pages: str
    text: str
    asked_at: str
    endorsed: Mapping[str, str] = field(default_factory=dict)
    decided_at: str = ""
    is_approved: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding of the self-check before signing and what its member decided."""

    code: str
    member: MemberId
    bid: BidId
    value: str
    mean: str
    deviation: str
    decision: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The current version of the report, the members' outcomes over it, and silence stated and countersigned."""

    version: int
    sha256: str
    data_sha256: str
    rendered_at: str
    signatures: Mapping[MemberId, Signed] = field(default_factory=dict)
    stated: Mapping[MemberId, Signed] = field(default_factory=dict)
    witnessed: Mapping[MemberId, Signed] = field(default_factory=dict)

    def refuses_barely(self, member: str) -> bool:
        """Whether a member refused to sign and gave no reason: that counts as consent, once stated (R-17)."""
        own = self.signatures.get(MemberId(member))
        return own is not None and own.body["outcome"] == "refused" and not own.body["opinion"]

    def is_settled(self, member: str) -> bool:
        """Whether nothing more is awaited of a member: an own answer, or consent stated and countersigned."""
        answered = member in self.signatures and not self.refuses_barely(member)
        return answered or member in self.witnessed


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension (暂停), a meal break (用餐休息) or a night (隔夜), open or ended: `suspension`, `break`, `night`.

    `until`: the end of the incident's clock, if one runs; `is_over` once that was stated, `is_continued` once it was
    decided to go on all the same. Of a night: `resumes`, when work is to go on; `sealed`, the root of the evening's
    checkpoint once it is witnessed; `renewed`, whose identity the desk has checked again since. `from_night`: a
    suspension that began in a night, whose seats stay sealed.
    """

    kind: str
    began: str
    reason: str = ""
    venue: str = ""
    ended: str = ""
    until: str = ""
    is_over: bool = False
    is_continued: bool = False
    resumes: str = ""
    sealed: str = ""
    renewed: frozenset[MemberId] = frozenset()
    from_night: bool = False

    @property
    def is_overnight(self) -> bool:
        """Whether seats were sealed for a night and open again one by one."""
        return self.kind == "night" or self.from_night

    def is_barred(self, member: str) -> bool:
        """Whether the desk must see this member's papers again before anything else: the seat is sealed."""
        return self.is_overnight and MemberId(member) not in self.renewed


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the witness's record."""

    at: str
    who: str
    seat: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A named hole in a recording."""

    seat: str
    track: str
    start: str
    end: str
    reason: str


# `open`: whoever is not silenced is heard. `held`: and only while a button at the seat is held down (按住说话).
Talk = Literal["open", "held"]


@dataclass(frozen=True, slots=True)
class Floor:
    """Who may be heard in the room: how it talks, and which seats the leader or the main venue have silenced."""

    talk: Talk
    silenced: frozenset[str] = frozenset()

    def lets(self, seat: str, *, is_talking: bool) -> bool:
        """Whether this seat is heard now."""
        return seat not in self.silenced and (self.talk == "open" or is_talking)

"""Everything that may be asked of the draw process, and the shape of each answer; docs/draw-protocol.md says why.

An answer holds no more than its asker may know at that moment: no label, no name, no link.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from draw.exclusions import Counts
from draw.pool import Pool
from draw.request import Places, Request
from expert_pool.expert import Enrolment
from expert_pool.notices import Calling
from expert_pool.request import DrawRequest

A = TypeVar("A")


class Question(Generic[A]):
    """Something to ask; `A` is the answer's type."""

    __slots__ = ()


class DrawProcess(Protocol):
    """The process as flows see it; `office.Office` is one."""

    @property
    def key(self) -> str:
        """Its public key now (64 hex digits); empty while there is none."""
        ...

    @property
    def started(self) -> datetime:
        """Since when it has this key (UTC)."""
        ...

    async def ask(self, question: Question[A]) -> A:
        """Ask, and wait for the answer. Raises `ProcessAway` and the refusals of `refusals`."""
        ...


@dataclass(frozen=True, slots=True)
class Ref:
    """One attempt of one draw of a case."""

    case: str
    draw: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Material:
    """What a draw is made of beside the links: the lot's request, its frozen pool, its sealed places.

    For experts also the clerk's form and the people; they are held against bidders and called, never logged. `pools`
    are the owners' editions that the pool was frozen from.
    """

    request: Request
    pool: Pool
    places: Places | None = None
    ineligible: Counts = ()
    form: DrawRequest | None = None
    experts: tuple[Enrolment, ...] = field(default=(), repr=False)
    pools: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """A party of an attempt, as its commitment was logged: 32 bytes each."""

    id: str
    legal_person: str
    commit: bytes
    share_key: bytes


@dataclass(frozen=True, slots=True)
class Logged:
    """The digests (hex) that the log holds of a sealed round."""

    order: str
    transcript: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who was called: under a handle, for a quota, at these times (UTC), with an answer or none ("").

    `is_queued` while a further call waits to be placed.
    """

    handle: bytes
    quota: int
    answer: str
    times: tuple[datetime, ...]
    is_queued: bool = False


@dataclass(frozen=True, slots=True)
class Roll:
    """What the server knows of the committee: calls, the bidders once known, who is gone since and why."""

    called: tuple[Called, ...] = ()
    bidders: tuple[str, ...] = ()
    gone: tuple[tuple[bytes, str], ...] = ()


NO_ROLL = Roll()


@dataclass(frozen=True, slots=True)
class PastRound:
    """A round that was drawn: what the log holds of it, the roll it was drawn for, its transcript once all may read it
    (else empty)."""

    logged: Logged
    roll: Roll = NO_ROLL
    transcript: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Acquaint(Question[None]):
    """Make an attempt known, with the rounds drawn already."""

    ref: Ref
    material: Material
    parties: tuple[Party, ...]
    past: tuple[PastRound, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """A link that the process holds."""

    ref: Ref
    round_no: int
    party: str


@dataclass(frozen=True, slots=True)
class Held(Question[tuple[Holding, ...]]):
    """Which links it holds."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether the link is the committed one; `digest` is what the log may say of it (hex)."""

    is_true: bool
    digest: str


@dataclass(frozen=True, slots=True)
class TakeLink(Question[Taken]):
    """A party's link, sealed to this process (`key` is the public key it was sealed to)."""

    ref: Ref
    round_no: int
    party: str
    key: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class TakeShare(Question[bool]):
    """A party's opened share of the sealed result `result`, sealed to this process; True once two have opened it."""

    ref: Ref
    round_no: int
    party: str
    key: str
    sealed: bytes
    result: bytes


@dataclass(frozen=True, slots=True)
class OpenedRound:
    """A round that all may read: its transcript, the ids in their order and the salt of their digest."""

    transcript: bytes
    order: tuple[str, ...]
    salt: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """What leaves the process at a draw: three digests, the sealed result, for sub venues who was taken, and the whole
    round where the bids are drawn for, which is no secret."""

    logged: Logged
    sealed: bytes
    venues: tuple[tuple[str, str], ...] = ()
    opened: tuple[OpenedRound, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawNow(Question[Drawn]):
    """Draw the order of a round; above 0 for the places that the roll leaves empty."""

    ref: Ref
    round_no: int = 0
    roll: Roll = NO_ROLL


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call now; `pool` is the owner whose operator may make the call by hand."""

    handle: bytes
    quota: int
    place: str
    pool: str
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Short:
    """How many a quota (its index) lacks."""

    quota: int
    members: int
    alternates: int


@dataclass(frozen=True, slots=True)
class Planned:
    """Whose time to answer is over, whom to call, when to look again (None: nothing waits), and how many stand.

    `is_exhausted`: nobody is left to be asked or to answer; `short` then says what is lacking.
    """

    settled: tuple[bytes, ...]
    call: tuple[Call, ...]
    again_at: datetime | None
    members: int
    alternates: int
    is_complete: bool
    is_exhausted: bool
    short: tuple[Short, ...]


@dataclass(frozen=True, slots=True)
class Plan(Question[Planned]):
    """Whom to call at this moment; the same question a moment later is the same."""

    ref: Ref
    roll: Roll
    calling: Calling
    now: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class Count:
    """How many are missing, and the digest of those who stand."""

    missing_members: int
    digest: str


@dataclass(frozen=True, slots=True)
class CountStanding(Question[Count]):
    """Who stands now, in numbers (复筛 when the bidders are in the roll)."""

    ref: Ref
    roll: Roll


@dataclass(frozen=True, slots=True)
class Succession:
    """Who is gone now, which alternates move up and must be asked to come, for how many places there is none."""

    gone: tuple[bytes, ...]
    moved_up: tuple[bytes, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class Succeed(Question[Succession]):
    """Who follows when `leaving` is gone, or with no `leaving` whoever of these places is not among `seated`."""

    ref: Ref
    roll: Roll
    leaving: tuple[bytes, ...]
    places: tuple[str, ...]
    seated: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """相符: under which handle, and as whom to greet."""

    handle: bytes
    masked_name: str


@dataclass(frozen=True, slots=True)
class Match(Question[Matched | None]):
    """Is this identity number one of those expected at these places?"""

    ref: Ref
    roll: Roll
    id_number: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An expert by name, once names may be known; `expert` is the id in its pool, empty for one drawn elsewhere."""

    handle: bytes
    name: str
    categories: tuple[str, ...]
    expert: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything sealed, now open; `standing` are the ids of those who stand, with the salt of their digest."""

    rounds: tuple[OpenedRound, ...]
    standing: tuple[str, ...] = ()
    standing_salt: bytes = b""
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Open(Question[Opened]):
    """Open the draw: the committee is in. `roll` is the second screening's, `handles` are those who sit."""

    ref: Ref
    roll: Roll = NO_ROLL
    handles: tuple[bytes, ...] = ()

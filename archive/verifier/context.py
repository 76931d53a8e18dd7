"""What every step looks at: the bag, its digests, the log as read, the trust in force, the time of the check."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from archive.verifier.bag import Bag
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.hashing import Hashes
from archive.verifier.kinds import CASE_KINDS
from archive.verifier.suites import WANTED, Suite
from archive.verifier.trust import Trust
from evaluation.absent import ABSENT
from signing.canonical import NotCanonical, parse
from signing.note import Checkpoint
from signing.statement import Statement

LOG = "data/log/log.jsonl"
PROFILE = "data/criteria/profile.json"
TELLING = ("member", "draw", "party", "seat", "track", "take", "n", "bid")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log that is a statement: its index (from 0), its bytes without the line feed, what it says."""

    index: int
    raw: bytes
    stated: Statement

    @property
    def body(self) -> Mapping[str, Any]:
        """The statement's body; its keys are those of its kind."""
        return self.stated.body

    @property
    def signer(self) -> str:
        """Who must have signed it: a member, an account, or nobody ("")."""
        where = CASE_KINDS[self.stated.kind].signer
        value = self.body[where] if where else ""
        return str(value.get("who", "")) if isinstance(value, dict) else str(value)

    @property
    def name(self) -> str:
        """How a finding names it: `data/log/log.jsonl line 125 sheet.signed m3` (counted from 1, as `sed -n 125p`)."""
        about = [str(self.body[key]) for key in TELLING if key in self.body]
        return " ".join((f"{LOG} line {self.index + 1}", self.stated.kind, *about))


@dataclass(frozen=True, slots=True)
class Log:
    """The sound lines of the case's log, how many there are in all, their root, the checkpoint that covers them all."""

    case: str
    lines: tuple[Line, ...]
    by_kind: Mapping[str, Sequence[Line]]
    size: int
    root: bytes
    last: Checkpoint | None

    def of(self, *kinds: str) -> list[Line]:
        """The lines of these kinds, in order."""
        found = [line for kind in kinds for line in self.by_kind.get(kind, ())]
        return found if len(kinds) == 1 else sorted(found, key=lambda line: line.index)


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to each step."""

    bag: Bag
    hashes: Hashes
    log: Log
    trust: Trust
    now: int


Found: TypeAlias = Iterator[Finding | Unchecked]


def suites_of(context: Context) -> Sequence[Suite]:
    """By which kinds of keys everybody signs here, as the frozen profile says.

    Raises KeyError for a word that this program does not know.
    """
    return WANTED[rule_of(context, "signature", "algorithms")]


def rule_of(context: Context, section: str, name: str) -> Any:  # noqa: ANN401 - a value of any kind
    """A value of the profile that the bag's case was judged by; of one that is older than the value, what that meant.

    Where the file is no profile, as where one of before left it out: step 7 says that it is not the one.
    """
    try:
        profile: Any = parse(context.bag.read(PROFILE)) if PROFILE in context.bag.sizes else None
    except NotCanonical:
        profile = None
    values = profile.get("values") if isinstance(profile, dict) else None
    stated = values.get(section) if isinstance(values, dict) else None
    absent = ABSENT.get(section, {}).get(name)
    return stated.get(name, absent) if isinstance(stated, dict) else absent

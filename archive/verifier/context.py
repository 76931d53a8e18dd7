"""What every step looks at: the bag, its digests, the log as read, the trust in force, the time of the check."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from archive.verifier.bag import Bag
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.hashing import Hashes
from archive.verifier.kinds import CASE_KINDS
from archive.verifier.trust import Trust
from signing.note import Checkpoint
from signing.statement import Statement

LOG = "data/log/log.jsonl"
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

"""What a flow may ask of the world: one transaction, in which everything it does is kept or nothing is.

A flow is a plain function on a `Tx`; it may run twice and must act only through it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from evaluation.case import Case, CaseId
from expert_pool.ports import PoolRows

T = TypeVar("T")
Json = dict[str, Any]


class UnknownCase(Exception):
    """No case has this code."""

    code = "case.unknown"


class StaleRevision(Exception):
    """Somebody, perhaps another window of the same seat, saved a newer value first; nothing was overwritten."""

    code = "draft.stale"

    def __init__(self, current: int) -> None:
        super().__init__(f"current revision is {current}")
        self.current = current


def stamp(at: datetime) -> str:
    """A UTC moment as statements write it, in whole milliseconds; such texts sort as their moments do."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a role of `docs/roles.md` and an account, member id, organisation or `server`."""

    role: str
    who: str
    venue: str = ""

    def as_by(self) -> Json:
        """The `by` of a statement."""
        return {"role": self.role, "who": self.who}


SERVER = Actor("server", "server")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement that this transaction put into a log: its place and its entry (SHA-256 of its bytes, hex)."""

    log: str
    index: int
    entry: str
    kind: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits in the outbox; `tries` counts how often the far side did not take it."""

    id: int
    payload: Json
    tries: int


class Shelf(Protocol):
    """Private values of one case under one name: encrypted at rest, no evidence, gone when the case closes."""

    def get(self, key: str) -> Json | None:
        """The value under a key, or None."""
        ...

    def revision(self, key: str) -> int:
        """How often the key was written; 0 when it never was."""
        ...

    def put(self, key: str, value: Json, expected: int | None = None) -> int:
        """Write and return the new revision; `StaleRevision` unless `expected` (when given) is the current one.

        A value that stands there already is no conflict, whatever is expected: the answer to its first writing was
        lost, so its revision is told again and nothing is written.
        """
        ...

    def delete(self, key: str) -> None:
        """Forget a key; forgetting what is not there is no error."""
        ...

    def items(self) -> Iterator[tuple[str, Json]]:
        """All pairs in the order of their keys."""
        ...

    def under(self, beginning: str) -> Iterator[tuple[str, Json, int]]:
        """Key, value and revision of the keys that begin so, in their order; a beginning is not empty."""
        ...


class Tx(Protocol):
    """One transaction. `now` is its only clock (UTC), `random` its only source of chance."""

    @property
    def now(self) -> datetime:
        """The instant of this transaction, the same throughout."""
        ...

    def random(self, size: int) -> bytes:
        """Bytes from the system's generator."""
        ...

    def case(self, case: CaseId) -> Case:
        """The state of a case, this transaction's own statements included. Raises `UnknownCase`."""
        ...

    def cases(self) -> list[CaseId]:
        """The codes of all cases, oldest first."""
        ...

    def record(self, log: str, kind: str, body: Mapping[str, Any]) -> Recorded:
        """Make a statement and append it to a log; for a case's log `evaluation.life` is asked first.

        Raises one of `rulebook.UNREADABLE` where the rules of the case cannot be read.
        """
        ...

    def record_signed(self, log: str, statement: bytes, cms: bytes, authorisation: str, twin: bytes = b"") -> Recorded:
        """Append a statement whose bytes a person has signed; `authorisation` names the record kept by `keep`.

        `twin` is the SM2 signature; it or `cms` is empty where the case's profile does not want it.
        """
        ...

    def keep_timestamp(self, sha256: str, response: bytes) -> None:
        """Keep a believed time stamp over the bytes of this digest; the first one stays."""
        ...

    def want_receipt(self, log: str) -> None:
        """Have this commit sign a checkpoint of the log, so that its entries have receipts at once."""
        ...

    def keep_authorisation(self, record: bytes) -> str:
        """Keep an authorisation record and return its SHA-256 (hex)."""
        ...

    def statement_bytes(self, log: str, kind: str, body: Mapping[str, Any]) -> bytes:
        """The bytes of a statement as of now with fresh salt, not yet in any log."""
        ...

    def statements(self, log: str, kind: str | None = None) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of a log's statements in order, all or of one kind."""
        ...

    def shelf(self, case: str, name: str) -> Shelf:
        """Private values; see `Shelf`."""
        ...

    @property
    def pool(self) -> PoolRows:
        """The rows of the pools of experts; see `PoolRows`."""
        ...

    def forget_shelves(self, case: str, names: tuple[str, ...]) -> None:
        """Forget everything on these shelves of a case."""
        ...

    def has_object(self, sha256: str) -> bool:
        """Whether the object store holds this digest."""
        ...

    def get_object(self, sha256: str) -> bytes:
        """The bytes of an object. Raises `FileNotFoundError`."""
        ...

    def put_object(self, data: bytes) -> str:
        """Keep small bytes under their digest; documents are put before the transaction begins."""
        ...

    def send(self, channel: str, payload: Json) -> None:
        """Put a message into the outbox: it leaves only if this transaction is kept, then at least once."""
        ...

    def waiting(self, channel: str) -> tuple[Waiting, ...]:
        """The messages of a channel that wait, due or not, oldest first."""
        ...

    def taken(self, message: int) -> None:
        """Forget a message that somebody took; forgetting what is not there is no error."""
        ...


class Store(Protocol):
    """Transactions for a flow that has to wait between them."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a function as one transaction; return once it is on disk. What it raises is raised here."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Run a function that only looks, on the last committed state."""
        ...

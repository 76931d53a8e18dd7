"""What the pages stand on: transactions, receipts, objects, the media of the cases, the judge of outside seals."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from cryptography import x509

from conduct.ports import Json, Tx
from evaluation.case import CaseId
from media.engine import TrackRef

T = TypeVar("T")


class Receipt(Protocol):
    """A committed entry with its inclusion proof in a signed checkpoint."""

    @property
    def index(self) -> int:
        """Its place in the log."""
        ...

    @property
    def entry(self) -> str:
        """SHA-256 of the statement, hex."""
        ...

    @property
    def proof(self) -> str:
        """The proof as text (C2SP tlog-proof)."""
        ...


class Objects(Protocol):
    """Documents under their digests. Both calls wait for the disk: not for the event loop."""

    def get(self, sha256: str) -> bytes:
        """The bytes of an object. Raises `FileNotFoundError`."""
        ...

    def path(self, sha256: str) -> Path:
        """The file of an object, to be sent by byte range."""
        ...

    def put(self, data: bytes) -> str:
        """Keep bytes durably and return their SHA-256 (hex)."""
        ...


class Store(Protocol):
    """Where everything is kept; `storage.store.Store` is one."""

    @property
    def objects(self) -> Objects:
        """The documents."""
        ...

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a function as one transaction; return once it is on disk. What it raises is raised here."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Run a function that only looks, on the last committed state."""
        ...

    def receipt(self, log: str, index: int, /) -> Receipt | None:
        """The receipt of an entry, None while no checkpoint covers it."""
        ...

    def fresh_proof(self, log: str, index: int, /) -> str:
        """The proof of an entry that was just committed with a checkpoint; "" while no checkpoint covers it."""
        ...

    def segments(self, case: str, /) -> list[Json]:
        """The recorded segments of a case in time order."""
        ...


class Quality(Protocol):
    """How a seat's picture and sound arrive: `code` good, poor or down, `loss` in hundredths of a percent."""

    @property
    def code(self) -> str:
        """good, poor or down."""
        ...

    @property
    def loss(self) -> int:
        """Loss before repair, in hundredths of a percent."""
        ...

    @property
    def rtt_ms(self) -> int:
        """The way there and back, -1 while unknown."""
        ...


class Alarm(Protocol):
    """Something that the recorder or the media worker asks a person to look at."""

    @property
    def code(self) -> str:
        """What it is (docs/protocol-media.md)."""
        ...

    @property
    def case(self) -> str:
        """The case it concerns, empty for all."""
        ...

    @property
    def seat(self) -> str:
        """The seat it concerns, empty for all."""
        ...


class Rooms(Protocol):
    """The media of all cases; `conduct.rooms.Rooms` is one."""

    @property
    def quality(self) -> Mapping[tuple[str, str], Quality]:
        """The last quality by case and seat."""
        ...

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """The alarms raised."""
        ...

    def shut(self, case: CaseId, /) -> AbstractAsyncContextManager[None]:
        """Keep the room closed while the case is closed."""
        ...

    async def tracks_for(self, case: CaseId, who: str, role: str, /) -> tuple[TrackRef, ...]:
        """Grant somebody what it may see and hear, and name it."""
        ...

    async def mute(self, case: CaseId, seat: str, kind: str, /, *, muted: bool) -> None:
        """Hold a seat's own track back from everybody, or no longer. Raises `MediaRefusal`."""
        ...


class CheckSeal(Protocol):
    """Judges a detached CMS made elsewhere; `gateways.outside_seals.check` is one."""

    async def __call__(self, content: bytes, signature: bytes, signer: x509.Certificate, /) -> None:
        """Raises `SealRefused` (code `seal.refused`) unless the signature is the certificate's over the content."""
        ...

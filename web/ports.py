"""What the pages stand on: transactions, receipts, objects, the media of the cases, the judge of outside seals."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from cryptography import x509

from conduct.faring import Fares, Felt
from conduct.floor import Change
from conduct.ports import Actor, Json, Tx
from evaluation.case import Case, CaseId
from media.engine import PublishRequest, TrackRef

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

    def signature_endings(self, log: str, /) -> dict[int, tuple[str, ...]]:
        """Which signatures lie beside each signed statement, by the endings of their names in a bag."""
        ...

    def fresh_proof(self, log: str, index: int, /) -> str:
        """The proof of an entry that was just committed with a checkpoint; "" while no checkpoint covers it."""
        ...

    def segments(self, case: str, /) -> list[Json]:
        """The recorded segments of a case in time order."""
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

    @property
    def track(self) -> str:
        """The track of the seat, empty for none."""
        ...


class Floors(Protocol):
    """Who may be heard in each room; `conduct.floor.Floors` is one."""

    def told(self, state: Case, /) -> Json:
        """What every page of the room is told."""
        ...


class Rooms(Protocol):
    """The media of all cases; `conduct.rooms.Rooms` is one."""

    @property
    def quality(self) -> Mapping[tuple[str, str], Fares]:
        """How each seat fares, by case and seat."""
        ...

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """The alarms raised."""
        ...

    def screens(self, case: CaseId, /) -> tuple[str, ...]:
        """The seats that share their screens just now."""
        ...

    def shut(self, case: CaseId, /) -> AbstractAsyncContextManager[None]:
        """Keep the room closed while the case is closed."""
        ...

    async def publish(self, request: PublishRequest, who: str, /) -> str:
        """Take the offer of somebody's seat, return the answer. Raises `MediaRefusal`."""
        ...

    async def tracks_for(self, case: CaseId, who: str, role: str, /) -> tuple[TrackRef, ...]:
        """Grant somebody what it may see and hear, and name it."""
        ...

    @property
    def floors(self) -> Floors:
        """Who may be heard."""
        ...

    def muted(self, case: CaseId, /) -> tuple[str, ...]:
        """The tracks that seats hold back themselves."""
        ...

    async def give_floor(self, case: CaseId, actor: Actor, change: Change, /) -> None:
        """State who may be heard from now on. Raises `MediaRefusal`."""
        ...

    async def talk(self, case: CaseId, seat: str, /, *, talking: bool) -> None:
        """The button of a seat is held down, or no longer."""
        ...

    async def raise_hand(self, case: CaseId, seat: str, /, *, up: bool) -> None:
        """A seat asks for the floor, or takes that back."""
        ...

    async def feels(self, case: CaseId, seat: str, felt: Felt, /) -> None:
        """What a seat's browser says of its way."""
        ...

    async def mute(self, case: CaseId, seat: str, kind: str, /, *, muted: bool) -> None:
        """Hold a seat's own track back from everybody, or no longer. Raises `MediaRefusal`."""
        ...


class CheckSeal(Protocol):
    """Judges a detached CMS made elsewhere; `gateways.outside_seals.check` is one."""

    async def __call__(self, content: bytes, signature: bytes, signer: x509.Certificate, /) -> None:
        """Raises `SealRefused` (code `seal.refused`) unless the signature is the certificate's over the content."""
        ...

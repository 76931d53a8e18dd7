"""Hand-written fakes of what the application stands on, and the application on them, ready to be called."""

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import create_engine

from conduct.authorising import Office
from conduct.ports import Json, Tx, UnknownCase, Waiting
from evaluation.case import Case, CaseId
from media import engine
from media.events import Alarm, SeatQuality
from signing.keystore import Cost, EnvelopeKeyStore
from storage import tables
from storage.deployment_keys import open_keys
from storage.pool import TablePool
from storage.shelves import Vault
from tests.services.parties import BesideProcess
from tests.web.shelves import DictShelf
from web.services import Services

T = TypeVar("T")
ORIGIN = "https://bid.example"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class FakeTx:
    """The shelves of a store and nothing else."""

    def __init__(self, store: "FakeStore") -> None:
        self._store = store

    @property
    def now(self) -> datetime:
        return self._store.clock()

    def shelf(self, case: str, name: str) -> DictShelf:
        return self._store.shelves[case, name]

    def cases(self) -> list[CaseId]:
        return [CaseId(case) for case in self._store.cases]

    def case(self, case: CaseId) -> Case:
        if case not in self._store.cases:
            raise UnknownCase(case)
        return self._store.cases[case]

    @property
    def pool(self) -> TablePool:
        return self._store.pool

    def waiting(self, channel: str) -> tuple[Waiting, ...]:
        return tuple(self._store.outbox.get(channel, ()))

    def statements(self, _log: str, _kind: str | None = None) -> Iterator[tuple[int, bytes]]:
        return iter(())


def _pool() -> TablePool:
    """Rows of pools in a database of its own, in memory."""
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    return TablePool(engine.connect(), Vault(bytes(32)))


@dataclass
class FakeObjects:
    """Documents in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, sha256: str) -> bytes:
        return self.kept[sha256]

    def path(self, sha256: str) -> Path:
        raise FileNotFoundError(sha256)

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.kept[digest] = data
        return digest


@dataclass
class FakeStore:
    """Runs each act at once on shelves in memory."""

    clock: Clock
    shelves: dict[tuple[str, str], DictShelf] = field(default_factory=lambda: defaultdict(DictShelf))
    outbox: dict[str, list[Waiting]] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    objects: FakeObjects = field(default_factory=FakeObjects)
    pool: TablePool = field(default_factory=_pool)

    def receipt(self, _log: str, _index: int, /) -> None:
        return None

    def fresh_proof(self, _log: str, _index: int, /) -> str:
        return ""

    def segments(self, _case: str, /) -> list[Json]:
        return []

    async def act(self, act: Callable[[Tx], T], /) -> T:
        return act(cast(Tx, FakeTx(self)))

    async def read(self, look: Callable[[Tx], T], /) -> T:
        return look(cast(Tx, FakeTx(self)))


class FakeRooms:
    """One room in which everybody sees two tracks."""

    def __init__(self) -> None:
        self.quality: dict[tuple[str, str], SeatQuality] = {}
        self.alarms: dict[str, Alarm] = {}
        self.muted: set[str] = set()

    @asynccontextmanager
    async def shut(self, _case: CaseId, /) -> AsyncIterator[None]:
        yield

    async def tracks_for(self, _case: CaseId, _who: str, _role: str, /) -> tuple[engine.TrackRef, ...]:
        return (engine.track_ref("A-01/camera"), engine.track_ref("A-01/mic"))

    async def mute(self, _case: CaseId, seat: str, kind: str, /, *, muted: bool) -> None:
        (self.muted.add if muted else self.muted.discard)(f"{seat}/{kind}")


async def believe(_content: bytes, _signature: bytes, _signer: object) -> None:
    """Take every seal for right."""


@cache
def office() -> Office:
    """A small authority and a key store that costs next to nothing."""
    with tempfile.TemporaryDirectory() as folder:
        keys = open_keys(Path(folder) / "keys", "演示交易中心", ["localhost"], NOW)
    keystore = EnvelopeKeyStore(bytes(32), Cost(memory_kib=8, passes=1))
    return Office(keys.issuing, keys.root.certificate, keystore, "演示交易中心")


@dataclass
class FakeMedia:
    """Answers every offer, and remembers it."""

    published: list[engine.PublishRequest] = field(default_factory=list)
    subscribed: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    async def publish(self, request: engine.PublishRequest) -> str:
        if request.sdp == "bad":
            raise engine.MediaRefusal("bad-sdp")
        self.published.append(request)
        return "answer to " + request.sdp

    async def subscribe(self, case: str, member: str, tracks: tuple[engine.TrackRef, ...]) -> engine.SubscribeOffer:
        self.subscribed.append((case, member, tuple(map(str, tracks))))
        return engine.SubscribeOffer("offer", {str(mid): str(track) for mid, track in enumerate(tracks)})

    async def answer(self, case: str, member: str, sdp: str) -> None:
        self.answered.append(sdp)

    async def events(self) -> AsyncIterator[Any]:
        """Nothing happens in this plane by itself."""
        nothing: tuple[Any, ...] = ()
        for event in nothing:
            yield event


@dataclass
class House:
    """The fakes of one application."""

    clock: Clock
    store: FakeStore
    rooms: FakeRooms
    media: FakeMedia
    origin: str = ORIGIN

    @property
    def services(self) -> Services:
        return Services(
            store=self.store,
            rooms=self.rooms,
            media=cast(engine.MediaEngine, self.media),
            process=BesideProcess(),
            origin=self.origin,
            office=office(),
            check_seal=believe,
            trading=None,
            footage=Path("/nowhere"),
            bags=Path("/nowhere"),
            provider_token="provider-token",
            contact="0000-000000",
            by_hand=True,
            setup_token="setup-token",
            clock=self.clock,
        )


def house() -> House:
    """Fresh fakes."""
    clock = Clock()
    return House(clock, FakeStore(clock), FakeRooms(), FakeMedia())

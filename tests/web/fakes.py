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
from conduct.exporting import Exports
from conduct.faring import Fares, Felt
from conduct.floor import Change
from conduct.ports import Actor, Json, Tx, UnknownCase, Waiting
from evaluation.case import Case, CaseId
from media import engine
from media.access import Footage
from media.events import Alarm
from media.relay import Relay
from storage import tables
from storage.deployment_keys import open_keys
from storage.pool import TablePool
from storage.shelves import Vault
from tests.services.activation import office_of
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

    def get_object(self, sha256: str) -> bytes:
        raise FileNotFoundError(sha256)

    def put_object(self, data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    @property
    def pool(self) -> TablePool:
        return self._store.pool

    def waiting(self, channel: str) -> tuple[Waiting, ...]:
        return tuple(self._store.outbox.get(channel, ()))

    def record(self, log: str, kind: str, body: Json) -> None:
        self._store.recorded.append((log, kind, body))

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
    recorded: list[tuple[str, str, Json]] = field(default_factory=list)
    rows: list[Json] = field(default_factory=list)

    def receipt(self, _log: str, _index: int, /) -> None:
        return None

    def signature_endings(self, log: str) -> dict[int, tuple[str, ...]]:
        return {}

    def fresh_proof(self, _log: str, _index: int, /) -> str:
        return ""

    def segments(self, _case: str, /) -> list[Json]:
        return self.rows

    async def act(self, act: Callable[[Tx], T], /) -> T:
        return act(cast(Tx, FakeTx(self)))

    async def read(self, look: Callable[[Tx], T], /) -> T:
        return look(cast(Tx, FakeTx(self)))


class FakeFloors:
    """Everybody is heard."""

    def told(self, _state: Case, /) -> Json:
        return {"talk": "open", "silenced": [], "hands": [], "talking": [], "leader": ""}


class FakeRooms:
    """One room in which everybody sees two tracks."""

    def __init__(self, media: "FakeMedia") -> None:
        self.media = media
        self.quality: dict[tuple[str, str], Fares] = {}
        self.felt: list[tuple[str, Felt]] = []
        self.alarms: dict[str, Alarm] = {}
        self.held_back: set[str] = set()
        self.floors = FakeFloors()
        self.given: list[tuple[str, Change]] = []
        self.talking: list[tuple[str, bool]] = []
        self.hands: set[str] = set()

    def muted(self, _case: CaseId, /) -> tuple[str, ...]:
        return tuple(sorted(self.held_back))

    def screens(self, _case: CaseId, /) -> tuple[str, ...]:
        return ()

    @asynccontextmanager
    async def shut(self, _case: CaseId, /) -> AsyncIterator[None]:
        yield

    async def publish(self, request: engine.PublishRequest, _who: str, /) -> str:
        return await self.media.publish(request)

    async def tracks_for(self, _case: CaseId, _who: str, _role: str, /) -> tuple[engine.TrackRef, ...]:
        return (engine.track_ref("A-01/camera"), engine.track_ref("A-01/mic"))

    async def give_floor(self, _case: CaseId, actor: Actor, change: Change, /) -> None:
        if actor.role != "main_staff":
            raise engine.MediaRefusal("not-granted")
        self.given.append((actor.who, change))

    async def talk(self, _case: CaseId, seat: str, /, *, talking: bool) -> None:
        self.talking.append((seat, talking))

    async def raise_hand(self, _case: CaseId, seat: str, /, *, up: bool) -> None:
        (self.hands.add if up else self.hands.discard)(seat)

    async def feels(self, _case: CaseId, seat: str, felt: Felt, /) -> None:
        self.felt.append((seat, felt))

    async def mute(self, _case: CaseId, seat: str, kind: str, /, *, muted: bool) -> None:
        (self.held_back.add if muted else self.held_back.discard)(f"{seat}/{kind}")


async def believe(_content: bytes, _signature: bytes, _signer: object) -> None:
    """Take every seal for right."""


@cache
def office() -> Office:
    """A small authority and a key store that costs next to nothing."""
    with tempfile.TemporaryDirectory() as folder:
        keys = open_keys(Path(folder) / "keys", "演示交易中心", ["localhost"], NOW)
    return office_of(keys, lambda: NOW)


@dataclass
class FakeMedia:
    """Answers every offer, and remembers it."""

    published: list[engine.PublishRequest] = field(default_factory=list)
    subscribed: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    shown: list[tuple[str, ...]] = field(default_factory=list)

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

    async def show(self, _case: str, _member: str, tracks: tuple[engine.TrackRef, ...]) -> None:
        self.shown.append(tuple(map(str, tracks)))

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
    folder: Path = Path("/nowhere")

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
            footage=Footage(self.folder / "footage"),
            bags=self.folder / "bags",
            exports=Exports(self.store, Footage(self.folder / "footage"), self.folder / "exports"),
            provider_token="provider-token",
            contact="0000-000000",
            by_hand=True,
            setup_token="setup-token",
            relay=Relay(("turns:turn.example:443?transport=tcp",), "of-a-test-and-nothing-else-0123456789"),
            clock=self.clock,
        )


def house() -> House:
    """Fresh fakes."""
    clock = Clock()
    media = FakeMedia()
    return House(clock, FakeStore(clock), FakeRooms(media), media)

"""Hand-written fakes of what the application stands on, and the application on them, ready to be called."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from conduct.ports import Json, Tx
from evaluation.case import Case, CaseId, State
from identity.sessions import Session
from media import engine
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


@dataclass(frozen=True)
class FakeCase:
    """The part of `evaluation.case.Case` that check-in reads."""

    state: State


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
        return cast(Case, self._store.cases[case])


@dataclass
class FakeStore:
    """Runs each act at once on shelves in memory."""

    clock: Clock
    shelves: dict[tuple[str, str], DictShelf] = field(default_factory=lambda: defaultdict(DictShelf))
    cases: dict[str, FakeCase] = field(default_factory=dict)

    async def act(self, act: Callable[[Tx], T], /) -> T:
        return act(cast(Tx, FakeTx(self)))

    async def read(self, look: Callable[[Tx], T], /) -> T:
        return look(cast(Tx, FakeTx(self)))


@dataclass
class FakeEnrolment:
    """Remembers who was enrolled."""

    enrolled: list[tuple[str, str, str]] = field(default_factory=list)

    async def enrol(self, case: str, member: str, password: str, /) -> None:
        self.enrolled.append((case, member, password))


class FakeRooms:
    """One room in which everybody sees two tracks."""

    async def state(self, session: Session, case: str, /) -> Json:
        return {"case": case, "who": session.who}

    async def tracks(self, _session: Session, _case: str, /) -> tuple[str, ...]:
        return ("A-01/camera", "A-01/mic")


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

    def events(self) -> AsyncIterator[Any]:
        raise NotImplementedError


@dataclass
class House:
    """The fakes of one application."""

    clock: Clock
    store: FakeStore
    enrolment: FakeEnrolment
    rooms: FakeRooms
    media: FakeMedia
    origin: str = ORIGIN

    @property
    def services(self) -> Services:
        media = cast(engine.MediaEngine, self.media)
        return Services(self.store, self.enrolment, self.rooms, media, self.origin, self.clock)


def house() -> House:
    """Fresh fakes."""
    clock = Clock()
    return House(clock, FakeStore(clock), FakeEnrolment(), FakeRooms(), FakeMedia())

"""One deployment twice: the same log, clock and random bytes, but other experts and other sub venues drawn.

Whoever cannot tell the two apart has not learnt who was drawn. Both run the real application on the real store; only
the people and the media are made up.
"""

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from conduct import venue_draw
from conduct.authorising import Office
from conduct.expert_form import EXPERTS
from conduct.exporting import Exports
from conduct.sealed_draw.attempt import Attempt
from conduct.sealed_draw.keeper import Keeper
from conduct.sealed_draw.questions import Acquaint, Ref, Roll
from demo import case_example_a as example
from draw import lot
from expert_pool.committee import Answer, next_seats
from identity import service, sessions
from identity.roles import AT_A_SEAT, Role
from identity.seats import PairedSeat
from identity.sessions import Holder
from media import engine
from media.access import Footage
from storage.deployment_keys import DeploymentKeys, open_keys
from storage.logs import LogKeys
from storage.store import Store
from storage.transaction import Transaction
from tests.services.activation import office_of
from tests.services.evaluation import CASE, Evaluation
from tests.services.parties import BesideProcess
from tests.web.fakes import Clock, FakeMedia, FakeRooms, believe
from web import limits
from web.app import make_app
from web.services import Services

ORIGIN = "https://bid.example"
VENUES = tuple(f"V{number}" for number in range(1, 6))
PROVIDER_TOKEN = "provider-token"
BIDDERS = tuple(example.BIDDERS.values())


@dataclass
class Chance:
    """Bytes that look random and are the same whenever it is set back to the same place."""

    place: str = ""
    drawn: int = 0

    def at(self, place: str) -> None:
        """Begin again, at a place of its own."""
        self.place, self.drawn = place, 0

    def __call__(self, size: int = 32) -> bytes:
        """The next bytes."""
        self.drawn += 1
        return hashlib.shake_256(f"{self.place}/{self.drawn}".encode()).digest(size)


@dataclass(frozen=True)
class Someone:
    """Who calls: a role and what the browser brings. Sessions were opened before the worlds parted."""

    role: str
    who: str
    venue: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For a test's message."""
        return f"{self.role} {self.who} {self.venue}".strip()


@dataclass
class World:
    """One of the two."""

    name: str
    store: Store
    evaluation: Evaluation
    client: "TestClient[web.Request, web.Application]"

    @property
    def attempt(self) -> Attempt:
        """The draw of the experts as the draw process holds it."""
        return self.process.keeper.attempt(Ref(CASE, EXPERTS, 1))

    @property
    def process(self) -> BesideProcess:
        """The draw process of this world."""
        return self.evaluation.process

    def drawn(self) -> tuple[tuple[str, ...], set[str]]:
        """The sealed order of experts, and the venues that host."""
        places = self.store.look(lambda tx: venue_draw.places(tx, CASE))
        return self.attempt.round(0).ids, {row["venue"] for row in places.values()}

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Every text that would name somebody who may be called: what it is, by the text."""
        found: dict[str, str] = {}
        for label, enrolled in self.attempt.experts.items():
            expert, person = enrolled.expert, enrolled.person
            named = {
                "name": person.name,
                "phone": person.phone,
                "id_number": person.id_number,
                "expert": str(expert.id),
            }
            found |= {text: f"{what} of {expert.id}" for what, text in named.items()}
            found |= {label.hex(): f"label of {expert.id}", self.attempt.handle(label).hex(): f"handle of {expert.id}"}
        return found

    def statements(self) -> list[bytes]:
        """The case's log and the deployment's, byte for byte."""
        return self.store.look(lambda tx: [data for log in (CASE, "deployment") for _, data in tx.statements(log)])


class Lines(logging.Handler):
    """What the server writes to its own log, by world."""

    def __init__(self) -> None:
        super().__init__()
        self.world = ""
        self.of: dict[str, list[str]] = {}
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, its traceback with it; what a pool says of a connection that another test left is not ours."""
        if record.name.startswith("sqlalchemy.pool"):
            return
        self.of.setdefault(self.world, []).append(self.format(record))


@dataclass
class Pair:
    """Both worlds, and the one clock and chance that they share."""

    first: World
    second: World
    clock: Clock
    chance: Chance
    people: tuple[Someone, ...]
    log: "Lines" = field(default_factory=Lines)
    asked: int = 0

    @property
    def venues(self) -> set[str]:
        """The main venue, one that hosts in the first world only, one that hosts in the second only."""
        (_, first), (_, second) = self.first.drawn(), self.second.drawn()
        return {*(first & second), min(first - second), min(second - first)}

    async def each(self, place: str, do: Callable[[World], Awaitable[Any]]) -> tuple[Any, Any]:
        """Let the same happen in both, by the same chance."""
        told = []
        for world in (self.first, self.second):
            self.chance.at(place)
            self.log.world = world.name
            told.append(await do(world))
        return told[0], told[1]

    async def close(self) -> None:
        """Stop both."""
        for world in (self.first, self.second):
            await world.client.close()
            world.store.close()


def _house(folder: Path, keys: DeploymentKeys, clock: Clock) -> tuple[Store, Office]:
    log_keys = LogKeys("test.example/log", keys.log_seed)
    store = Store(f"sqlite:///{folder}/bid.sqlite", folder / "objects", keys.storage, log_keys)
    store.writer._clock = clock
    return store, office_of(keys, clock)


async def _world(name: str, folder: Path, keys: DeploymentKeys, clock: Clock, process: BesideProcess) -> World:
    store, office = _house(folder, keys, clock)
    evaluation = Evaluation(store, office, folder)
    evaluation.process = process
    evaluation.clock = clock
    services = Services(
        store=store,
        rooms=FakeRooms(FakeMedia()),
        media=cast(engine.MediaEngine, FakeMedia()),
        process=process,
        origin=ORIGIN,
        office=office,
        check_seal=believe,
        trading=None,
        footage=Footage(Path("/nowhere")),
        bags=Path("/nowhere"),
        exports=Exports(store, Footage(Path("/nowhere")), Path("/nowhere")),
        provider_token=PROVIDER_TOKEN,
        contact="0000-000000",
        by_hand=True,
        setup_token="setup-token",
        clock=clock,
    )
    client = TestClient(TestServer(make_app(services)))
    await client.start_server()
    return World(name, store, evaluation, client)


def steady(monkeypatch: pytest.MonkeyPatch, chance: Chance) -> None:
    """One chance for everything the server asks for, and no limit on how often a test may call."""
    monkeypatch.setattr(Transaction, "random", lambda _self, size: chance(size))
    monkeypatch.setattr(secrets, "token_bytes", lambda size=32: chance(size))
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size=32: chance(size).hex())
    monkeypatch.setattr(limits.Limits, "take", lambda *_: None)
    # The second world's links are not those that were committed to: its sealed result is made up.
    monkeypatch.setattr(lot, "check_reveals", lambda *_: None)


@dataclass(frozen=True)
class Begun:
    """A deployment in which everybody is signed in and no case is; what it was made with."""

    world: World
    people: tuple[Someone, ...]
    keys: DeploymentKeys
    clock: Clock
    chance: Chance


async def begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Begun:
    """A first world, before anybody applies for anything."""
    clock, chance = Clock(datetime.now(UTC).replace(microsecond=0)), Chance()
    steady(monkeypatch, chance)
    keys = open_keys(folder / "keys", "演示交易中心", ["localhost"], clock())
    world = await _world("first", _made(folder / "first"), keys, clock, BesideProcess())
    await world.evaluation.prepare_deployment()
    people = await world.store.act(lambda tx: _people(tx, clock()))
    return Begun(world, people, keys, clock, chance)


async def part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Play one case to its sealed draws, copy everything, and put other results under the same seals of the copy."""
    made = await begun(folder, monkeypatch)
    first, people = made.world, made.people
    evaluation, process = first.evaluation, first.process
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.ask_for_experts()
    await first.store.checkpoint(CASE)
    pair = await twice(folder, made, people, _drawing_otherwise(process, first.attempt))
    await pair.second.store.act(_hosted_elsewhere)
    return pair


async def twice(folder: Path, made: Begun, people: tuple[Someone, ...], process: BesideProcess) -> Pair:
    """The world as it is now and a copy of it, which has this draw process; both are started anew."""
    evaluation = made.world.evaluation
    await made.world.client.close()
    made.world.store.close()
    shutil.copytree(folder / "first", folder / "second")
    first = await _world("first", folder / "first", made.keys, made.clock, evaluation.process)
    second = await _world("second", folder / "second", made.keys, made.clock, process)
    for world in (first, second):
        world.evaluation.trading, world.evaluation.bidders = evaluation.trading, evaluation.bidders
    return Pair(first, second, made.clock, made.chance, people)


def _drawing_otherwise(known: BesideProcess, drawn: Attempt) -> BesideProcess:
    """A process that holds other links under the same commitments, so another order under the same digests."""
    process = BesideProcess()
    process.keeper, process.started = Keeper(known.keeper._key, os.urandom), known.started
    venues = Ref(CASE, venue_draw.VENUES, 1)
    process.keeper._attempts[venues] = known.keeper.attempt(venues)
    process.keeper.acquaint(Acquaint(drawn.ref, drawn.material, drawn.parties))
    attempt = process.keeper.attempt(drawn.ref)
    while True:
        attempt.links = {place: os.urandom(32) for place in drawn.links}
        attempt._rounds.clear()
        if attempt.round(0).ids != drawn.round(0).ids and _asked_again(attempt) == _asked_again(drawn):
            break
    attempt.past = list(drawn.past)
    return process


def _asked_again(attempt: Attempt) -> list[int]:
    """For which quotas somebody else is asked when the bidders are known: how many are tied to one is told to all.

    Who they are is not; so the two worlds are chosen alike in this one number.
    """
    order = attempt.order()
    first, *others = next_seats(order, (), {})
    seats = [replace(first, answer=Answer.DECLINE), *(replace(one, answer=Answer.ATTEND) for one in others)]
    seats += [replace(one, answer=Answer.ATTEND) for one in next_seats(order, seats, {})]
    tied = attempt.out(Roll(bidders=BIDDERS))
    return [seat.quota for seat in next_seats(order, seats, tied)]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _people(tx: Transaction, now: datetime) -> tuple[Someone, ...]:
    """A session of every role, venue's people for every venue; programs by their tokens; a stranger."""
    found = [Someone("nobody", "stranger")]
    for role in Role:
        at_venue = role in {Role.SUB_STAFF, Role.CHECKIN, Role.MAIN_STAFF}
        names = {Role.MAIN_STAFF: "main", Role.MEMBER: "m1", Role.LEADER: "m2"}
        if role is Role.PARTY:
            found.append(Someone(role, "centre", headers={"Authorization": "Bearer centre"}))
            continue
        for venue in VENUES if at_venue else ("V1" if role in AT_A_SEAT else "",):
            who = names.get(role, role.value) if venue in {"", "V1"} else f"{role}-{venue}"
            found.append(signed_in(tx, Holder(role, who, venue), now))
    found.append(Someone("provider", "provider", headers={"Authorization": f"Bearer {PROVIDER_TOKEN}"}))
    return tuple(found)


def signed_in(tx: Transaction, holder: Holder, now: datetime) -> Someone:
    """Somebody's session, at a paired seat of the case where the role has one."""
    cookie, csrf = (sessions.token(tx.random(32)) for _ in range(2))
    made = {"Cookie": f"__Host-session={cookie}", "X-CSRF-Token": csrf}
    if holder.role in AT_A_SEAT:
        seat = sessions.token(tx.random(32))
        paired = PairedSeat(sessions.digest(seat), holder.venue, f"{holder.venue}-01")
        tx.shelf("deployment", "seats").put(paired.digest, {**_fields(paired)})
        made["Cookie"] += f"; __Host-seat={seat}"
        holder = Holder(holder.role, holder.who, holder.venue, CASE, paired.digest, paired.name)
    session = sessions.opened(holder, cookie, csrf, now)
    service.keep_session(tx.shelf("deployment", "sessions"), session)
    return Someone(holder.role, holder.who, holder.venue, made)


def _fields(seat: PairedSeat) -> dict[str, str]:
    return {"digest": seat.digest, "venue": seat.venue, "name": seat.name}


def _hosted_elsewhere(tx: Transaction) -> None:
    """The two sub venues that were not drawn host instead."""
    places = venue_draw.places(tx, CASE)
    drawn = {row["venue"] for row in places.values()}
    others = [venue for venue in VENUES if venue not in drawn]
    bookings = tx.shelf("deployment", "booking")
    for (name, row), venue in zip([(name, row) for name, row in places.items() if name != "main"], others, strict=True):
        seats = [seat.replace(row["venue"], venue) for seat in row["seats"]]
        for key, booked in list(bookings.items()):
            if booked["seat"] in row["seats"]:
                bookings.delete(key)
                moved = booked["seat"].replace(row["venue"], venue)
                bookings.put(f"{booked['blind_code']}/{moved}", {**booked, "seat": moved})
        places[name] = {"venue": venue, "seats": seats}
    tx.shelf(CASE, "place").put("all", places)


__all__ = ["CASE", "Pair", "Someone", "World", "begun", "part", "signed_in", "twice"]

"""A committee at its seats: Example A on a real store at any stage; each member a browser, paired and entered."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from conduct import checking_in
from conduct.exporting import Exports
from conduct.ports import Actor, Tx
from demo import case_example_a as example
from evaluation.case import Case, MemberId
from identity import service
from identity.roles import Role
from identity.sessions import Holder, opened
from media.access import Footage
from media.engine import MediaEngine
from storage.deployment_keys import open_keys
from storage.logs import LogKeys
from storage.store import Store
from tests.services.activation import office_of
from tests.services.evaluation import CASE, PASSWORD, Evaluation
from tests.web.conftest import Caller
from tests.web.fakes import ORIGIN, FakeMedia, FakeRooms
from web.admission import DEPLOYMENT, PAIRINGS, SESSIONS
from web.app import make_app
from web.services import Services
from web.visit import fresh_token

Json = dict[str, Any]


@dataclass
class Committee:
    """Example A with its application; `seat` gives a member's browser, already inside."""

    evaluation: Evaluation
    client: "TestClient[web.Request, web.Application]"

    @property
    def state(self) -> Case:
        return self.evaluation.state

    @property
    def path(self) -> str:
        return f"/cases/{CASE}"

    async def seat(self, member: str, *, json: bool = True) -> Caller:
        """A member's own browser: paired by a code from paper, entered by a slip from the desk."""
        store, row = self.evaluation.store, self.state.members[MemberId(member)]
        code = await store.act(
            lambda tx: service.issue_pairing(
                tx.shelf(DEPLOYMENT, PAIRINGS), row.venue, row.seat, os.urandom(12), tx.now
            )
        )
        desk = Actor("checkin", "desk", row.venue)
        slip = await store.act(lambda tx: checking_in.reprint(tx, CASE, desk, row.id))
        caller = Caller(self.client, json=json)
        assert (await caller.post("/seat/pair", {"code": code})).status in {200, 303}
        entered = await caller.post("/seat/enter", {"code": slip.code})
        assert entered.status in {200, 303}
        if json:
            caller.csrf = (await entered.json())["csrf"]
        return caller

    async def account(self, role: Role, name: str, venue: str = "V1") -> Caller:
        """Somebody with an account, signed in."""
        cookie, csrf = fresh_token(), fresh_token()

        def keep(tx: Tx) -> None:
            session = opened(Holder(role, name, venue), cookie, csrf, tx.now)
            service.keep_session(tx.shelf(DEPLOYMENT, SESSIONS), session)

        await self.evaluation.store.act(keep)
        return Caller(self.client, json=True, cookies={"__Host-session": cookie}, csrf=csrf)

    async def all_seats(self) -> dict[str, Caller]:
        return {f"m{alias[-1]}": await self.seat(f"m{alias[-1]}") for alias in example.MEMBERS}

    async def me(self, caller: Caller) -> Json:
        answer = await caller.get(f"{self.path}/me")
        assert answer.status == 200
        return cast(Json, await answer.json())

    async def sign(self, caller: Caller, purpose: str, given: Json | None = None) -> Json:
        """Prepare, read back, sign."""
        prepared = await caller.post(f"{self.path}/prepare/{purpose}", given or {})
        assert prepared.status == 200, await prepared.text()
        batch = (await prepared.json())["batch"]
        signed = await caller.post(f"{self.path}/sign/{purpose}", {"batch": batch, "password": PASSWORD})
        assert signed.status == 200, await signed.text()
        return cast(Json, await signed.json())


@asynccontextmanager
async def committee(folder: Path, lots: Sequence[str] = ()) -> AsyncIterator[Committee]:
    """An empty deployment on a real store, and the application on it."""
    keys = open_keys(folder / "keys", "演示交易中心", ["localhost"], datetime.now(UTC))
    store = Store(
        f"sqlite:///{folder}/bid.sqlite", folder / "objects", keys.storage, LogKeys("test.example/log", keys.log_seed)
    )
    office = office_of(keys)
    try:
        evaluation = Evaluation(store, office, folder, lots=lots)
        async with TestClient(TestServer(make_app(services_on(evaluation)))) as client:
            yield Committee(evaluation, client)
    finally:
        store.close()


def services_on(evaluation: Evaluation, origin: str = ORIGIN) -> Services:
    """What the application stands on: this evaluation's store and draw process, no media, no trading system."""
    return Services(
        store=evaluation.store,
        process=evaluation.process,
        rooms=FakeRooms(FakeMedia()),
        media=cast(MediaEngine, FakeMedia()),
        origin=origin,
        office=evaluation.office,
        check_seal=_no_seal,
        trading=None,
        footage=Footage(evaluation.folder / "footage"),
        bags=evaluation.folder / "bags",
        exports=Exports(evaluation.store, Footage(evaluation.folder / "footage"), evaluation.folder / "exports"),
        provider_token="",
        contact="",
        by_hand=True,
        setup_token="",
    )


async def _no_seal(_content: bytes, _signature: bytes, _signer: object) -> None:
    raise AssertionError("nobody answers a clarification here")


async def seated(house: Committee) -> None:
    """Everything up to the check-in: who was drawn may sit down."""
    await house.evaluation.prepare_deployment()
    await house.evaluation.apply()
    await house.evaluation.draw_venues()
    await house.evaluation.draw_experts()
    await house.evaluation.open_bids()
    await house.evaluation.check_in()


async def seated_in(folder: Path) -> Path:
    """A deployment whose committee is seated, left on the disk: each test takes a copy."""
    async with committee(folder) as made:
        await seated(made)
    return folder

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
from conduct.authorising import Office
from conduct.ports import Actor, Tx
from demo import case_example_a as example
from evaluation.case import Case, MemberId
from identity import service
from identity.roles import Role
from identity.sessions import Holder, opened
from media.engine import MediaEngine
from signing.keystore import Cost, EnvelopeKeyStore
from storage.deployment_keys import open_keys
from storage.logs import LogKeys
from storage.store import Store
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

    async def account(self, role: Role, name: str) -> Caller:
        """Somebody with an account, signed in."""
        cookie, csrf = fresh_token(), fresh_token()

        def keep(tx: Tx) -> None:
            service.keep_session(tx.shelf(DEPLOYMENT, SESSIONS), opened(Holder(role, name, "V1"), cookie, csrf, tx.now))

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
    office = Office(
        keys.issuing,
        keys.root.certificate,
        EnvelopeKeyStore(os.urandom(32), Cost(memory_kib=8, passes=1)),
        "演示交易中心",
    )
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
        rooms=FakeRooms(),
        media=cast(MediaEngine, FakeMedia()),
        origin=origin,
        office=evaluation.office,
        check_seal=_no_seal,
        trading=None,
        footage=evaluation.folder / "footage",
        bags=evaluation.folder / "bags",
        provider_token="",
        contact="",
        by_hand=True,
        setup_token="",
    )


async def _no_seal(_content: bytes, _signature: bytes, _signer: object) -> None:
    raise AssertionError("nobody answers a clarification here")

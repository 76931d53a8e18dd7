"""The application on fakes, and callers of it: a browser that keeps cookies, a script that asks for JSON."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from identity import accounts, service, sessions
from identity.accounts import Account
from identity.roles import AT_A_SEAT, Role
from identity.seats import PairedSeat
from identity.sessions import Holder
from tests.web import fakes
from tests.web.fakes import House
from web.admission import DEPLOYMENT, SEATS, SESSIONS
from web.app import make_app
from web.limits import Limits

PASSWORD = "Blue-heron-2026"
HASH = accounts.hash_password(PASSWORD, bytes(16))
PAIRING_BYTES = bytes(range(12))


@dataclass
class Caller:
    """Keeps cookies by hand: `__Host-` cookies are Secure, and the test server speaks plain HTTP."""

    client: "TestClient[web.Request, web.Application]"
    json: bool = False
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def headers(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        made = {"Cookie": cookie} if cookie else {}
        if self.json:
            made["Accept"] = "application/json"
        if self.csrf:
            made["X-CSRF-Token"] = self.csrf
        return {**made, **(extra or {})}

    async def get(self, path: str, **extra: str) -> ClientResponse:
        return self._kept(await self.client.get(path, headers=self.headers(extra), allow_redirects=False))

    async def post(self, path: str, fields: object = None, **extra: str) -> ClientResponse:
        body = {"json": fields} if self.json else {"data": fields}
        return self._kept(
            await self.client.post(path, headers=self.headers(extra), allow_redirects=False, **body)  # type: ignore[arg-type]
        )

    async def log_in(self, name: str, password: str = PASSWORD) -> ClientResponse:
        answer = await self.post("/login", {"name": name, "password": password})
        if self.json and answer.status == 200:
            self.csrf = (await answer.json())["csrf"]
        return answer

    def _kept(self, answer: ClientResponse) -> ClientResponse:
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == 0 or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer


@pytest.fixture
def house() -> House:
    made = fakes.house()
    shelf = made.store.shelves["deployment", "accounts"]
    for role in Role:
        service.add_account(shelf, Account(role.value.replace("_", "-"), role, HASH, "演示人员", venue="A"))
    return made


@pytest.fixture
async def client(house: House) -> AsyncIterator["TestClient[web.Request, web.Application]"]:
    async with TestClient(TestServer(make_app(house.services))) as made:
        yield made


@pytest.fixture
def script(client: "TestClient[web.Request, web.Application]") -> Caller:
    return Caller(client, json=True)


@pytest.fixture
def person(client: "TestClient[web.Request, web.Application]") -> Caller:
    return Caller(client)


def paper(house: House, seat: str = "A-01") -> str:
    """A pairing code for a seat of venue A."""
    pairings = house.store.shelves["deployment", "pairings"]
    return service.issue_pairing(pairings, "A", seat, PAIRING_BYTES, house.clock())


@pytest.fixture
def everybody(house: House, script: Caller, monkeypatch: pytest.MonkeyPatch) -> dict[str, Caller]:
    """A script of each role, signed in; how often one may call is another test's."""
    monkeypatch.setattr(Limits, "take", lambda *_: None)
    shelves, found = house.store.shelves, {}
    for role in Role:
        cookie, csrf, seat = f"cookie-{role}", f"csrf-{role}", f"seat-{role}"
        holder = Holder(role, role.value, "A")
        cookies = {"__Host-session": cookie}
        if role in AT_A_SEAT:
            paired = PairedSeat(sessions.digest(seat), "A", "A-01")
            row = {"digest": paired.digest, "venue": paired.venue, "name": paired.name}
            shelves[DEPLOYMENT, SEATS].put(paired.digest, row)
            holder = Holder(role, role.value, "A", "E-1", paired.digest, "A-01")
            cookies["__Host-seat"] = seat
        service.keep_session(shelves[DEPLOYMENT, SESSIONS], sessions.opened(holder, cookie, csrf, house.clock()))
        found[role.value] = Caller(script.client, json=True, cookies=cookies, csrf=csrf)
    return found

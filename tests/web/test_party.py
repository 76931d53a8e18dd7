"""A party to draws comes in two ways: a service by its access token, a person by an account; both act for the party."""

import pytest
from aiohttp import ClientResponse

from conduct import directory
from evaluation.case import Case, CaseId, State
from identity import service
from identity.accounts import Account
from identity.roles import Role
from tests.web.conftest import HASH, PASSWORD, Caller
from tests.web.fakes import ORIGIN, House

TOKEN = "a key service's token"
COMMIT = {"commit": "ab" * 32, "share_key": "cd" * 32}
SITE = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}


@pytest.fixture
def house(house: House) -> House:
    """The centre takes part in draws: a service of its own, and a person with an account."""
    row = {"legal_person": "演示交易中心", "token_hash": directory.token_hash(TOKEN), "host": True}
    house.store.shelves["deployment", "party"].put("centre", row)
    clerk = Account("clerk", Role.PARTY, HASH, "演示人员", organisation="centre")
    service.add_account(house.store.shelves["deployment", "accounts"], clerk)
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.SEATS_HELD)
    return house


async def committed(caller: Caller, **headers: str) -> ClientResponse:
    return await caller.post("/cases/E-1/draws/venues/commit", COMMIT, **headers)


async def test_a_partys_person_signs_in_and_acts_for_the_party(script: Caller) -> None:
    told = await (await script.log_in("clerk")).json()
    assert (told["role"], told["who"]) == ("party", "centre")
    assert (await script.get("/draws")).status == 200
    # No such draw: what is asked has come past the gate.
    assert (await (await committed(script)).json())["code"] == "draw.not_open"


async def test_a_partys_person_must_bring_the_sessions_token(script: Caller) -> None:
    await script.log_in("clerk")
    script.csrf = ""
    answer = await committed(script, **SITE)
    assert (answer.status, (await answer.json())["code"]) == (403, "request.forged")


async def test_a_key_service_needs_no_session(script: Caller) -> None:
    answer = await committed(script, Authorization=f"Bearer {TOKEN}")
    assert (await answer.json())["code"] == "draw.not_open"


@pytest.mark.parametrize("sent", ["", "Bearer another", f"Basic {TOKEN}"])
async def test_nobody_else_gets_past(script: Caller, sent: str) -> None:
    answer = await script.get("/draws", **({"Authorization": sent} if sent else {}))
    assert (answer.status, (await answer.json())["code"]) == (401, "token.refused")


async def test_another_role_is_no_party(script: Caller) -> None:
    await script.log_in("agent")
    assert (await script.get("/draws")).status == 403


@pytest.mark.parametrize(("organisation", "status"), [("centre", 200), ("", 422), ("elsewhere", 422)])
async def test_an_account_of_a_party_names_a_party(script: Caller, organisation: str, status: int) -> None:
    await script.log_in("security-admin")
    form = {
        "name": "second",
        "role": "party",
        "person": "演示人员二",
        "password": PASSWORD,
        "organisation": organisation,
    }
    assert (await script.post("/admin/accounts", form)).status == status

"""Packages over the wire: uploaded, looked at, accepted or discarded; nothing changes before somebody accepts."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from demo import case_example_a as example
from demo import packages
from evaluation.case import State
from gateways import outside_seals
from identity.roles import Role
from tests.web.committee import committee, services_on
from tests.web.conftest import Caller
from tests.web.test_offices import PATH, Office, code_of
from web.app import make_app

OPENING = f"{PATH}/opening"


@pytest.fixture
async def drawn(tmp_path: Path) -> AsyncIterator[Office]:
    """A case whose experts are drawn, in a deployment that takes the trading system's packages."""
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts"):
            await getattr(evaluation, step)()
        trading = evaluation.trading.certificate
        services = replace(services_on(evaluation), trading=trading, check_seal=outside_seals.check)
        async with TestClient(TestServer(make_app(services))) as client:
            yield Office(evaluation, client)


async def test_an_opening_is_looked_at_before_it_is_accepted_and_accepted_once(drawn: Office) -> None:
    agent = await drawn.person(Role.AGENT)
    browser = Caller(drawn.client, cookies=agent.cookies)
    package = drawn.package("opening", drawn.evaluation.trading)
    assert (await (await agent.get(OPENING)).json())["waiting"] is None
    uploaded = await drawn.upload(agent, OPENING, {"package": package})
    digest = (await uploaded.json())["package"]
    assert drawn.evaluation.state.state is State.DRAWN_SEALED
    looked = (await (await agent.get(OPENING)).json())["waiting"]
    assert {bid["id"]: bid["price"] for bid in looked["data"]["bids"]} == example.PRICES
    page = await (await browser.get(OPENING)).text()
    assert all(name in page for name in example.BIDDERS.values())
    other = await agent.post(f"{OPENING}/accept", {"package": "0" * 64})
    assert (other.status, await code_of(other)) == (409, "package.not_waiting")
    assert (await agent.post(f"{OPENING}/accept", {"package": digest})).status == 200
    assert set(drawn.evaluation.state.bids) == set(example.BIDDERS)
    again = await agent.post(f"{OPENING}/accept", {"package": digest})
    assert await code_of(again) == "package.not_waiting"


async def test_what_is_discarded_is_gone_and_what_accepting_would_refuse_is_refused_at_once(drawn: Office) -> None:
    agent = await drawn.person(Role.AGENT)
    package = drawn.package("opening", drawn.evaluation.trading)
    assert (await drawn.upload(agent, OPENING, {"package": package})).status == 200
    assert (await agent.post(f"{OPENING}/discard", {})).status == 200
    assert (await (await agent.get(OPENING)).json())["waiting"] is None
    folder, early = drawn.evaluation.folder, "2026-01-01T00:00:00Z"
    elsewhere = packages.write_opening_package(
        folder, drawn.evaluation.trading, drawn.evaluation.bidders, "E-OTHER-1", early
    )
    refused = await drawn.upload(agent, OPENING, {"package": elsewhere.read_bytes()})
    assert (refused.status, await code_of(refused)) == (422, "package.wrong_one")
    assert (await (await agent.get(OPENING)).json())["waiting"] is None
    assert drawn.evaluation.state.state is State.DRAWN_SEALED


async def test_every_fault_stands_on_the_page_with_its_place_and_nothing_waits(drawn: Office) -> None:
    agent = await drawn.person(Role.AGENT)
    broken = packages.without_file(_opening(drawn), "bids/D.pdf")
    answer = await drawn.upload(agent, OPENING, {"package": broken.read_bytes()})
    told = json.loads(await answer.text())
    assert (answer.status, told["code"]) == (422, "package.file_missing")
    assert {"bids/D.pdf", "bids/D"} <= {one["where"] for one in told["detail"]}
    browser = Caller(drawn.client, cookies=agent.cookies, csrf=agent.csrf)
    page = await (await drawn.upload(browser, OPENING, {"package": broken.read_bytes()})).text()
    assert "数据包缺少清单所列的文件" in page
    assert "没有接收任何内容" in page
    for role in (Role.MAIN_STAFF, Role.SUPERVISOR):
        somebody = await drawn.person(role, "main", "V1") if role is Role.MAIN_STAFF else await drawn.person(role)
        assert (await drawn.upload(somebody, OPENING, {"package": b"PK"})).status == 403


def _opening(office: Office) -> Path:
    folder, early = office.evaluation.folder, "2026-01-01T00:00:00Z"
    number = PATH.rpartition("/")[2]
    return packages.write_opening_package(folder, office.evaluation.trading, office.evaluation.bidders, number, early)

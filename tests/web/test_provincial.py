"""The province's result over the wire: the agent hands it in, its seal is judged, the pages say whose draw it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateways import outside_seals
from identity.roles import Role
from tests.services.province import KEY, Province
from tests.web.committee import committee, services_on
from tests.web.conftest import Caller
from tests.web.test_offices import PATH, Office, code_of
from web.app import make_app
from web.services import Intake

IMPORT = f"{PATH}/draws/import"


@pytest.fixture
async def province(tmp_path: Path) -> Province:
    return Province(tmp_path)


@pytest.fixture
async def office(tmp_path: Path, province: Province) -> AsyncIterator[Office]:
    """A case whose sub venues are drawn, in a deployment that takes the province's draws."""
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        for step in ("prepare_deployment", "apply", "draw_venues"):
            await getattr(evaluation, step)()
        services = replace(
            services_on(evaluation),
            check_seal=outside_seals.check,
            provincial=Intake(province.party.certificate, KEY),
        )
        async with TestClient(TestServer(make_app(services))) as client:
            yield Office(evaluation, client)


async def test_the_agent_hands_the_result_in_and_every_page_says_who_drew(office: Office, province: Province) -> None:
    agent = await office.person(Role.AGENT)
    shown = Caller(office.client, cookies=agent.cookies)
    before = await (await shown.get(f"{PATH}/draws")).text()
    assert f'href="{IMPORT}"' in before
    waits = await (await office.upload(agent, IMPORT, {"result": province.package()})).json()
    looked = await (await agent.get(IMPORT)).json()
    assert (looked["waiting"]["members"], looked["waiting"]["alternates"]) == (4, 2)
    assert "演示省级专家" not in str(looked)
    assert "experts" not in office.evaluation.state.draws
    assert (await agent.post(f"{IMPORT}/accept", {"package": waits["package"]})).status == 200
    after = await (await shown.get(f"{PATH}/draws")).text()
    assert "由省级平台抽取和复筛，本系统不核验" in after
    assert "P-1" in after
    assert f'href="{IMPORT}"' not in after
    again = await office.upload(agent, IMPORT, {"result": province.package()})
    assert (again.status, await code_of(again)) == (409, "provincial.draw_known")


async def test_a_result_under_another_seal_is_refused_and_the_case_stays_as_it_was(
    office: Office, tmp_path: Path
) -> None:
    agent = await office.person(Role.AGENT)
    (tmp_path / "elsewhere").mkdir()
    answer = await office.upload(agent, IMPORT, {"result": Province(tmp_path / "elsewhere").package()})
    assert (answer.status, await code_of(answer)) == (422, "seal.refused")
    assert "experts" not in office.evaluation.state.draws


async def test_only_the_agent_hands_a_result_in(office: Office, province: Province) -> None:
    for role in (Role.MAIN_STAFF, Role.SUPERVISOR):
        somebody = await office.person(role, "main", "V1") if role is Role.MAIN_STAFF else await office.person(role)
        assert (await office.upload(somebody, IMPORT, {"result": province.package()})).status == 403


async def test_without_the_provinces_certificate_no_result_is_taken(tmp_path: Path, province: Province) -> None:
    async with committee(tmp_path) as made:
        for step in ("prepare_deployment", "apply", "draw_venues"):
            await getattr(made.evaluation, step)()
        async with TestClient(TestServer(make_app(services_on(made.evaluation)))) as client:
            bare = Office(made.evaluation, client)
            answer = await bare.upload(await bare.person(Role.AGENT), IMPORT, {"result": province.package()})
            assert (answer.status, await code_of(answer)) == (409, "provincial.not_set")

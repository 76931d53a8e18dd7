"""The page of draws when the lot found too few: what is lacking, in words, and the form again for the agent alone."""

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from identity.roles import Role
from tests.services.test_draw_short import to_a_short_draw
from tests.web.committee import committee, services_on
from tests.web.conftest import Caller
from tests.web.test_offices import PATH, Office
from web.app import make_app

FORM = f'action="{PATH}/draws/experts"'


async def test_what_is_lacking_is_told_and_the_agent_is_given_the_form_again(tmp_path: Path) -> None:
    async with committee(tmp_path) as made:
        await to_a_short_draw(made.evaluation)
        async with TestClient(TestServer(make_app(services_on(made.evaluation)))) as client:
            office = Office(made.evaluation, client)
            agent, supervisor = await office.person(Role.AGENT), await office.person(Role.SUPERVISOR)
            shown = {}
            for who in (agent, supervisor):
                page = await Caller(client, cookies=who.cookies).get(f"{PATH}/draws")
                shown[who.csrf] = await page.text()
            for text in shown.values():
                assert "抽取没有结果：符合条件的专家不够" in text
                assert "还差正选 1 人" in text
            assert FORM in shown[agent.csrf]
            assert FORM not in shown[supervisor.csrf]
            home = await (await Caller(client, cookies=agent.cookies).get(PATH)).text()
            assert "请放宽条件后重新提出专家抽取" in home

"""The spread of the scores: for the supervisor when all have submitted, for the committee when it is all over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conduct import summing
from conduct.ports import Actor
from demo import case_example_a as example
from identity.roles import Role
from tests.web.committee import Committee, committee
from tests.web.conftest import Caller
from tests.web.test_member import at_scoring


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


async def shows(caller: Caller, path: str) -> bool:
    return "spreads" in await (await caller.get(path)).json()


async def test_figures_are_seen_by_each_when_it_may_be_and_by_nobody_before(house: Committee) -> None:
    await at_scoring(house)
    supervisor = await house.account(Role.SUPERVISOR, "supervisor")
    leader, other = [await house.seat(member) for member in (house.state.leader, "m2")]
    progress, panel = f"{house.path}/progress", f"{house.path}/leader"
    evaluation, late = house.evaluation, example.MEMBERS[-1]
    for alias in example.MEMBERS[:-1]:
        await evaluation.score_as(alias, alias)
    assert not await shows(supervisor, progress)
    await evaluation.score_as(late, late)
    await evaluation.do(summing.close_scoring, evaluation.leader)
    assert await shows(supervisor, progress)
    assert not await shows(leader, panel)
    for flag in house.state.flags:
        await evaluation.do(summing.decide, Actor("member", flag.member), flag.bid, "kept", "理由")
    await evaluation.do(summing.recommend, evaluation.leader)
    assert await shows(leader, panel)
    assert not await shows(other, f"{house.path}/me")
    technical = (await (await supervisor.get(progress)).json())["spreads"][0]
    assert technical["bids"][0]["figures"] == ["41.50", "42.00", "40.50", "43.00", "48.50"]
    drawn = await (await Caller(house.client, json=False, cookies=supervisor.cookies).get(progress)).text()
    assert drawn.count('<svg class="spread"') == 11
    assert drawn.count("<caption>") == 11

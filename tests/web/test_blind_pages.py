"""The pages of a blind review over HTTP: score grid, read-back and the leader's page go by codes, then by names."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from demo import case_example_a as example
from tests.services.blind_case import blind_example, fill_blind, score_blind, to_blind_scores
from tests.web.committee import Committee, committee
from tests.web.conftest import Caller
from tests.web.test_member import refused
from tests.web.test_second_screen import pair

OPEN = "结束暗标评审，揭示暗标编号"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        made.evaluation.example = blind_example()
        yield made


async def page(house: Committee, who: Caller, name: str, language: str = "zh") -> str:
    """A page as a person reads it."""
    person = replace(who, json=False, cookies={**who.cookies, "__Host-language": language})
    answer = await person.get(f"{house.path}/{name}")
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def beside(house: Committee, member: Caller) -> str:
    """What m1's second screen is given while the score sheets are read back."""
    screen = Caller(house.client, json=True)
    await screen.get("/screen")
    code = (await (await screen.post("/screen/now", {})).json())["code"]
    await pair(house, code)
    batch = (await (await member.get(f"{house.path}/sign/score-sheet")).json())["batch"]
    await member.get(f"{house.path}/sign/score-sheet/screen?batch={batch}")
    text = await (await screen.post("/screen/now", {})).text()
    assert all(code in text for code in house.evaluation.state.blind.codes)  # type: ignore[union-attr]
    return text


async def test_a_member_scores_and_reads_back_by_code_and_the_leader_opens_the_codes(house: Committee) -> None:
    evaluation = house.evaluation
    await to_blind_scores(evaluation)
    state = evaluation.state
    assert state.blind is not None
    codes = state.blind.codes
    leader, member = await house.seat(state.leader), await house.seat("m1")
    await fill_blind(evaluation, "评委1")
    prepared = await member.post(f"{house.path}/prepare/score-sheet", {})
    assert prepared.status == 200
    for language in ("zh", "en"):
        for name in ("scores", "sign/score-sheet"):
            text = await page(house, member, name, language)
            assert all(code in text for code in codes), (name, language)
            assert not [bidder for bidder in example.BIDDERS.values() if bidder in text], (name, language)
        assert not [one for one in example.BIDDERS.values() if one in await page(house, leader, "leader", language)]
    assert not [one for one in example.BIDDERS.values() if one in await beside(house, member)]
    assert "暗标打分" in await page(house, member, "scores")
    assert OPEN in await page(house, leader, "leader")
    assert await refused(leader.post(f"{house.path}/codes/open")) == (409, "stage.sheets_missing")

    await house.sign(member, "score-sheet")
    for alias in example.MEMBERS[1:]:
        await score_blind(evaluation, alias)
    assert (await refused(member.post(f"{house.path}/codes/open")))[0] == 403
    assert (await leader.post(f"{house.path}/codes/open")).status == 200
    opened = await page(house, leader, "leader")
    assert all(code in opened for code in codes)
    assert OPEN not in opened
    assert all(example.BIDDERS[bid] in opened for bid in example.BIDDERS)
    scores = await page(house, member, "scores")
    assert "暗标打分" not in scores
    assert all(evaluation.state.bids[bid].name in scores for bid in evaluation.state.valid_bids)

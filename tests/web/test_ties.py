"""A lot over equal bids as the room reads of it: whom it waits for, what came out, and to whom ranks stay hidden."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evaluation.case import State
from identity.roles import Role
from tests.services.parties import HOST, PARTIES
from tests.services.test_ties import as_b, cast_lot, example, recommend, to_tie
from tests.web.committee import Committee, committee
from tests.web.conftest import Caller

EQUAL = "的评审结果完全相同"
BOTH = "B 演示投标人B、E 演示投标人E"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        made.evaluation.example = example("B", as_b)
        yield made


async def text(house: Committee, caller: Caller, page: str) -> str:
    answer = await caller.get(f"{house.path}/{page}")
    assert answer.status == 200, page
    return await answer.text()


async def offices(house: Committee) -> dict[str, Caller]:
    """Browsers of the offices, by the page where each reads of the lot."""
    staff = {"draws": (Role.SUPERVISOR, "supervisor"), "host": (Role.MAIN_STAFF, "main")}
    staff |= {"watch": (Role.WITNESS, "witness"), "progress": (Role.SUPERVISOR, "supervisor")}
    found = {}
    for page, (role, name) in staff.items():
        found[page] = await house.account(role, name)
        found[page].json = False
    return found


async def test_the_room_is_told_what_is_waited_for_and_what_came_of_it(house: Committee) -> None:
    evaluation = house.evaluation
    await to_tie(evaluation)
    member = await house.seat("m1", json=False)
    leader = await house.seat(house.state.leader, json=False)
    offices_at = await offices(house)
    agent = await house.account(Role.AGENT, "agent")
    await evaluation.commit(HOST, "ties")
    waiting = {page: await text(house, caller, page) for page, caller in offices_at.items()}
    waiting |= {"me": await text(house, member, "me"), "leader": await text(house, leader, "leader")}
    for page, shown in waiting.items():
        assert (BOTH in shown) is (page in {"draws", "progress"}), page
        if page == "draws":
            continue
        assert EQUAL in shown, page
        assert f"正在等：{'、'.join(party for party in PARTIES if party != HOST)}。" in shown, page
    assert "等各抽取方承诺" in waiting["me"]
    assert evaluation.state.state is State.PRICE
    told_agent = await (await agent.get(f"{house.path}/draws")).json()
    assert (told_agent["draws"]["ties"]["request"], told_agent["ties"][0]["groups"]) == ({}, [])
    for party in PARTIES:
        if party != HOST:
            await evaluation.commit(party, "ties")
    for party in sorted(PARTIES, key=lambda one: one != HOST):
        await evaluation.reveal(party, "ties")
    order = await cast_lot(evaluation)
    told = "抽签次序：<strong>" + "、".join(f"{bid} 演示投标人{bid}" for bid in order)
    drawn = await text(house, member, "me")
    assert told not in drawn
    assert "推荐中标候选人以后显示" in drawn
    assert evaluation.state.draws["ties"].now.transcript in drawn
    assert told in await text(house, offices_at["progress"], "progress")
    await recommend(evaluation)
    assert told in await text(house, member, "me")
    assert told in await text(house, leader, "leader")
    assert told not in await text(house, offices_at["host"], "host")

"""The pages of a member and the leader, on a real store: each renders at each stage, in both languages."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from conduct import electing
from conduct.ports import Actor, Tx
from demo import case_example_a as example
from tests.services.evaluation import CASE
from tests.web.committee import Committee, committee

PAGES = (
    "me",
    "enrol",
    "pledge",
    "ballot",
    "reading",
    "findings",
    "scores",
    "selfcheck",
    "report",
    "receipts",
    "interference",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


async def every_page(house: Committee, member: str) -> None:
    person = await house.seat(member, json=False)
    pages = (*PAGES, "leader") if house.state.leader == member else PAGES
    for language in ("zh", "en"):
        person.cookies["__Host-language"] = language
        for name in pages:
            answer = await person.get(f"{house.path}/{name}")
            assert answer.status == 200, (house.state.state, name, await answer.text())


async def test_every_page_is_there_at_every_stage(house: Committee) -> None:
    people = house.evaluation
    await people.prepare_deployment()
    await people.apply()
    await people.draw_venues()
    await people.draw_experts()
    await people.open_bids()
    await people.check_in()
    await every_page(house, "m1")
    for alias in example.MEMBERS:
        await people.sign(people.member(alias), "pledge")
    await every_page(house, "m1")
    await elect(house)
    await every_page(house, house.state.leader)
    await people.review()
    await every_page(house, house.state.leader)
    await people.score()
    await every_page(house, house.state.leader)
    await people.sum_up()
    await every_page(house, house.state.leader)
    assert house.state.id == CASE


async def elect(house: Committee) -> None:
    people = house.evaluation
    for votes in example.LEADER_BALLOTS:
        for alias, choice in votes.items():
            await people.store.act(partial(cast_vote, voter=people.member(alias), choice=f"m{choice[-1]}"))


def cast_vote(tx: Tx, voter: Actor, choice: str) -> None:
    electing.vote(tx, CASE, voter, choice)

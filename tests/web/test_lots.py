"""A case in two lots on its pages: which lot is in hand, the leader's one button, the reports of both within reach."""

from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest

from conduct import reporting
from demo import case_example_a as example
from identity.roles import Role
from tests.services.evaluation import CASE
from tests.services.test_reporting import answer
from tests.web.committee import Committee, committee
from tests.web.test_member import refused

BUTTON = "开启下一个标段：第2标段"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path, lots=("1", "2")) as made:
        yield made


async def test_the_leader_opens_the_next_lot_and_every_report_stays_within_reach(house: Committee) -> None:
    evaluation = house.evaluation
    await evaluation.to_review()
    leader = await house.seat(evaluation.leader.who)
    other = await house.seat("m1" if evaluation.leader.who != "m1" else "m2")
    main = await house.account(Role.MAIN_STAFF, "main")
    assert (await house.me(leader))["lot"] == "第 1 个，共 2 个：第1标段"
    await evaluation.review_failing(evaluation.state.bids)
    await reporting.render(evaluation.store, CASE)
    assert await refused(leader.post(f"{house.path}/lots/next")) == (409, "report.unsigned")
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")

    asked = (await house.me(leader))["now"]
    assert (asked["page"], "开启下一个标段" in asked["say"]) == (f"{house.path}/leader", True)
    assert (await house.me(other))["now"]["page"] == ""
    assert BUTTON in await (await replace(leader, json=False).get(f"{house.path}/leader")).text()
    assert f"{house.path}/fee" not in await (await replace(other, json=False).get(f"{house.path}/me")).text()
    assert await refused(other.post(f"{house.path}/lots/next")) == (403, "leader.only")
    assert await refused(main.post(f"{house.path}/close")) == (409, "lot.left")
    assert "结束评标并封存" not in await (await replace(main, json=False).get(f"{house.path}/host")).text()

    assert (await leader.post(f"{house.path}/lots/next")).status == HTTPStatus.OK
    told = await house.me(other)
    assert (told["state"], told["lot"]) == ("prep", "第 2 个，共 2 个：第2标段")
    assert [bid["id"] for bid in told["bids"]] == [f"2-{letter}" for letter in example.BIDDERS]
    assert [(lot["standing"], bool(lot["report"])) for lot in told["lots"]] == [("signed", True), ("now", False)]
    await _both_are_told(house)


async def _both_are_told(house: Committee) -> None:
    person = await house.seat("m3", json=False)
    first = await person.get(f"{house.path}/report/read?lot=1")
    assert first.status == HTTPStatus.OK
    assert "第1标段" in await first.text()
    assert (await person.get(f"{house.path}/report/read")).status == HTTPStatus.NOT_FOUND
    pdf = await person.get(f"{house.path}/report/answers?lot=1")
    assert (pdf.status, (await pdf.read())[:5]) == (HTTPStatus.OK, b"%PDF-")
    supervisor = await house.account(Role.SUPERVISOR, "supervisor")
    told = await (await supervisor.get(house.path)).json()
    assert [lot["name"] for lot in told["lots"]] == ["第1标段", "第2标段"]
    assert "report-1.pdf" in {one["path"] for one in told["documents"]}
    words = await (await replace(supervisor, json=False).get(house.path)).text()
    for said in ("各标段", "已签署", "评审中", "第 2 个，共 2 个"):
        assert said in words
    main = await house.account(Role.MAIN_STAFF, "main")
    assert not any(lot["report"] for lot in (await (await main.get(house.path)).json())["lots"])

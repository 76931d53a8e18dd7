"""A visitor of the demo, with nothing but what it prints, leads the second case to its signed report."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from demo import case_example_b as example
from demo import second_case, story_room, verdict
from demo.deployment import deployed
from demo.progress import Progress
from tests.browser.people.company import Company, assembled
from tests.browser.people.inspection import Inspection
from tests.browser.people.member import Member

TEN_MINUTES = 600
CODES = re.compile(r"/seat/pair\s+(\S+)\n.*/seat\s+(\d{6})\n.*password\s+(\d{6})\n")
ITEMS = tuple(item["id"] for group in example.CRITERIA["groups"] for item in group["items"])


@pytest.mark.full
async def test_a_visitor_of_the_demo_reaches_the_signed_report_within_ten_minutes(tmp_path: Path) -> None:
    inspection = Inspection(tmp_path)
    async with deployed(tmp_path / "house", "DEMO-2026-0001", Progress(1)) as made:
        stage = await second_case.prepare(made.stage, second_case.number_of_today())
        printed = await second_case.hand_over(stage)
        others = stage.tasks.create_task(second_case.play_along(stage))
        async with assembled(made.server, stage, inspection, tmp_path) as company, asyncio.timeout(TEN_MINUTES):
            began = asyncio.get_running_loop().time()
            await visit(company, printed)
            await others
            await second_case.close_when_done(stage)
            print(f"signed and closed after {asyncio.get_running_loop().time() - began:.0f} s")
        await story_room.sealed(stage)
        bag = made.server.state / "bags" / stage.number
        assert totals(bag) == {bid: row["total"] for bid, row in example.EXPECTED.items()}
        assert await verdict.verify(bag, made.server.trust) == 0
    assert not inspection.faults


def totals(bag: Path) -> dict[str, str]:
    """Bid → total, as sealed, in the order of rank."""
    result = json.loads((bag / "data" / "tally" / "result.json").read_bytes())
    return {row["bid"]: row["total"] for row in result["rows"]}


async def visit(company: Company, printed: str) -> None:
    """What the README says, step by step."""
    told = CODES.search(printed)
    assert told is not None, printed
    pairing, code, password = told.groups()
    visitor = await company.come(Member, "visitor")
    await visitor.enter(pairing, code, "现在请您独立打分，核对后签名。")
    await company.inspection.picture(visitor.page, "1-now")
    await visitor.follow("打分", "打分")
    await type_the_table(visitor, printed)
    await company.inspection.picture(visitor.page, "2-grid")
    await visitor.press("提交并核对", "核对与签名")
    await company.inspection.picture(visitor.page, "3-read-back")
    await visitor.sign(password)
    await visitor.lead("结束详细评审，系统汇总", "组长操作")
    await company.inspection.picture(visitor.page, "4-sum")
    await visitor.lead("推荐中标候选人", "组长操作")
    await visitor.come_home()
    await visitor.sees("现在请您阅读并签署评标报告。")
    await visitor.give_opinion("signed")
    await company.inspection.picture(visitor.page, "5-report")
    await visitor.sign(password)
    await company.inspection.picture(visitor.page, "6-receipt")


async def type_the_table(visitor: Member, printed: str) -> None:
    """Row by row with Tab, as it is printed."""
    for number, item in enumerate(ITEMS):
        row = re.search(rf"^{item}\s.*?((?:\s+[\d.]+){{3}})$", printed, re.M)
        assert row is not None
        for bid, typed in enumerate(row.group(1).split()):
            await visitor.page.locator(f"#c-{number}-{bid}").focus()
            await visitor.page.keyboard.type(typed)
    await visitor.page.keyboard.press("Tab")
    await expect(visitor.page.locator(".unsaved")).to_have_text("已全部保存")

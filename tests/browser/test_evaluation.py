"""A whole evaluation through the pages, in real Chromium with fake cameras, everybody at a browser of their own.

What happens before people sit (pool, packages, draws, calls) is played as in the demo; from the desk on it is pages.
"""

import asyncio
import json
import os
from collections.abc import Coroutine, Iterable
from pathlib import Path

from playwright.async_api import expect

from demo import case_example_a as example
from demo import documents, story_before, verdict
from demo.deployment import deployed
from demo.progress import Progress
from demo.server_process import free_port
from demo.story_before import PASSWORDS
from tests.browser.outage import an_outage
from tests.browser.people import keyboard
from tests.browser.people.company import Company, assembled
from tests.browser.people.inspection import Inspection
from tests.browser.people.member import Member, see_all, zoom
from tests.browser.people.offices import Archivist, Bidder, Host, Supervisor, Witness
from tests.browser.people.person import Person
from tests.browser.site import Site

BEFORE_THE_DESK = (
    story_before.apply,
    story_before.draw_venues,
    story_before.draw_experts,
    story_before.open_bids,
)
BY_KEYBOARD, LEADER, FLAGGED, DISSENTER = 1, 3, 5, 2
RELOAD_AT, CUT_AT, CELLS = 12, 20, 45
OUTAGE_S, BACK_S = 10, 3.0
MARK = "该席位网络中断后自行恢复，录制缺口已标明。"
STATEMENT = "全程见证，未见干预评审的情形。"
WITNESS_PASSWORD = "715934"
GONE = "least => Number(/(\\d+) 秒/.exec(document.querySelector('room-wall .banner').textContent)?.[1]) >= least"
# A line that was away for long is made anew and counts from nothing.
ANOTHER = """
seen => Object.entries(seen).every(([seat, count]) => told.frames[seat]?.frames && told.frames[seat].frames !== count)
"""


async def test_scenario_01_10_12_15_20_an_evaluation_goes_through_the_pages(tmp_path: Path) -> None:
    asked = os.environ.get("BID_PICTURES")
    inspection = Inspection(Path(asked) if asked else None)
    media_port = free_port()
    settings = {"BID_MEDIA_PORT": str(media_port), "BID_MEDIA_WORKERS": "1"}
    async with deployed(tmp_path / "house", str(example.PROJECT["code"]), Progress(1), settings) as deployment:
        await deployment.play(BEFORE_THE_DESK)
        server = deployment.server
        site = Site(server.state, server.port, media_port)
        async with assembled(server, deployment.stage, inspection, tmp_path) as company:
            host = await company.staff(Host, "main")
            await sit_down(company, host)
            await watched(company)
            await pledge_and_elect(company)
            await review(company)
            await score(company, site)
            await suspend(company, host)
            await sum_up(company)
            await sign_report(company)
            await state_and_supervise(company)
            bag = await close(company, host, tmp_path)
        assert await verdict.verify(bag, server.trust) == 0
        assert totals(bag) == {bid: expected["total"] for bid, expected in example.EXPECTED.items()}
        assert not site.complaints()
    assert not inspection.faults


async def sit_down(company: Company, host: Host) -> None:
    """Check-in, seats, signing passwords, equipment; everybody sees and hears the others."""
    await host.open_desk()
    await company.check_in()
    members = company.members
    assert sorted(members) == sorted(PASSWORDS)
    await together(member.set_password(PASSWORDS[number]) for number, member in members.items())
    await together(member.check_equipment() for member in members.values())
    await together(member.enter_room() for member in members.values())
    seats = {member.seat for member in members.values()}
    await together(member.sees_and_hears(sorted(seats - {member.seat})) for member in members.values())
    room = members[BY_KEYBOARD].room
    await zoom(room, "1")
    await company.inspection.look(room)
    await company.inspection.picture(room, "room")
    await see_all(room)


async def watched(company: Company) -> None:
    """The witness sees all seats."""
    witness = await company.staff(Witness, "witness")
    await witness.watch([member.seat for member in company.members.values()])
    await company.inspection.picture(witness.page, "wall")
    await witness.mark(company.members[4].seat, MARK)
    await witness.go(company.stage.case)
    company.witness = witness


async def pledge_and_elect(company: Company) -> None:
    """Everybody pledges; the leader is elected in two rounds, 2/2/1 and 3/2."""
    await together(pledge(member) for member in company.members.values())
    for votes in example.LEADER_BALLOTS:
        await together(company.members[number_of(voter)].vote(choice) for voter, choice in votes.items())
    await company.members[LEADER].go(f"{company.stage.case}/ballot")
    await company.members[LEADER].sees("评委3：3 票")


async def pledge(member: Member) -> None:
    await member.pledge()
    await member.sign(PASSWORDS[member.number])


async def review(company: Company) -> None:
    """Findings, one member by keyboard; a question to E, answered behind its link; F is rejected."""
    leader = company.members[LEADER]
    await leader.lead("结束准备，开始初步评审", "初步评审")
    await together(
        member.find_by_keyboard(failures(number)) if number == BY_KEYBOARD else member.find(failures(number))
        for number, member in company.members.items()
    )
    await together(member.sign(PASSWORDS[number]) for number, member in company.members.items())
    await clarify(company)
    await leader.lead("结束初步评审，进入打分", "组长操作")


def failures(number: int) -> dict[tuple[str, str], dict[str, object]]:
    finding = example.F_FINDINGS[f"评委{number}"]
    return {} if finding["pass"] else {("F", example.F_CLAUSE): finding}


async def clarify(company: Company) -> None:
    leader, told, stage = company.members[LEADER], example.CLARIFICATION, company.stage
    await leader.ask(told["bid"], told["scope"], told["question"])
    async with asyncio.timeout(20):
        link = (await stage.provider.links.get())["link"]
    answer = documents.demo_answer_pdf()
    bidder = await company.come(Bidder, "bidder")
    await bidder.answer(link, answer, stage.bidders[told["bid"]].sign(answer))
    await leader.go(f"{stage.case}/leader")
    await leader.press("确认答复", "组长操作")
    await leader.sees("已确认归入评审资料")


async def score(company: Company, site: Site) -> None:
    """One member types every cell, through a reload and ten seconds without network; all sign."""
    by_keyboard = company.members[BY_KEYBOARD]
    await type_all(company, by_keyboard, site)
    others = [member for number, member in company.members.items() if number != BY_KEYBOARD]
    await together(member.score() for member in others)
    await together(member.sign(PASSWORDS[number]) for number, member in company.members.items())


async def type_all(company: Company, member: Member, site: Site) -> None:
    await member.come_home()
    await keyboard.press(member.page, member.page.locator(".task a.button.primary"))
    await member.reads("打分")
    await keyboard.tab_to(member.page, member.page.locator("#c-0-0"))
    await member.type_scores(0, RELOAD_AT)
    unsaved, here = member.page.locator(".unsaved"), member.page.locator("input:focus")
    await expect(unsaved).to_have_text("已全部保存")
    place = await here.get_attribute("id")
    await member.page.reload()
    await expect(here).to_have_attribute("id", place or "")
    await member.type_scores(RELOAD_AT, CUT_AT)
    await through_an_outage(company, member, site)
    await member.type_scores(CUT_AT + 5, CELLS)
    await expect(unsaved).to_have_text("已全部保存")
    await keyboard.press(member.page, member.page.get_by_role("button", name="提交并核对"))
    await member.reads("核对与签名")


async def through_an_outage(company: Company, member: Member, site: Site) -> None:
    """Typing goes on without network and is saved by itself after it; pictures are back within three seconds."""
    unsaved = member.page.locator(".unsaved")
    await expect(unsaved).to_have_text("已全部保存")
    restore = member.room.get_by_role("button", name="全部恢复")
    if await restore.is_visible():  # so many rooms on one machine: this one may have given pictures up before
        await restore.click()
    async with an_outage(site):
        await member.type_scores(CUT_AT, CUT_AT + 5)
        await expect(unsaved).to_have_text("5 项未保存")
        await member.room.wait_for_function(GONE, arg=OUTAGE_S, timeout=20000)
        seen = {
            seat: one["frames"] for seat, one in (await member.room.evaluate("told.frames")).items() if one["frames"]
        }
        back = asyncio.get_running_loop().time()
    await member.room.wait_for_function(ANOTHER, arg=seen, timeout=20000, polling=50)
    took = asyncio.get_running_loop().time() - back
    print(f"pictures back after {took:.1f} s")
    await expect(unsaved).to_have_text("已全部保存", timeout=10000)
    assert took < BACK_S


async def suspend(company: Company, host: Host) -> None:
    """A power cut: everybody confirms to be back before work goes on."""
    await host.suspend("副场二停电")
    await company.members[2].go(f"{company.stage.case}/reading")
    await company.members[2].sees("暂停期间文件已隐藏。")
    await together(member.confirm_presence() for member in company.members.values())
    await host.resume()


async def sum_up(company: Company) -> None:
    """The leader closes the scoring; 评委5 alone sees the deviation and keeps the score; candidates."""
    leader, flagged = company.members[LEADER], company.members[FLAGGED]
    await leader.lead("结束详细评审，系统汇总", "组长操作")
    await company.members[DISSENTER].go(f"{company.stage.case}/selfcheck")
    await company.members[DISSENTER].sees("您没有自检提示。")
    await flagged.answer_own_flag(str(example.DEVIATION["shown"]), str(example.DEVIATION["reason"]))
    await leader.lead("推荐中标候选人", "组长操作")


async def sign_report(company: Company) -> None:
    """Four sign, one with a different opinion."""
    await company.members[LEADER].come_home()
    await company.members[LEADER].sees("现在请您阅读并签署评标报告。")
    await together(
        member.give_opinion("dissent", str(example.DISSENT["text"])) if number == DISSENTER
        else member.give_opinion("signed")
        for number, member in company.members.items()
    )  # fmt: skip
    await together(member.sign(PASSWORDS[number]) for number, member in company.members.items())


async def state_and_supervise(company: Company) -> None:
    """The witness signs the statement; the supervisor sees who is done with what."""
    await company.witness.state(STATEMENT, WITNESS_PASSWORD)
    case = company.stage.case
    supervisor = company.supervisor = await company.staff(Supervisor, "supervisor")
    for path in ("", "/draws", "/progress", "/reports", "/retrievals"):
        await supervisor.go(f"{case}{path}")
    agent = await company.staff(Person, "agent")
    for path in ("", "/draws", "/progress"):
        await agent.go(f"{case}{path}")


async def close(company: Company, host: Host, folder: Path) -> Path:
    """The case is closed and sealed; the archivist replays a seat and takes the bag away."""
    await host.close()
    archivist = await company.staff(Archivist, "archivist")
    case = company.stage.case
    await archivist.find()
    assert await archivist.replay(company.members[BY_KEYBOARD].seat) > 3
    await retrieve(company, host, archivist)
    packed = await archivist.export(folder)
    await archivist.go(f"{case}/log")
    (folder / "exported").mkdir()
    unpacking = await asyncio.create_subprocess_exec("tar", "-xf", str(packed), "-C", str(folder / "exported"))
    assert await unpacking.wait() == 0
    return folder / "exported" / company.stage.number


async def retrieve(company: Company, host: Host, archivist: Archivist) -> None:
    """Scenario 20: asked for in writing, approved by two, seen under the viewer's name from a score's own moment on."""
    seat = company.members[BY_KEYBOARD].seat
    await company.supervisor.ask_to_see(seat, "投诉人称打分与评审记录不符，请调阅打分时的录像。")
    for staff in (archivist, host):
        await staff.approve_retrieval()
    await company.supervisor.see(seat, "签署评分表")


def totals(bag: Path) -> dict[str, str]:
    """Bid → total, as sealed."""
    result = json.loads((bag / "data" / "tally" / "result.json").read_bytes())
    return {row["bid"]: row["total"] for row in result["rows"] if row["total"]}


def number_of(alias: str) -> int:
    """评委3 → 3."""
    return int(alias.removeprefix("评委"))


async def together(acts: Iterable[Coroutine[None, None, None]]) -> None:
    """Everybody at once."""
    async with asyncio.TaskGroup() as tasks:
        for act in acts:
            tasks.create_task(act)

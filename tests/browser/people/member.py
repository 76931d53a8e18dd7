"""A member of the committee at a seat, the leader included: everything by the pages of the seat."""

import re
from collections.abc import Mapping
from typing import Any

from playwright.async_api import Page, TimeoutError, ViewportSize, expect

from demo import case_example_a as example
from tests.browser.people import keyboard
from tests.browser.people.person import Person

# Six windows full of moving pictures are drawn without a graphics card here: they are kept small.
SMALL = ViewportSize(width=480, height=360)
PLAYING = "seats => seats.every(seat => told.frames[seat]?.frames > 20 && told.frames[seat].energy > 0)"
SAVE = """
async ([path, cells]) => {
  const csrf = document.querySelector("[name=csrf]").value;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf };
  for (const cell of cells) {
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify({ ...cell, revision: 0 }) });
    if (!answer.ok) throw new Error(await answer.text());
  }
}
"""
TRIES, TRY_MS = 6, 10_000
BIDS = tuple(bid for bid in example.BIDDERS if bid in example.EXPECTED)


async def see_all(room: Page) -> None:
    """Zoom out until every tile is on the screen: what is not looked at is not sent."""
    await zoom(room, "0.25")


async def zoom(room: Page, scale: str) -> None:
    """Show the page at this scale, 1 as it comes."""
    await room.evaluate("scale => void (document.documentElement.style.zoom = scale)", scale)


class Member(Person):
    """`number` is n of 评委n, known once the seat is taken; `room` the window of the 会场."""

    number: int
    seat: str
    room: Page

    async def come_home(self) -> None:
        """The page 现在, which brings itself up to date where it is open already."""
        if not self.page.url.endswith("/me"):
            await self.go(f"{self.case}/me")

    async def enter(self, pairing: str, code: str, heading: str) -> None:
        """Make this browser the seat, and enter with the code on the slip."""
        await self.go("/seat/pair")
        await self.page.get_by_label("配对码").fill(pairing)
        await self.press("登记这台电脑", "席位")
        await self.page.get_by_label("席位码").fill(code)
        await self.press("入席", heading)

    async def take_seat(self, pairing: str, code: str) -> None:
        """Come for the first time; learn who one is."""
        await self.enter(pairing, code, "现在请您设置签名密码。")
        own = await self.page.locator("th", has_text="（我）").inner_text()
        self.number = int(re.findall(r"评委(\d+)", own)[0])
        self.seat = await self.page.locator("tr", has_text="（我）").locator("td.code").inner_text()

    async def set_password(self, password: str) -> None:
        """The 签名密码, typed twice."""
        await self.follow("设置签名密码", "设置签名密码")
        await self.page.get_by_label("签名密码", exact=True).fill(password)
        await self.page.get_by_label("再输入一次").fill(password)
        await self.press("设置签名密码", "现在请您检测摄像头")

    async def check_equipment(self) -> None:
        """Camera, microphone, speaker and the way to the room's server."""
        await self.follow("开始设备检测", "设备检测")
        await self.page.get_by_role("button", name="放一声").click()
        await self.page.get_by_role("button", name="听到了").click()
        await self.sees("设备全部正常，结果已保存。")
        await self.page.get_by_role("link", name="继续").click()

    async def enter_room(self) -> None:
        """Open the 会场 in its own window."""
        async with self.page.context.expect_page() as opened:
            await self.page.get_by_role("link", name="会场（另开窗口）").click()
        self.room = await opened.value
        await self.room.wait_for_selector("seat-video")
        await self.room.set_viewport_size(SMALL)
        await see_all(self.room)

    async def sees_and_hears(self, seats: list[str]) -> None:
        """Pictures of these seats are played, and their sound; given up on a busy machine, they are asked for again.

        Raises AssertionError with what the room has and says.
        """
        restore = self.room.get_by_role("button", name="全部恢复")
        for _ in range(TRIES):
            try:
                await self.room.wait_for_function(PLAYING, arg=seats, timeout=TRY_MS)
            except TimeoutError:
                if await restore.is_visible():
                    await restore.click()
            else:
                return
        said = await self.room.locator(".saving, .banner").all_inner_texts()
        raise AssertionError(self.seat, seats, await self.room.evaluate("told"), said)

    async def pledge(self) -> None:
        """Agree, and come to what is read back."""
        await self.come_home()
        await self.follow("阅读承诺书", "承诺与回避")
        await self.press("同意并遵守", "核对与签名")

    async def sign(self, password: str) -> None:
        """Release what is read back with the 签名密码; the receipt comes."""
        await self.page.get_by_label("签名密码").fill(password)
        await self.press("核对无误，签名", "回执")

    async def vote(self, alias: str) -> None:
        """The one secret vote of a round."""
        await self.come_home()
        await self.follow("去投票", "推选组长")
        await self.page.get_by_label(alias).check()
        await self.page.get_by_role("button", name="投票", exact=True).click()
        await expect(self.page.get_by_role("heading", name="您的选票校验码")).to_be_visible()

    async def find_by_keyboard(self, findings: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """Every clause of every bid with Tab, arrows, Space and typing; `findings` are those that do not pass."""
        await self.go(f"{self.case}/findings")
        for number, bid in enumerate(example.BIDDERS):
            await keyboard.press(self.page, self.page.locator(f'[data-open="{number}"]'))
            for at, (clause, *_) in enumerate(example.CLAUSES):
                radio = self.page.locator(f"#f-{number}-{at} input[value=pass]")
                await keyboard.tab_to(self.page, radio)
                await self._find(number, at, findings.get((bid, clause)))
            if bid != "F":
                await keyboard.tab_to(self.page, self.page.locator(f'[data-open="{number + 1}"]'), "Shift+Tab")
        await expect(self.page.locator(".unsaved")).to_have_text("已全部保存")
        await keyboard.press(self.page, self.page.get_by_role("button", name="提交并核对"))
        await self.reads("核对与签名")

    async def _find(self, bid: int, clause: int, failed: Mapping[str, Any] | None) -> None:
        keys = self.page.keyboard
        await keys.press("Space")
        if not failed:
            return
        await keys.press("ArrowDown")
        await keyboard.tab_to(self.page, self.page.locator(f"#ground-{bid}-{clause}"))
        await self.page.locator(f"#ground-{bid}-{clause}").select_option(failed["ground"])
        await keys.press("Tab")
        await keys.insert_text(failed["reason"])
        await keys.press("Tab")
        await keys.type(str(failed["page"]))

    async def find(self, findings: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """The same through the page's own connection, in one go."""
        await self.go(f"{self.case}/receipts")
        cells = [
            {"bid": bid, "clause": clause, "finding": findings.get((bid, clause), {"pass": True})}
            for bid in example.BIDDERS
            for clause, *_ in example.CLAUSES
        ]
        await self.page.evaluate(SAVE, [f"{self.case}/findings", cells])
        await self.go(f"{self.case}/findings")
        await self.press("提交并核对", "核对与签名")

    async def type_scores(self, first: int, last: int) -> None:
        """Cells of the grid, row by row, with typing and Tab; the focus is in the first of them."""
        items = [item["id"] for group in example.CRITERIA["groups"] for item in group["items"]]
        for number in range(first, last):
            item, bid = items[number // len(BIDS)], BIDS[number % len(BIDS)]
            await self.page.keyboard.type(example.scores_of(f"评委{self.number}", bid)[item])
            await self.page.keyboard.press("Tab")

    async def score(self) -> None:
        """All cells through the page's own connection, in one go."""
        await self.go(f"{self.case}/receipts")
        cells = [
            {"bid": bid, "item": item, "field": "score", "typed": typed}
            for bid in BIDS
            for item, typed in example.scores_of(f"评委{self.number}", bid).items()
        ]
        await self.page.evaluate(SAVE, [f"{self.case}/scores", cells])
        await self.go(f"{self.case}/scores")
        await self.press("提交并核对", "核对与签名")

    async def confirm_presence(self) -> None:
        """Back at the seat."""
        await self.come_home()
        await self.press("我已回到座位", "您已确认在席")

    async def give_opinion(self, outcome: str, opinion: str = "") -> None:
        """Read the report and choose how to sign it."""
        await self.come_home()
        await self.follow("阅读评标报告", "报告签署")
        await self.page.wait_for_selector("pdf-page canvas")
        await self.page.locator(f'input[value="{outcome}"]').check()
        await self.page.get_by_label("不同意见和理由").fill(opinion)
        await self.press("核对并签署", "核对与签名")

    async def answer_own_flag(self, shown: str, reason: str) -> None:
        """The self-check: the deviation is shown, the score is kept with a reason."""
        await self.come_home()
        await self.follow("查看自检提示", "自检提示")
        await self.sees(shown)
        await self.page.get_by_label("理由（必填）").fill(reason)
        await self.page.get_by_role("button", name="维持并说明").click()
        await self.page.goto(f"{self.case}/selfcheck")
        await self.sees("您已选择维持")

    async def ask(self, bid: str, pages: str, text: str) -> None:
        """As the leader: a written question to a bidder."""
        await self.go(f"{self.case}/leader")
        await self.page.locator("#bid").select_option(bid)
        await self.page.get_by_label("投标文件页码或章节").fill(pages)
        await self.page.get_by_label("问题", exact=True).fill(text)
        await self.press("发出澄清问题", "组长操作")
        await self.sees("等待答复")

    async def lead(self, words: str, heading: str) -> None:
        """As the leader: end or begin a stage."""
        await self.go(f"{self.case}/leader")
        await self.press(words, heading)

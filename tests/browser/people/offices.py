"""Who is not of the committee: host, witness, supervisor, bidder, archivist."""

import json
import re
from pathlib import Path

from playwright.async_api import expect

from tests.browser.people.member import see_all
from tests.browser.people.person import Person


class Staff(Person):
    """One of the two who approve a retrieval."""

    async def approve_retrieval(self) -> None:
        """Approve the one request that waits."""
        await self.go(f"{self.case}/retrievals")
        await self.press("批准调阅", "调阅")
        await expect(self.page.get_by_role("button", name="批准调阅")).to_have_count(0)


class Supervisor(Person):
    """Asks in writing to see what was recorded."""

    async def ask_to_see(self, seat: str, reason: str) -> None:
        """One seat, for a day."""
        await self.go(f"{self.case}/retrievals")
        await self.page.get_by_label("调阅事由").fill(reason)
        await self.page.get_by_label(seat).check()
        await self.press("提交调阅申请", "调阅")
        await self.sees("等待两人批准")

    async def see(self, seat: str, event: str) -> None:
        """Open the granted seat, leap to an event of it, and play: the picture bears who looks."""
        await self.go(f"{self.case}/retrievals")
        await self.page.get_by_role("link", name=seat).click()
        await self.reads("调阅")
        await expect(self.page.locator(".watermark").first).to_have_attribute("data-line", re.compile("supervisor"))
        await self.page.get_by_role("link", name=event).first.click()
        await self.page.get_by_role("button", name="播放").click()
        playing = "name => told.replay?.frames[name] > 5 && told.replay.right > 0"
        await self.page.wait_for_function(playing, arg=f"{seat}/camera", timeout=30000)
        assert (await self.page.evaluate("told.replay"))["wrong"] == 0


class Host(Staff):
    """The staff of the main venue."""

    async def open_desk(self) -> None:
        """Begin check-in; the server may still be calling alternates."""
        opened = self.page.locator("li.now", has_text="签到")
        await self.go(f"{self.case}/host")
        while await self.page.get_by_role("button", name="开始签到").count():
            await self.press("开始签到", "主持台")
        await expect(opened.first).to_be_visible()

    async def suspend(self, reason: str) -> None:
        """An incident."""
        await self.go(f"{self.case}/host")
        await self.page.get_by_label("暂停原因").fill(reason)
        await self.press("暂停评标", "主持台")
        await self.sees("评标暂停")

    async def resume(self) -> None:
        """Go on once everybody is back."""
        await self.go(f"{self.case}/host")
        await self.press("恢复评标", "主持台")
        await expect(self.page.get_by_role("button", name="暂停评标")).to_be_visible()

    async def close(self) -> None:
        """The end."""
        await self.go(f"{self.case}/host")
        await self.press("结束评标并封存", "")


class Witness(Person):
    """Watches the wall of all seats."""

    async def watch(self, seats: list[str]) -> None:
        """Pictures of all seats are played."""
        await self.go(f"{self.case}/watch")
        await see_all(self.page)
        playing = "seats => seats.every(seat => told.frames[seat]?.frames > 10)"
        await self.page.wait_for_function(playing, arg=seats, timeout=60000)

    async def mark(self, seat: str, text: str) -> None:
        """A line of the record."""
        await self.page.locator("#mark-seat").select_option(seat)
        await self.page.get_by_label("看到了什么").fill(text)
        await self.press("标记", "见证台")
        await self.sees(text)

    async def countersign(self, password: str) -> None:
        """Set a password, and sign beside the leader that a member counts as consenting."""
        await self.page.get_by_label("签名密码", exact=True).fill(password)
        await self.page.get_by_label("再输入一次").fill(password)
        await self.page.get_by_role("button", name="设置签名密码").click()
        await self.page.get_by_role("button", name="属实，会签").click()
        await self.page.get_by_label("签名密码").first.fill(password)
        await self.page.get_by_role("button", name="核对无误，签名").first.click()
        await expect(self.page.get_by_role("button", name="核对无误，签名")).to_have_count(0)

    async def state(self, text: str, password: str) -> None:
        """The statement, signed."""
        await self.go(f"{self.case}/watch")
        await self.page.get_by_label("签名密码", exact=True).fill(password)
        await self.page.get_by_label("再输入一次").fill(password)
        await self.page.get_by_role("button", name="设置签名密码").click()
        await self.page.get_by_label("声明内容").fill(text)
        await self.page.get_by_role("button", name="核对并签名").click()
        await expect(self.page.locator(".paper", has_text=text)).to_contain_text("校验码")
        await self.look()
        await self.page.get_by_label("签名密码").fill(password)
        await self.page.get_by_role("button", name="核对无误，签名").click()
        await expect(self.page.get_by_role("button", name="核对无误，签名")).to_have_count(0)


class Bidder(Person):
    """Has nothing but a link."""

    async def answer(self, link: str, answer: bytes, signature: bytes) -> None:
        """The one answer, sealed."""
        await self.go(link)
        files = {"file": ("answer.pdf", answer), "signature": ("answer.p7s", signature)}
        for field, (name, content) in files.items():
            given = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            await self.page.locator(f"#{field}").set_input_files(given)  # type: ignore[arg-type]
        await self.page.get_by_role("button", name="提交答复").click()
        await self.sees("答复已收到")
        await self.look()


class Archivist(Staff):
    """Comes when everything is over."""

    async def find(self) -> None:
        """The closed case, once it is sealed and verified."""
        await self.go("/")
        await self.follow("查看档案", "档案")
        while not await self.page.get_by_role("link", name="导出档案包").count():
            await self.page.reload()
        await self.look()

    async def replay(self, seat: str) -> int:
        """Play one seat's recording; returns how many segments were found right."""
        await self.go(f"{self.case}/archive?seat={seat}")
        await self.page.get_by_role("button", name="播放").click()
        playing = "name => told.replay?.frames[name] > 20 && told.replay.time > 2"
        await self.page.wait_for_function(playing, arg=f"{seat}/camera", timeout=30000)
        replayed = await self.page.evaluate("told.replay")
        assert replayed["wrong"] == 0, json.dumps(replayed)
        return int(replayed["right"])

    async def export(self, folder: Path) -> Path:
        """The bag as a tar file; the page comes anew by itself until it is sealed."""
        await self.go(f"{self.case}/archive")
        await self.page.get_by_role("link", name="导出档案包").wait_for()
        async with self.page.expect_download() as started:
            await self.page.get_by_role("link", name="导出档案包").click()
        download = await started.value
        target = folder / download.suggested_filename
        await download.save_as(target)
        return target

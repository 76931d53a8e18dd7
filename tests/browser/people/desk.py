"""The staff of a check-in desk."""

from tests.browser.people.person import Person


class Desk(Person):
    """Holds identity numbers against the sealed list."""

    async def match(self, id_number: str) -> tuple[str, str] | None:
        """The seat and its code; None where nobody of this number is expected, or every seat is taken."""
        await self.go(f"{self.case}/desk")
        if not await self.page.locator("#second").count():
            return None
        await self.page.get_by_label("身份证号").fill(id_number)
        await self.page.get_by_label("储物柜号").fill("12")
        await self.page.locator("#second").fill("witness")
        await self.press("核验", "符")
        shown = self.page.locator(".slip dd")
        if not await shown.count():
            return None
        return await shown.nth(0).inner_text(), await shown.nth(1).inner_text()

    async def read_in_english(self) -> None:
        """Switch the language on the slip: the desk comes back, for the slip is an answer and no address."""
        await self.press("English", "Check-in desk")
        await self.press("中文", "签到台")

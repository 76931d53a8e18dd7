"""Forms in a browser: what comes back after a fault."""

import pytest

from tests.browser.seat import Seats

pytestmark = pytest.mark.pages


async def test_a_form_that_comes_back_with_a_fault_holds_what_was_typed_but_no_password(seats: Seats) -> None:
    page = await seats.visit("/login")
    await page.fill('[name="name"]', "nobody-here")
    await page.fill('[name="password"]', "not this one")
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("link", name="账号或密码不正确").wait_for()
    assert await page.input_value('[name="name"]') == "nobody-here"
    assert await page.input_value('[name="password"]') == ""
    seats.complaints.clear()  # Chromium says of every answer of 401 that a resource failed

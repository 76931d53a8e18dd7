"""The check of a seat's equipment, from the browser to the media server, and what it says when something is wrong."""

from playwright.async_api import Page, expect

from tests.browser.seat import Seats

DENIED = """
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };
"""
ASKING = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"


async def open_with(seats: Seats, script: str, path: str) -> Page:
    context = await seats.context(seats.labels[3])
    await context.add_init_script(script)
    page = await context.new_page()
    await page.goto(f"/cases/E-TEST-0001{path}")
    return page


async def test_a_good_seat_passes_all_steps_and_its_result_is_kept(seats: Seats) -> None:
    page = await seats.open(seats.labels[3], "/device")
    await page.get_by_role("button", name="放一声").click()
    await page.get_by_role("button", name="听到了").click()
    await expect(page.get_by_text("设备全部正常，结果已保存。")).to_be_visible(timeout=20000)
    await expect(page.get_by_text("画面和声音已到达服务器")).to_be_visible()
    await expect(page.get_by_role("link", name="继续")).to_be_focused()


async def test_a_refused_camera_is_one_sentence_and_one_action(seats: Seats) -> None:
    page = await open_with(seats, DENIED, "/device")
    alert = page.locator('li[data-state="failed"]')
    await expect(alert).to_contain_text("请点地址栏左侧的图标，选择“允许”")
    await expect(alert.get_by_role("button")).to_have_count(1)


async def test_the_page_says_that_the_browser_is_asking(seats: Seats) -> None:
    page = await open_with(seats, ASKING, "/device")
    await expect(page.get_by_text("正在等待浏览器授权")).to_be_visible()

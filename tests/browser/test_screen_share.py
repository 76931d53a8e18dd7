"""共享屏幕 as people use it: a button, a tile at the others', a card while a password is typed, and each way to end."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.seat import CASE_PATH, Seats

# Keeps the screen that was chosen, to end it as the browser's own bar does; and lets a person refuse to choose one.
CHOOSES = """
const choose = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getDisplayMedia = async (wanted) => {
  if (window.refuses) throw new DOMException("", "NotAllowedError");
  window.chosen = await choose(wanted);
  return chosen;
};
"""
# Whether the corner of what a seat shares has the ground of the card.
SHOWS_CARD = """
([seat, isCard]) => {
  const video = document.querySelector(`.shared[data-seat="${seat}"] video`);
  if (!video || video.readyState < 2 || video.paused) return false;
  const brush = new OffscreenCanvas(8, 8).getContext("2d");
  brush.drawImage(video, 0, 0, 8, 8, 0, 0, 8, 8);
  const { data } = brush.getImageData(0, 0, 1, 1);
  return [11, 61, 117].every((part, i) => Math.abs(part - data[i]) < 12) === isCard;
}
"""
# Holds back what changes a sender's track until `letGo`, and keeps the sender; `fails` makes the next change fail.
HOLDS = """
const replace = RTCRtpSender.prototype.replaceTrack;
const held = [];
window.letGo = () => held.splice(0).forEach((go) => go());
window.changes = 0;
RTCRtpSender.prototype.replaceTrack = async function (track) {
  window.sender = this;
  window.changes += 1;
  if (window.fails) { window.fails = false; throw new DOMException("", "InvalidStateError"); }
  if (window.holds) await new Promise((go) => held.push(go));
  return replace.call(this, track);
};
"""
# Settles once the page has heard it: an earlier channel is told before a later one.
TYPES = """
(isTyping) =>
  new Promise((heard) => {
    new BroadcastChannel("bid-password").onmessage = heard;
    new BroadcastChannel("bid-password").postMessage(isTyping);
  })
"""
SEEN = "seat => told.frames[seat]?.frames > 5"


async def a_room(seats: Seats, label: str) -> Page:
    context = await seats.context(label)
    await context.add_init_script(CHOOSES)
    return await seats.opened(context, label, "/room")


async def shows(page: Page, seat: str, *, card: bool) -> None:
    await page.wait_for_function(SHOWS_CARD, arg=[seat, card], timeout=20000)


async def test_a_screen_is_shared_seen_covered_while_a_password_is_typed_and_ended_in_every_way(seats: Seats) -> None:
    one, other = seats.labels[:2]
    sharing, seeing = await a_room(seats, one), await a_room(seats, other)
    await seeing.wait_for_function(SEEN, arg=one, timeout=30000)
    start = sharing.get_by_role("button", name="共享屏幕")

    await sharing.evaluate("() => { window.refuses = true; }")
    await start.click()
    await expect(sharing.locator("#alert")).to_contain_text("没有开始共享")
    await sharing.evaluate("() => { window.refuses = false; }")

    await start.click()
    await expect(sharing.locator(".sharing.own")).to_contain_text("您正在共享屏幕")
    await expect(seeing.locator("#status")).to_contain_text("开始共享屏幕")
    await shows(seeing, one, card=False)
    await seeing.get_by_role("button", name="看屏幕").click()
    await expect(seeing.get_by_role("button", name="的屏幕")).to_be_focused()

    typing = await sharing.context.new_page()
    await typing.goto(f"{CASE_PATH}/enrol")
    await typing.locator("#password").focus()
    await shows(seeing, one, card=True)
    await expect(typing.get_by_text("输入时请遮挡键盘").last).to_be_visible()
    await typing.close()
    await shows(seeing, one, card=False)

    await seeing.get_by_role("button", name="共享屏幕").click()
    await shows(sharing, other, card=False)
    await shows(seeing, one, card=False)
    await seeing.get_by_role("button", name="停止共享").click()
    await expect(sharing.locator(".shared")).to_have_count(0)

    # What the browser's own bar does: the track ends and the page is told.
    await sharing.evaluate("() => { const [t] = chosen.getTracks(); t.stop(); t.dispatchEvent(new Event('ended')); }")
    await expect(sharing.locator(".sharing.own")).to_contain_text("已停止共享屏幕")
    await expect(seeing.locator(".shared")).to_have_count(0)
    await expect(seeing.locator("#status")).to_contain_text("已停止共享屏幕")


async def test_the_card_comes_and_goes_in_order_and_a_screen_that_cannot_be_covered_is_shared_no_more(
    seats: Seats,
) -> None:
    context = await seats.context(seats.labels[0])
    await context.add_init_script(CHOOSES + HOLDS)
    page = await seats.opened(context, seats.labels[0], "/room")
    state, start = page.locator(".sharing.own"), page.get_by_role("button", name="共享屏幕")
    await page.wait_for_function("() => told.renegotiated.includes('publish')", timeout=30000)
    await start.click()
    await expect(state).to_contain_text("您正在共享屏幕", timeout=15000)

    await page.evaluate("() => { window.holds = true; }")
    await page.evaluate(TYPES, True)
    await page.wait_for_function("() => changes === 1")
    await page.evaluate(TYPES, False)
    await expect(state).to_contain_text("您正在共享屏幕")
    await page.evaluate("() => { window.holds = false; letGo(); }")
    await page.wait_for_function("() => changes === 2 && sender.track === chosen.getTracks()[0]")

    await page.evaluate("() => { window.fails = true; }")
    await page.evaluate(TYPES, True)
    await expect(state).to_contain_text("因连接中断而停止")
    assert await page.evaluate("() => chosen.getTracks()[0].readyState") == "ended"

    await page.evaluate(TYPES, False)
    await expect(state).to_contain_text("因连接中断而停止")
    await start.click()
    await expect(state).to_contain_text("您正在共享屏幕", timeout=15000)
    await page.evaluate(TYPES, True)
    await page.wait_for_function("() => sender.track !== chosen.getTracks()[0]")
    assert await page.evaluate("() => sender.track.readyState") == "live"


@pytest.mark.full
async def test_a_share_that_was_cut_off_waits_for_the_users_hand(seats: Seats) -> None:
    one, other = seats.labels[:2]
    sharing, seeing = await a_room(seats, one), await a_room(seats, other)
    await seeing.wait_for_function(SEEN, arg=one, timeout=30000)
    await sharing.get_by_role("button", name="共享屏幕").click()
    await shows(seeing, one, card=False)
    seats.site.kill_media_worker()
    await expect(sharing.locator(".sharing.own")).to_contain_text("因连接中断而停止", timeout=15000)
    await expect(seeing.locator(".shared")).to_have_count(0, timeout=15000)
    await sharing.wait_for_function("() => told.renegotiated.filter(what => what === 'publish').length > 1")
    await sharing.get_by_role("button", name="共享屏幕").click()
    await shows(seeing, one, card=False)

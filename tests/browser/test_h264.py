"""A browser that offers H.264 alone is seen by others, recorded as MP4 and replayed, also beside takes in VP8."""

import asyncio
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.seat import CASE_PATH, Seats, told
from tests.media.scene import decoded_frames
from tests.services.evaluation import CASE

# What the room's pages ask for before they offer their picture.
ONLY_H264 = """
const every = RTCRtpSender.getCapabilities.bind(RTCRtpSender);
RTCRtpSender.getCapabilities = (kind) => {
  const found = every(kind);
  return { ...found, codecs: found.codecs.filter(({ mimeType }) => !/vp8|vp9|av1/i.test(mimeType)) };
};
"""
ENOUGH = """
async ([path, footage, seat, type, least, after]) => {
  for (;;) {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    const { segments } = await answer.json();
    const isOf = (one) => one.seat === seat && one.track === "camera" && one.n && one.t0 > after;
    const rows = segments.filter(isOf);
    const types = {};
    for (const { take } of rows) {
      const asked = { headers: { Range: "bytes=0-0" } };
      types[take] ??= (await fetch(`${footage}/${seat}/camera/${take}`, asked)).headers.get("Content-Type");
    }
    const fitting = rows.filter(({ take }) => types[take] === type);
    if (fitting.length >= least) return fitting;
    await new Promise((later) => setTimeout(later, 300));
  }
}
"""
PLAYING = "seat => told.frames[seat]?.frames > 20 && told.frames[seat].energy > 0"


async def recorded(witness: Page, seat: str, media_type: str, least: int, after: str = "") -> list[dict[str, Any]]:
    """The segments of a seat's camera after a moment in takes of this type, once there are so many."""
    asked = [f"{CASE_PATH}/segments", f"{CASE_PATH}/footage", seat, media_type, least, after]
    async with asyncio.timeout(30):
        rows: list[dict[str, Any]] = await witness.evaluate(ENOUGH, asked)
    return rows


async def shows(page: Page, track: str, at: str) -> None:
    """The replay, put to this moment, plays on from it and finds every byte as the log has it."""
    seek = "at => document.querySelector('replay-seat').dispatchEvent(new CustomEvent('bid:seek', { detail: { at } }))"
    await page.evaluate(seek, at)
    frames = (await told(page))["replay"]["frames"][track]
    more = "([track, seen]) => told.replay?.frames[track] > seen + 6 && told.replay.isPlaying"
    await page.wait_for_function(more, arg=[track, frames], timeout=20000)
    said = (await told(page))["replay"]
    assert (said["words"][track], said["wrong"]) == ("此段已核验", 0)
    assert abs(said["drift"][track]) < 0.3


async def test_h264_goes_through_the_room_into_the_record_and_plays_again(seats: Seats) -> None:
    label, other = seats.labels[3], seats.labels[2]
    witness = await seats.open("witness", "/login")
    context = await seats.context(label)
    await context.add_init_script(ONLY_H264)
    room = await context.new_page()
    await room.goto(f"{CASE_PATH}/room")
    viewer = await seats.open(other, "/room")
    await viewer.wait_for_function(PLAYING, arg=label, timeout=30000)
    await room.wait_for_function(PLAYING, arg=other, timeout=30000)  # VP8 comes to it all the same
    in_mp4 = await recorded(witness, label, "video/mp4", 3)
    await room.close()

    # The same seat from a browser that has VP8: in the viewer's picture it goes on.
    again = await seats.open(label, "/room")
    await again.wait_for_function("() => told.renegotiated.includes('publish')", timeout=30000)
    seen = (await told(viewer))["frames"][label]["frames"]
    more = "([seat, seen]) => told.frames[seat]?.frames > seen + 10"
    await viewer.wait_for_function(more, arg=[label, seen], timeout=30000)
    in_webm = await recorded(witness, label, "video/webm", 2, in_mp4[-1]["t0"])
    await again.close()
    await viewer.close()

    master = seats.site.settings.footage / CASE / label / "camera" / f"take{in_mp4[0]['take']:02d}.mp4"
    assert decoded_frames(master) > 8

    page = await seats.mount("witness", "replay-seat", case=CASE, seat=label)
    await page.wait_for_function("() => told.replay", timeout=20000)
    await page.get_by_role("button", name="播放").click()
    for row in (in_mp4[0], in_webm[0], in_mp4[1]):
        await shows(page, f"{label}/camera", row["t0"])


async def test_a_take_that_the_browser_cannot_play_is_said_to_be_so_and_the_others_go_on(seats: Seats) -> None:
    label = seats.labels[3]
    witness = await seats.open("witness", "/login")
    rows = await recorded(witness, label, "video/mp4", 1)
    context = await seats.context("witness")
    await context.add_init_script("MediaSource.isTypeSupported = (type) => !type.startsWith('video/mp4');")
    page = await seats.mounted(context, "replay-seat", case=CASE, seat=label)
    await page.wait_for_function("() => told.replay", timeout=20000)
    seek = "at => document.querySelector('replay-seat').dispatchEvent(new CustomEvent('bid:seek', { detail: { at } }))"
    await page.evaluate(seek, rows[0]["t0"])
    verdict = page.locator("figure", has_text="摄像头").locator(".verdict")
    await expect(verdict).to_have_text("这个浏览器放不了此段录像")
    assert (await told(page))["replay"]["wrong"] == 0

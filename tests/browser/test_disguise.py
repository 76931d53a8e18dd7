"""A seat's disguise, made in the browser: blocks instead of a face, a lower voice that no fixed ratio brings back."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from demo import case_example_a as works
from demo.example import Example
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.seat import Seats
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, prepared, serving
from tests.services.evaluation import CASE

ACROSS: Final = 16
# Opens the disguise of the fake camera on a page of this site and shows it, as another member would receive it.
DISGUISED = """
async () => {
  const build = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "elements/");
  const { Disguise } = await import(`${build}room-wall-disguise.js`);
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180 }, audio: true });
  window.disguise = new Disguise(stream);
  const { masked, voice } = await window.disguise.open();
  window.raw = document.createElement("video");
  window.seen = document.createElement("video");
  for (const [element, track] of [[raw, stream.getVideoTracks()[0]], [seen, masked]]) {
    element.muted = true;
    element.srcObject = new MediaStream([track]);
    await element.play();
  }
  return [masked.kind, voice.kind, voice.readyState];
}
"""
# The mean step of brightness from one pixel to the next: inside blocks, and over their edges; and how bright it is.
STEPS = """
(name) => {
  const [width, height] = [320, 180];
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(window[name], 0, 0, width, height);
  const { data } = canvas.getImageData(0, 0, width, height);
  const block = width / 16, sums = { inside: 0, over: 0, bright: 0 };
  for (let y = 0; y < height; y += 1)
    for (let x = 1; x < width; x += 1) {
      const step = Math.abs(data[4 * (y * width + x)] - data[4 * (y * width + x - 1)]);
      sums[x % block ? "inside" : "over"] += step;
      sums.bright += data[4 * (y * width + x)] / (width * height);
    }
  return sums;
}
"""
# A second of a tone through the sound thread's own script; the strongest frequency of its second half, and its height.
HEARD = """
async (tone) => {
  const build = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "elements/");
  const context = new OfflineAudioContext(1, 48000, 48000);
  await context.audioWorklet.addModule(`${build}room-wall-voice.js`);
  const node = new AudioWorkletNode(context, "disguised-voice", { outputChannelCount: [1] });
  const source = new OscillatorNode(context, { frequency: tone });
  source.connect(node).connect(context.destination);
  source.start();
  const samples = (await context.startRendering()).getChannelData(0).subarray(24000);
  const strength = (frequency) => {
    let re = 0, im = 0;
    samples.forEach((sample, i) => {
      re += sample * Math.cos((2 * Math.PI * frequency * i) / 48000);
      im += sample * Math.sin((2 * Math.PI * frequency * i) / 48000);
    });
    return Math.hypot(re, im) / samples.length;
  };
  let best = [0, 0];
  for (let frequency = 200; frequency < 600; frequency += 2)
    if (strength(frequency) > best[1]) best = [frequency, strength(frequency)];
  return { frequency: best[0], strength: best[1], own: strength(tone) };
}
"""


HEBEI = cast(Example, SimpleNamespace(**{**vars(works), "PROFILE": "demo_hebei"}))
SEEN = "seats => seats.every(seat => told.frames[seat]?.frames > 20 && told.frames[seat].energy > 0)"


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def hebei(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seats]:
    """A room under the rules of Hebei, in a server and a browser of its own."""
    folder = tmp_path_factory.mktemp("hebei")
    site = await prepared(folder, BEFORE_THE_PLEDGE, (WITNESS,), HEBEI)
    async with serving(site), async_playwright() as playwright:
        browser: Browser = await launched(playwright.chromium, site.key_digest, folder)
        seats = Seats(site, browser, folder)
        yield seats
        await seats.close()
        await browser.close()
        assert not seats.complaints
        assert not site.complaints()


async def test_members_see_blocks_of_each_other_and_the_witness_sees_faces(hebei: Seats) -> None:
    one, other = hebei.labels[:2]
    pages = {label: await hebei.open(label, "/room") for label in (one, other)}
    listed = json.dumps([{"seat": label, "alias": "评委", "venue": "主场"} for label in (one, other)])
    watching = await hebei.mount("witness", "room-wall", case=CASE, mode="watch", seats=listed)
    await pages[one].wait_for_function(SEEN, arg=[other], timeout=60000)
    await pages[one].get_by_text("听到的是改变后的声音").wait_for()
    await watching.wait_for_function("seat => told.frames[seat]?.frames > 20", arg=other, timeout=60000)
    for page in (pages[one], watching):
        await page.evaluate("seat => (window.tile = document.querySelector(`seat-video[seat='${seat}'] video`))", other)
    masked, raw = await steps(pages[one], "tile"), await steps(watching, "tile")
    assert masked["bright"] > 20
    assert masked["inside"] < 0.5 * masked["over"]
    assert raw["inside"] > raw["over"]


async def opened(seats: Seats) -> Page:
    page = await seats.page("witness", "/login")
    assert await page.evaluate(DISGUISED) == ["video", "audio", "live"]
    return page


async def steps(page: Page, name: str) -> Any:  # noqa: ANN401 - what JSON brings
    return await page.evaluate(STEPS, name)


async def test_a_disguised_picture_is_blocks_without_a_line_of_the_face(seats: Seats) -> None:
    page = await opened(seats)
    await page.wait_for_function(f"() => ({STEPS})('seen').bright > 20")
    masked, raw = await steps(page, "seen"), await steps(page, "raw")
    assert masked["inside"] < 0.1 * masked["over"]
    assert raw["inside"] > raw["over"]
    await page.evaluate("() => disguise.close()")


async def test_a_disguised_picture_moves_on_while_nobody_looks_at_the_page(seats: Seats) -> None:
    page = await opened(seats)
    other = await page.context.new_page()
    await other.bring_to_front()
    counted = "() => seen.getVideoPlaybackQuality().totalVideoFrames"
    before = await page.evaluate(counted)
    await page.wait_for_function(f"before => ({counted})() > before + 15", arg=before, timeout=15000, polling=500)
    await page.evaluate("() => disguise.close()")


async def test_a_disguised_voice_is_lower_and_its_own_pitch_is_gone(seats: Seats) -> None:
    page = await seats.page("witness", "/login")
    heard = await page.evaluate(HEARD, 440)
    assert 0.74 * 440 < heard["frequency"] < 0.82 * 440
    assert heard["strength"] > 0.1
    assert heard["own"] < 0.1 * heard["strength"]


async def test_no_two_seconds_of_a_voice_are_disguised_alike(seats: Seats) -> None:
    page = await seats.page("witness", "/login")
    heard = {(await page.evaluate(HEARD, 440))["strength"] for _ in range(3)}
    assert len(heard) > 1

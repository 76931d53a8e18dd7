"""A real Chromium and a real Firefox in one room, over real networks: seen, heard, shared, disguised, replayed."""

import pytest

from tests.browser.abroad import PRELUDE, STREAMS, TONES_HZ, Abroad, streams
from tests.browser.seat import CASE_PATH, MOUNT
from tests.services.evaluation import CASE

SEEN = "seat => told.frames[seat]?.frames > 30"
# The strongest frequency that the loudspeaker of a seat's tile gives, and how it compares with the other's.
HEARD = """
async ([seat, other]) => {
  const { srcObject, paused, muted } = document.querySelector(`seat-video[seat="${seat}"] audio`);
  if (paused || muted) return null;
  window.ear ??= new AudioContext({ sampleRate: 48000 });
  await ear.resume();
  const analyser = new AnalyserNode(ear, { fftSize: 8192, smoothingTimeConstant: 0 });
  ear.createMediaStreamSource(srcObject).connect(analyser);
  const levels = new Float32Array(analyser.frequencyBinCount), hertz = 48000 / 8192;
  for (let peak = 0; ; ) {
    await new Promise((later) => setTimeout(later, 100));
    analyser.getFloatFrequencyData(levels);
    peak = levels.indexOf(Math.max(...levels));
    if (levels[peak] > -60) return { hertz: peak * hertz, above: levels[peak] - levels[Math.round(other / hertz)] };
  }
}
"""
# A line to the centre, and what the room's own modules make of it.
JOINED = """
async (code) => {
  const build = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "elements/");
  Object.assign(window, await import(`${build}room-wall-line.js`), await import(`${build}room-wall-peers.js`));
  Object.assign(window, await import(`${build}room-wall-disguise.js`));
  window.line = new Line(code);
  line.open();
  await new Promise((isUp) => line.addEventListener("up", isUp, { once: true }));
}
"""
SHARED = """
async () => {
  // A screen on which nothing moves is one frame.
  setInterval(() => document.querySelector("h1").append("."), 200);
  window.publication = new Publication(line);
  const [screen] = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
  publication.tracks = { screen };
  await publication.open();
}
"""
WATCHED = """
async (track) => {
  window.subscription = new Subscription(line, (seat, kind, track) => {
    const seen = document.createElement("video");
    Object.assign(seen, { muted: true, srcObject: new MediaStream([track]) });
    void seen.play();
  });
  await subscription.open([track]);
}
"""
DISGUISED = """
async () => {
  window.publication = new Publication(line);
  window.disguise = new Disguise(await navigator.mediaDevices.getUserMedia({ video: { width: 320 }, audio: true }));
  publication.tracks = await disguise.open();
  await publication.open();
}
"""
SENT = """
async () => {
  const report = await publication.peer.getStats();
  return Math.max(...[...report.values()].map(({ type, framesSent }) => (type === "outbound-rtp" && framesSent) || 0));
}
"""
# Frames a second over so many seconds; a hidden tab's own clock may wake late, but it does not lie.
RATE = f"""
async (seconds) => {{
  const sent = {SENT.strip()};
  const [began, before] = [performance.now(), await sent()];
  await new Promise((later) => setTimeout(later, 1000 * seconds));
  return (1000 * ((await sent()) - before)) / (performance.now() - began);
}}
"""
# Rows of the log's list that name a seat's segments, once there have been no more of them for four seconds.
RECORDED = """
async ([path, seat]) => {
  for (let rows = [], since = performance.now(); ; ) {
    const { segments } = await (await fetch(path, { headers: { Accept: "application/json" } })).json();
    if (segments.length > rows.length) [rows, since] = [segments, performance.now()];
    else if (performance.now() - since > 4000) return rows.filter((row) => row.seat === seat);
    await new Promise((later) => setTimeout(later, 200));
  }
}
"""
# Every ten seconds of a recording, each once what is named up to there has been read.
WALKED = """
async (rows) => {
  const slider = document.querySelector("replay-seat input");
  const epoch = Math.min(...rows.map(({ t0 }) => Date.parse(t0)));
  for (let at = 0; at < Number(slider.max); at += 10) {
    slider.value = String(at);
    slider.dispatchEvent(new Event("input"));
    const due = rows.filter(({ n, t0 }) => n && (Date.parse(t0) - epoch) / 1000 < at + 10).length;
    while ((told.replay?.right ?? 0) + (told.replay?.wrong ?? 0) < due)
      await new Promise((later) => setTimeout(later, 50));
  }
}
"""
PLAYED = """
async () => {
  const slider = document.querySelector("replay-seat input");
  slider.value = "0";
  slider.dispatchEvent(new Event("input"));
  document.querySelector("replay-seat button").click();
}
"""
ENCODED = """
async () => {
  const reports = await Promise.all(peers.map((peer) => peer.getStats()));
  return reports.some((report) => [...report.values()].some(({ framesEncoded }) => framesEncoded > 60));
}
"""
# Whether the tile of a seat says that this browser does not show its pictures.
UNPLAYABLE = """
seat => document.querySelector(`seat-video[seat="${seat}"] .note`).textContent.includes("放不了此席位的画面")
"""
# A browser that has been told so offers its picture in H.264 alone.
TOLD_H264 = """
if (location.protocol === "https:" && localStorage.getItem("only-h264")) {
  const every = RTCRtpSender.getCapabilities.bind(RTCRtpSender);
  RTCRtpSender.getCapabilities = (kind) => {
    const { codecs, ...rest } = every(kind);
    return { ...rest, codecs: codecs.filter(({ mimeType }) => /h264|rtx|opus/i.test(mimeType)) };
  };
}
"""


async def test_each_browser_sees_the_other_and_hears_its_tone(places: Abroad) -> None:
    rooms = await places.rooms()
    for browser, room in rooms.items():
        await room.until(SEEN, places.other(browser))
    for browser, room in rooms.items():
        own, others = TONES_HZ[browser], next(hz for name, hz in TONES_HZ.items() if name != browser)
        pictures = [one for one in await streams(room, "inbound") if one["kind"] == "video" and one["framesDecoded"]]
        assert [one["codec"] for one in pictures] == ["video/VP8"]
        heard = await room.evaluate(HEARD, [places.other(browser), own])
        assert abs(heard["hertz"] - others) < 0.03 * others
        assert heard["above"] > 20


async def test_each_browser_shares_its_screen_with_the_other(places: Abroad) -> None:
    sharing = {}
    for browser in places.browsers:
        await places.sign_in(browser)
        sharing[browser] = await places.tab(browser, "/login")
        await sharing[browser].evaluate(JOINED, CASE)
        await sharing[browser].click(SHARED)
    for browser, page in sharing.items():
        await page.evaluate(WATCHED, f"{places.other(browser)}/screen")
        await page.until(
            f"async () => (await ({STREAMS})('inbound')).some(({{ framesDecoded }}) => framesDecoded > 10)"
        )


async def test_a_disguised_picture_is_sent_as_fast_from_a_hidden_tab(places: Abroad) -> None:
    for browser in places.browsers:
        await places.sign_in(browser)
        page = await places.tab(browser, "/login")
        await page.evaluate(JOINED, CASE)
        await page.click(DISGUISED)
        await page.until(f"async () => (await ({SENT})()) > 10")
        in_sight = await page.evaluate(RATE, 3)
        await places.tab(browser, "/login")
        await page.until("() => document.visibilityState === 'hidden'")
        hidden = await page.evaluate(RATE, 3)
        print(f"{browser}: {in_sight:.1f} frames a second in sight, {hidden:.1f} hidden")
        assert hidden > 0.8 * in_sight > 8


async def test_what_was_recorded_of_each_browser_replays_in_both(places: Abroad) -> None:
    rooms = await places.rooms()
    for browser, room in rooms.items():
        await room.until(SEEN, places.other(browser))
    await places.leave()
    for browser in rooms:
        await places.sign_in(browser, "witness")
        for seat in places.seats.values():
            page = await places.tab(browser, "/login")
            rows = await page.evaluate(RECORDED, [f"{CASE_PATH}/segments", seat])
            await page.evaluate(MOUNT, ["replay-seat", {"case": CASE, "seat": seat}])
            await page.until("() => document.querySelector('replay-seat input')")
            await page.evaluate(WALKED, rows)
            named = sum(bool(row["n"]) for row in rows)
            said = await page.evaluate("() => told.replay")
            assert named > 4
            assert (said["right"], said["wrong"]) == (named, 0)
            await page.evaluate(PLAYED)
            more = f"before => told.replay.frames['{seat}/camera'] > before + 10"
            await page.until(more, said["frames"][f"{seat}/camera"])


@pytest.mark.full
async def test_h264_that_a_firefox_does_not_get_live_replays_there_from_the_record(places: Abroad) -> None:
    await places.browsers["chromium"].prelude(PRELUDE + TOLD_H264)
    await places.sign_in("chromium")
    page = await places.tab("chromium", "/login")
    await page.evaluate("() => localStorage.setItem('only-h264', 'yes')")
    rooms = await places.rooms()
    await rooms["chromium"].until(ENCODED)
    pictures = [one for one in await streams(rooms["chromium"], "outbound") if one["kind"] == "video"]
    assert {one["codec"] for one in pictures} == {"video/H264"}
    blind = [one for one in await streams(rooms["firefox"], "inbound") if one["kind"] == "video"]
    assert not any(one["framesDecoded"] for one in blind)
    await rooms["firefox"].until(UNPLAYABLE, places.seats["chromium"])
    assert not await rooms["chromium"].evaluate(UNPLAYABLE, places.seats["firefox"])
    await page.evaluate("() => localStorage.removeItem('only-h264')")
    await places.leave()

    await places.sign_in("firefox", "witness")
    seat = places.seats["chromium"]
    page = await places.tab("firefox", "/login")
    rows = await page.evaluate(RECORDED, [f"{CASE_PATH}/segments", seat])
    last = max(row["take"] for row in rows if row["track"] == "camera")
    assert (places.site.settings.footage / CASE / seat / "camera" / f"take{last:02d}.mp4").is_file()
    await page.evaluate(MOUNT, ["replay-seat", {"case": CASE, "seat": seat}])
    await page.until("() => document.querySelector('replay-seat input')")
    await page.evaluate(WALKED, rows)
    said = await page.evaluate("() => told.replay")
    assert (said["right"], said["wrong"]) == (sum(bool(row["n"]) for row in rows), 0)
    await page.evaluate(PLAYED)
    await page.until(f"before => told.replay.frames['{seat}/camera'] > before + 10", said["frames"][f"{seat}/camera"])

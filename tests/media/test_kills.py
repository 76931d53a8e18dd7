"""A worker killed in the middle of segments, again and again: files play to within a second, holes are named."""

import random
from datetime import datetime

import pytest

from media import access
from media.events import GapNamed, RoomMoved, SegmentClosed, TakeStarted
from tests.media.scene import CASE, Scene, a_scene, camera, decoded_frames, mic

LOST_FRAMES = 10
"""A second of picture."""
SLOW_S = 60


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.full)])
async def test_every_file_plays_to_a_second_before_the_kill_and_every_hole_is_named(times: int) -> None:
    chance = random.Random(times)
    async with a_scene(segment_ms=4000, workers=2) as scene:
        for number in range(1, times + 1):
            await kill(scene, number, chance.randrange(8, 38))
        await scene.seat("A-01")
        await scene.wait_for(TakeStarted, lambda e: e.track == "camera" and e.take == times + 1, SLOW_S)
        await scene.worker.close_room(CASE)
        for track in ("camera", "mic"):
            check(scene, track, times)


async def kill(scene: Scene, number: int, frames: int) -> None:
    """Let a seat publish, kill the worker so many frames into the take of that number, and play what is left."""
    peer = await scene.seat("A-01")
    await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.take == number, SLOW_S)
    due = peer.frames_sent + frames
    await peer.until(lambda: peer.frames_sent >= due, SLOW_S)
    sent = peer.frames_sent
    scene.kill()
    await scene.wait_for(RoomMoved, lambda _: len(scene.seen(RoomMoved)) >= number, SLOW_S)
    assert decoded_frames(scene.folder(camera("A-01")) / f"take{number:02d}.webm") >= sent - LOST_FRAMES


def check(scene: Scene, kind: str, kills: int) -> None:
    """Every byte is named and hashes right; each take but the last ends in a hole that begins where it ends."""
    track = camera("A-01") if kind == "camera" else mic("A-01")
    folder = scene.folder(track)
    delivered = {(e.take, e.n): e.sha256 for e in scene.seen(SegmentClosed, lambda e: e.track == kind)}
    for take in access.takes(folder):
        end = 0
        segments = access.segments(folder, take)
        for segment in segments:
            assert segment.off == end
            access.read_segment(folder, take, segment)
            assert delivered[take, segment.n] == segment.sha256
            end += segment.len
        assert end == (folder / f"take{take:02d}.webm").stat().st_size
        assert decoded_frames(folder / f"take{take:02d}.webm") > 0
    holes = scene.seen(GapNamed, lambda e: e.track == kind and e.reason == "recorder")
    assert len({e.take for e in holes}) == kills
    for hole in holes:
        last = access.segments(folder, hole.take)[-1]
        since = datetime.fromisoformat(last.t0).timestamp() + last.dur_ms / 1000
        assert abs(datetime.fromisoformat(hole.since).timestamp() - since) < 0.002

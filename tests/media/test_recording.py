"""What is recorded: by a real worker, judged by ffprobe and by the bytes."""

import asyncio
import time
from datetime import datetime

import pytest

from media import access
from media.engine import MediaRefusal
from media.events import Alarm, GapNamed, Lost, SegmentClosed, TakeStarted, WorkerStarted
from media.record import matroska
from tests.media.scene import CASE, SEGMENT_MS, Scene, a_scene, camera, decoded_frames, mic


def _all_bytes_are_named(scene: Scene, seat: str, kind: str) -> None:
    folder = scene.footage / CASE / seat / kind
    for take in access.takes(folder):
        end = 0
        for segment in access.segments(folder, take):
            assert segment.off == end
            access.read_segment(folder, take, segment)
            end += segment.len
        assert end == access.master_of(folder, take).stat().st_size


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_recording_decodes_and_every_byte_of_it_is_named(codec: str) -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01", codec=codec)
        begun = await scene.wait_for(TakeStarted, lambda e: e.track == "camera")
        assert begun.codec == codec.lower()
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n == 2)
        sent = peer.frames_sent
        began = time.monotonic()
        await scene.worker.close_room(CASE)
        assert time.monotonic() - began < 5

        folder = scene.folder(camera("A-01"))
        assert abs(decoded_frames(access.master_of(folder, 1)) - sent) <= 2
        assert decoded_frames(scene.folder(mic("A-01")) / "take01.webm") >= 20
        for kind in ("camera", "mic"):
            _all_bytes_are_named(scene, "A-01", kind)
        pictures = access.segments(folder, 1)[1:]
        assert all(segment.key for segment in pictures)
        assert all(segment.dur_ms <= SEGMENT_MS + 200 for segment in pictures)
        assert [b.pts_ms for b in pictures[1:]] == [a.pts_ms + a.dur_ms for a in pictures[:-1]]
        delivered = [e.n for e in scene.seen(SegmentClosed) if e.track == "camera"]
        assert delivered == [segment.n for segment in access.segments(folder, 1)]


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_worker_killed_in_the_middle_of_a_segment_loses_at_most_about_a_second(codec: str) -> None:
    async with a_scene(segment_ms=4000) as scene:
        peer = await scene.seat("A-01", codec=codec)
        header = await scene.wait_for(SegmentClosed, lambda e: e.track == "camera")
        # Wait until the open segment has a chunk on disk that no line names yet.
        media = access.master_of(scene.folder(camera("A-01")), 1)
        named = header.len
        await peer.until(lambda: media.stat().st_size > named)
        killed, killed_utc, sent = time.monotonic(), time.time(), peer.frames_sent
        scene.kill()
        await scene.wait_for(Alarm, lambda e: e.code == "worker-down", seconds=2)
        assert time.monotonic() - killed < 2
        assert (await scene.wait_for(Lost)).reason == "worker"
        await scene.wait_for(WorkerStarted, lambda e: e.generation == 2, seconds=30)
        recovered = await scene.wait_for(SegmentClosed, lambda e: e.recovered and e.track == "camera")
        end = datetime.fromisoformat(recovered.t0).timestamp() + recovered.dur_ms / 1000
        assert killed_utc - end < 1.3
        _all_bytes_are_named(scene, "A-01", "camera")
        assert decoded_frames(media) >= sent - 13

        await scene.seat("A-01")
        gap = await scene.wait_for(GapNamed, lambda e: e.track == "camera")
        assert gap.reason == "recorder"
        assert abs(datetime.fromisoformat(gap.since).timestamp() - end) < 0.01
        await scene.wait_for(TakeStarted, lambda e: e.track == "camera" and e.take == 2)


async def test_evidence_is_repeated_until_it_is_acknowledged_also_after_a_crash() -> None:
    async with a_scene(acknowledges=False) as scene:
        peer = await scene.seat("A-01")
        await scene.wait_for(TakeStarted, lambda e: e.track == "mic")
        sidecar = scene.folder(mic("A-01")) / "take01.jsonl"
        await peer.until(lambda: sidecar.read_bytes().count(b"\n") >= 3)
        assert scene.seen(SegmentClosed) == []  # the line before it still waits
        scene.acknowledges = True
        scene.kill()
        await scene.wait_for(SegmentClosed, lambda e: e.track == "mic" and e.n == 1)
        await scene.worker.close_room(CASE)
        lines = sidecar.read_bytes().count(b"\n")
        heard = {e.delivery for e in scene.seen(TakeStarted) + scene.seen(SegmentClosed) if "/mic/" in e.delivery}
        assert len(heard) == lines

        before = len(scene.events)
        await scene.worker.create_room(CASE)
        await asyncio.wait_for(scene.worker.stats(CASE), 5)
        assert [e for e in scene.events[before:] if isinstance(e, SegmentClosed)] == []


async def test_what_a_server_never_acknowledged_is_delivered_by_the_next_worker_without_a_room() -> None:
    async with a_scene(acknowledges=False) as scene:
        await scene.seat("A-01")
        await scene.wait_for(TakeStarted, lambda e: e.track == "mic")
        process = scene.process()
        with pytest.raises(MediaRefusal, match="undelivered"):
            await scene.worker.close_room(CASE)
        sidecar = scene.folder(mic("A-01")) / "take01.jsonl"
        scene.acknowledges = True
        process.kill()
        await scene.wait_for(WorkerStarted, lambda e: e.generation == 2, seconds=30)
        await scene.wait_for(
            SegmentClosed, lambda e: e.track == "mic" and e.n == sidecar.read_bytes().count(b'"n":') - 1
        )


async def test_a_segment_ends_with_a_block_that_says_how_long_it_lasts() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n == 1)
        await scene.worker.close_room(CASE)
        folder = scene.folder(camera("A-01"))
        for segment in access.segments(folder, 1)[1:]:
            data = access.read_segment(folder, 1, segment)
            # Reading clusters back demands known sizes and a last block with a duration.
            clusters = matroska.whole_clusters(data, 0)
            assert clusters[-1].end == len(data)
            assert clusters[0].pts_ms == segment.pts_ms
            assert clusters[-1].end_ms == segment.pts_ms + segment.dur_ms
            assert clusters[0].key


async def test_the_worker_ends_when_its_parent_does() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.wait_for(TakeStarted)
        process = scene.process()
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(5):
            assert await process.wait() == 0
        _all_bytes_are_named(scene, "A-01", "mic")


async def test_the_worker_closes_its_segments_on_a_signal() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.wait_for(SegmentClosed, lambda e: e.track == "mic" and e.n == 1)
        process = scene.process()
        process.terminate()
        async with asyncio.timeout(5):
            assert await process.wait() == 0
        _all_bytes_are_named(scene, "A-01", "camera")
        _all_bytes_are_named(scene, "A-01", "mic")


async def test_a_room_shut_for_the_night_names_the_hole_behind_each_track_when_its_seat_is_back() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n == 1)
        await scene.worker.close_room(CASE)
        shut = time.monotonic()
        await peer.until(lambda: time.monotonic() > shut + 1)
        await scene.worker.create_room(CASE, "night")
        await scene.seat("A-01")
        await scene.wait_for(TakeStarted, lambda e: e.track == "camera" and e.take == 2)
        await scene.wait_for(TakeStarted, lambda e: e.track == "mic" and e.take == 2)
        assert {(e.track, e.take, e.reason) for e in scene.seen(GapNamed)} == {
            ("camera", 1, "night"),
            ("mic", 1, "night"),
        }

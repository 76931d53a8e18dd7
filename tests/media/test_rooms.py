"""Rooms through the real worker process: who receives what."""

import asyncio
import time
from datetime import datetime

import pytest

from demo.peers import PUBLISHED, SeatPeer
from media.engine import MediaRefusal, MemberId, PublishRequest, SeatId, track_ref
from media.events import GapNamed, Lost, Published, SeatQuality, SegmentClosed, TakeStarted
from tests.media.scene import CASE, a_scene, camera, clip_of, mic


def _seconds(utc: str) -> float:
    return datetime.fromisoformat(utc).timestamp()


async def test_what_one_seat_sends_the_other_receives() -> None:
    async with a_scene() as scene:
        sender = await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"), mic("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"), mic("A-01"))
        picture, sound = viewer.received["A-01/camera"], viewer.received["A-01/mic"]
        await viewer.until(lambda: picture.frames >= 20 and sound.frames >= 30)
        before = sender.frames_sent - picture.frames
        await viewer.until(lambda: picture.frames >= 35)
        assert sender.frames_sent - picture.frames - before <= 2
        stats = await scene.track_stats(camera("A-01"))
        assert stats.live
        assert stats.packets_lost == 0


async def test_every_seat_is_heard_where_several_speak() -> None:
    async with a_scene() as scene:
        sounds = [mic("A-01"), mic("C-03")]
        for seat in ("A-01", "C-03"):
            await scene.seat(seat)
        await scene.grant("B-02", camera("A-01"), camera("C-03"), *sounds)
        viewer = await scene.watch("B-02", camera("A-01"), sounds[0], camera("C-03"), sounds[1])
        await viewer.until(lambda: all(viewer.received[str(sound)].frames >= 20 for sound in sounds))


async def test_a_track_can_be_awaited_before_it_is_published_and_survives_a_new_connection() -> None:
    async with a_scene() as scene:
        await scene.grant("B-02", camera("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"))
        picture = viewer.received["A-01/camera"]
        await scene.seat("A-01")
        await viewer.until(lambda: picture.frames >= 5)
        await scene.seat("A-01")
        frames = picture.frames
        await viewer.until(lambda: picture.frames >= frames + 5)
        assert len(scene.seen(Published)) == 2


async def test_an_ungranted_track_is_refused() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.grant("B-02", mic("A-01"))
        with pytest.raises(MediaRefusal) as refusal:
            await scene.watch("B-02", camera("A-01"), mic("A-01"))
        assert refusal.value.code == "not-granted"


async def test_who_is_granted_the_disguise_alone_gets_no_packet_of_the_face_or_the_voice() -> None:
    disguised = (track_ref("A-01/masked"), track_ref("A-01/voice"))
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.seat("A-01", {"0": "masked", "1": "voice"})
        await scene.grant("B-02", *disguised)
        viewer = await scene.watch("B-02", *disguised)
        await viewer.until(lambda: all(viewer.received[str(track)].frames >= 20 for track in disguised))
        with pytest.raises(MediaRefusal):
            await scene.worker.subscribe(CASE, MemberId("B-02"), (camera("A-01"),))
        for raw in (camera("A-01"), mic("A-01")):
            stats = await scene.track_stats(raw)
            assert stats.packets_in > 0
            assert stats.packets_out == {}


async def test_revoked_and_muted_tracks_stop_on_the_wire_while_recording_goes_on() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"), mic("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"), mic("A-01"))
        picture, sound = viewer.received["A-01/camera"], viewer.received["A-01/mic"]
        await viewer.until(lambda: picture.frames >= 3 and sound.frames >= 3)

        await scene.worker.revoke(CASE, MemberId("B-02"), camera("A-01"))
        await scene.worker.mute(CASE, mic("A-01"))
        pictures_out = (await scene.track_stats(camera("A-01"))).packets_out["B-02"]
        sounds_out = (await scene.track_stats(mic("A-01"))).packets_out["B-02"]
        muted_at = len(scene.events)
        await scene.wait_for(SegmentClosed, lambda e: scene.events.index(e) > muted_at and e.track == "mic" and e.n > 0)
        after = await scene.track_stats(mic("A-01"))
        assert (await scene.track_stats(camera("A-01"))).packets_out["B-02"] == pictures_out
        assert after.packets_out["B-02"] == sounds_out
        assert after.segments >= 1

        await scene.worker.unmute(CASE, mic("A-01"))
        await scene.grant("B-02", camera("A-01"))
        frames, sounds = picture.frames, sound.frames
        await viewer.until(lambda: picture.frames > frames and sound.frames > sounds)


async def test_a_network_outage_is_named_within_half_a_second_and_the_seat_comes_back() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"))
        await viewer.until(lambda: viewer.received["A-01/camera"].frames >= 10)
        loop = asyncio.get_running_loop()
        dropped = loop.time()
        dropped_utc = time.time()
        peer.drop_network()
        await scene.wait_for(SeatQuality, lambda e: e.seat == "A-01" and e.code == "poor")
        assert loop.time() - dropped < 3.0
        lost = await scene.wait_for(Lost)
        assert lost.reason == "network"
        await scene.wait_for(SeatQuality, lambda e: e.seat == "A-01" and e.code == "down")
        assert 3.2 < loop.time() - dropped < 4.5
        frames = viewer.received["A-01/camera"].frames
        peer.restore_network()
        restored_utc = time.time()
        gap = await scene.wait_for(GapNamed, lambda e: e.track == "camera")
        assert abs(_seconds(gap.since) - dropped_utc) < 0.5
        assert abs(_seconds(gap.until) - restored_utc) < 0.5
        assert gap.reason == "network"
        second = await scene.wait_for(TakeStarted, lambda e: e.track == "camera" and e.take == 2)
        assert second.file == "A-01/camera/take02.webm"
        await viewer.until(lambda: viewer.received["A-01/camera"].frames > frames)
        back = scene.events.index(gap)
        await scene.wait_for(SeatQuality, lambda e: e.code == "good" and scene.events.index(e) > back)


async def test_a_seat_that_comes_back_in_another_codec_goes_on_in_the_same_picture() -> None:
    async with a_scene() as scene:
        await scene.grant("B-02", camera("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"))  # subscribed before anybody knows the codec
        received = viewer.received["A-01/camera"]
        for take, codec, suffix in ((1, "H264", "mp4"), (2, "VP8", "webm"), (3, "H264", "mp4")):
            await scene.seat("A-01", codec=codec)
            begun = await scene.wait_for(TakeStarted, lambda e, take=take: e.track == "camera" and e.take == take)  # type: ignore[misc]
            assert (begun.codec, begun.file) == (codec.lower(), f"A-01/camera/take0{take}.{suffix}")
            await viewer.until(lambda codec=codec: received.codec == codec)  # type: ignore[misc]
            frames = received.frames
            await viewer.until(lambda frames=frames: received.frames > frames + 10)  # type: ignore[misc]


async def test_the_state_may_lie_deeper_than_a_socket_path_is_long() -> None:
    async with a_scene(depth=40) as scene:
        assert (await scene.worker.stats(CASE)).tracks == ()


async def test_a_seat_that_closes_its_browser_has_left() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        await scene.wait_for(Published)
        await peer.close()
        assert (await scene.wait_for(Lost, seconds=2)).reason == "left"


async def test_a_seat_that_closes_its_connection_while_it_comes_by_another_has_not_left() -> None:
    async with a_scene() as scene:
        former, latter = await scene.seat("A-01"), SeatPeer(clip_of("A-01", "VP8"))
        await scene.wait_for(Published)

        async def exchange(sdp: str) -> str:
            answer = await scene.engine.publish(PublishRequest(CASE, SeatId("A-01"), PUBLISHED, sdp))
            await former.close()
            assert (await scene.wait_for(Lost, seconds=2)).reason == "republished"
            return answer

        try:
            await latter.publish(exchange)
        finally:
            await latter.close()

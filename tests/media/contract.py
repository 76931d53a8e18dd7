"""What every `MediaEngine` promises, asked of it through real peers: an engine is one when its subclass here passes.

Knows the protocol and nothing behind it. A test module makes a class of its own with `a_stage`; that is all it says.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from media.engine import CaseId, MediaRefusal, MemberId, PublishRequest, SeatId, TrackRef, track_ref
from media.events import Lost, Published, SegmentClosed, TakeStarted
from tests.media.scene import CASE, Stage, camera, clip_of, mic

VIEWER = MemberId("B-02")


class EngineContract(ABC):
    """One test for each promise; `a_stage` opens the room `CASE` on the engine under test."""

    @abstractmethod
    def a_stage(self) -> AbstractAsyncContextManager[Stage]:
        """A room that is open inside the block, acknowledging what is reported."""

    async def test_a_granted_track_arrives_and_is_counted(self) -> None:
        async with self.a_stage() as stage:
            await stage.seat("A-01")
            await stage.grant(VIEWER, camera("A-01"), mic("A-01"))
            viewer = await stage.watch(VIEWER, camera("A-01"), mic("A-01"))
            await viewer.until(lambda: all(one.frames >= 5 for one in viewer.received.values()), 30)
            stats = await stage.track_stats(mic("A-01"))
            assert stats.live
            assert 0 < stats.packets_out[VIEWER] <= stats.packets_in

    async def test_what_was_not_granted_is_refused_also_when_it_was_granted_to_another_or_elsewhere(self) -> None:
        other = CaseId("E-2026-0009")
        async with self.a_stage() as stage:
            await stage.seat("A-01")
            await stage.grant("C-03", camera("A-01"))
            await stage.engine.create_room(other)
            await stage.engine.grant(other, VIEWER, camera("A-01"))
            await refused(stage, "not-granted", camera("A-01"))

    async def test_a_track_may_be_awaited_before_it_is_published_and_goes_on_when_it_is_published_anew(self) -> None:
        async with self.a_stage() as stage:
            await stage.grant(VIEWER, camera("A-01"))
            viewer = await stage.watch(VIEWER, camera("A-01"))
            picture = viewer.received["A-01/camera"]
            await stage.seat("A-01")
            await viewer.until(lambda: picture.frames >= 3, 30)
            await stage.seat("A-01")
            await stage.wait_for(Published, lambda e: len(stage.seen(Published)) > 1)
            frames = picture.frames
            await viewer.until(lambda: picture.frames >= frames + 3, 30)

    async def test_a_revoked_or_muted_track_stops_at_once_comes_back_and_is_recorded_all_the_while(self) -> None:
        async with self.a_stage() as stage:
            await stage.seat("A-01")
            await stage.grant(VIEWER, camera("A-01"), mic("A-01"))
            viewer = await stage.watch(VIEWER, camera("A-01"), mic("A-01"))
            await viewer.until(lambda: all(one.frames >= 3 for one in viewer.received.values()), 30)
            await stage.engine.revoke(CASE, VIEWER, camera("A-01"))
            await stage.engine.mute(CASE, mic("A-01"))
            stopped = [(await stage.track_stats(track)).packets_out[VIEWER] for track in (camera("A-01"), mic("A-01"))]
            at = len(stage.events)
            for kind in ("camera", "mic"):
                await stage.wait_for(SegmentClosed, closed_after(stage, kind, at), 30)
            after = [await stage.track_stats(track) for track in (camera("A-01"), mic("A-01"))]
            assert [one.packets_out[VIEWER] for one in after] == stopped
            assert after[1].muted
            await stage.engine.grant(CASE, VIEWER, camera("A-01"))
            await stage.engine.unmute(CASE, mic("A-01"))
            frames = {track: one.frames for track, one in viewer.received.items()}
            await viewer.until(lambda: all(one.frames > frames[name] for name, one in viewer.received.items()), 30)

    async def test_who_shows_one_picture_alone_is_sent_no_other(self) -> None:
        async with self.a_stage() as stage:
            # Painted first: whoever publishes already would fall silent meanwhile.
            for seat in ("A-01", "C-03"):
                clip_of(seat)
            for seat in ("A-01", "C-03"):
                await stage.seat(seat)
            await stage.grant(VIEWER, camera("A-01"), camera("C-03"))
            viewer = await stage.watch(VIEWER, camera("A-01"), camera("C-03"))
            await viewer.until(lambda: all(one.frames >= 3 for one in viewer.received.values()), 30)
            await stage.engine.show(CASE, VIEWER, (camera("C-03"),))
            hidden = (await stage.track_stats(camera("A-01"))).packets_out[VIEWER]
            frames = viewer.received["C-03/camera"].frames
            await viewer.until(lambda: viewer.received["C-03/camera"].frames >= frames + 5, 30)
            assert (await stage.track_stats(camera("A-01"))).packets_out[VIEWER] == hidden

    async def test_who_leaves_is_disconnected_and_keeps_its_grants(self) -> None:
        async with self.a_stage() as stage:
            await stage.seat("A-01")
            await stage.grant("A-01", camera("C-03"))
            await stage.wait_for(Published)
            await stage.engine.leave(CASE, MemberId("A-01"))
            assert (await stage.wait_for(Lost)).reason == "left"
            assert not (await stage.track_stats(camera("A-01"))).live
            await stage.engine.subscribe(CASE, MemberId("A-01"), (camera("C-03"),))

    async def test_evidence_comes_in_order_and_is_repeated_until_it_is_acknowledged(self) -> None:
        async with self.a_stage() as stage:
            stage.acknowledges = False
            await stage.seat("A-01")
            first = await stage.wait_for(TakeStarted, lambda e: e.track == "mic", 30)
            await stage.wait_for(TakeStarted, lambda e: len(stage.seen(TakeStarted, lambda e: e == first)) > 1, 30)
            assert not stage.seen(SegmentClosed, lambda e: e.track == "mic")
            stage.acknowledges = True
            await stage.engine.acknowledge(first.delivery)
            await stage.wait_for(SegmentClosed, lambda e: e.track == "mic" and e.n == 1, 30)
            closed = list(dict.fromkeys(e.n for e in stage.seen(SegmentClosed, lambda e: e.track == "mic")))
            assert closed == list(range(len(closed)))

    async def test_a_room_that_is_open_stays_as_it_is_and_a_closed_one_has_delivered_everything(self) -> None:
        async with self.a_stage() as stage:
            await stage.seat("A-01")
            await stage.wait_for(SegmentClosed, lambda e: e.track == "mic" and e.n == 1, 30)
            await stage.engine.create_room(CASE)
            assert (await stage.track_stats(mic("A-01"))).live
            segments = (await stage.track_stats(mic("A-01"))).segments
            await stage.engine.close_room(CASE)
            assert len(stage.seen(SegmentClosed, lambda e: e.track == "mic" and e.n > 0)) >= segments
            with pytest.raises(MediaRefusal, match="no-such-room"):
                await stage.engine.stats(CASE)

    async def test_what_cannot_be_done_is_refused_by_its_code(self) -> None:
        async with self.a_stage() as stage:
            engine, nowhere = stage.engine, CaseId("E-2026-0404")
            calls = {
                "bad-id": engine.create_room(CaseId("../E-1")),
                "bad-kind": engine.publish(PublishRequest(CASE, SeatId("A-01"), {"0": "smell"}, "v=0\r\n")),
                "bad-sdp": engine.publish(PublishRequest(CASE, SeatId("A-01"), {"0": "camera"}, "v=1\r\n")),
                "sdp-too-big": engine.publish(PublishRequest(CASE, SeatId("A-01"), {"0": "camera"}, "v" * 70_000)),
                "no-such-room": engine.grant(nowhere, VIEWER, camera("A-01")),
                "no-such-subscription": engine.answer(CASE, VIEWER, "v=0\r\n"),
                "bad-request": engine.subscribe(CASE, VIEWER, ()),
            }
            for code, call in calls.items():
                with pytest.raises(MediaRefusal) as refusal:
                    await call
                assert refusal.value.code == code
            with pytest.raises(MediaRefusal, match="bad-kind"):
                track_ref("A-01/smell")


async def refused(stage: Stage, code: str, *tracks: TrackRef) -> None:
    """Subscribing to these tracks is refused."""
    with pytest.raises(MediaRefusal) as refusal:
        await stage.engine.subscribe(CASE, VIEWER, tracks)
    assert refusal.value.code == code


def closed_after(stage: Stage, kind: str, at: int) -> Callable[[SegmentClosed], bool]:
    """Whether a segment of a track was closed after so many events."""
    return lambda e: e.track == kind and e.n > 0 and stage.events.index(e) >= at

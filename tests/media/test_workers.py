"""Several worker processes behind one engine: where rooms go, and what becomes of them when a worker dies or hangs."""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest

from media import supervisor, workers
from media.engine import CaseId, MediaRefusal, MemberId
from media.events import Alarm, AlarmPassed, GapNamed, Lost, RoomMoved, SegmentClosed, TakeStarted, WorkerStarted
from media.placement import Placement
from media.pulse import Pulse
from media.wire import Ready, WorkerSettings
from media.workers import MediaWorkers
from tests.media.scene import CASE, a_scene, camera, mic

# A busy machine takes its time to start a process; only what is promised is timed.
SLOW_S = 60
OTHER, THIRD = CaseId("E-2026-0002"), CaseId("E-2026-0003")


def test_a_case_goes_to_who_holds_the_fewest_and_stays_there() -> None:
    placement = Placement[str]()
    assert placement.place(CASE) is None
    placement.admit("one")
    placement.admit("two")
    assert [placement.place(case) for case in (CASE, OTHER, THIRD, CASE)] == ["one", "two", "one", "one"]
    placement.release(CASE)
    placement.release(THIRD)
    assert placement.place(THIRD) == "one"
    assert placement.bury("two") == {OTHER}
    assert placement.home(OTHER) is None
    assert placement.place(OTHER) == "one"


def test_a_worker_that_waits_for_the_processor_is_given_longer_than_one_that_hangs(tmp_path: Path) -> None:
    pulse = Pulse(1)
    pulse._schedstat = tmp_path / "schedstat"
    pulse._schedstat.write_text("5000000000 1000000000 7\n")
    assert not pulse.is_dead(0.4)
    assert not pulse.is_dead(1.1)
    assert pulse.is_dead(1.3)
    pulse._schedstat.write_text("5000000000 2100000000 7\n")
    assert not pulse.is_dead(1.3)
    assert pulse.is_dead(5.1)
    pulse._schedstat.unlink()
    assert pulse.is_dead(1.3)


async def test_rooms_are_spread_over_the_workers_and_each_room_stays_on_one() -> None:
    async with a_scene(workers=2) as scene:
        await scene.worker.create_room(OTHER)
        await scene.worker.create_room(THIRD)
        homes = [scene.process(case).pid for case in (CASE, OTHER, THIRD)]
        assert homes[0] == homes[2] != homes[1]
        await scene.worker.create_room(OTHER)
        assert scene.process(OTHER).pid == homes[1]
        await scene.worker.close_room(CASE)
        await scene.worker.close_room(THIRD)
        await scene.worker.create_room(THIRD)
        assert scene.process(THIRD).pid == homes[0]


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_dead_or_hanging_worker_is_noticed_in_two_seconds_and_its_room_moves_to_a_living_one(
    fault: signal.Signals,
) -> None:
    async with a_scene(workers=2) as scene:
        await scene.worker.create_room(OTHER)
        peer = await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"))
        await scene.worker.mute(CASE, mic("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"))
        picture = viewer.received["A-01/camera"]
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n == 1)
        survivor, died = scene.process(OTHER), time.monotonic()
        scene.kill(fault)
        await scene.wait_for(Alarm, lambda e: e.code == "worker-down", seconds=5)
        assert time.monotonic() - died < 2
        assert (await scene.wait_for(Lost, lambda e: e.reason == "worker")).seat == "A-01"
        assert (await scene.wait_for(RoomMoved, seconds=SLOW_S)).case == CASE
        assert scene.process() is survivor
        assert scene.process(OTHER) is survivor

        frames = picture.frames
        await scene.seat("A-01")
        await scene.watch("B-02", camera("A-01"))
        await viewer.until(lambda: picture.frames > frames and peer.frames_sent > 0)
        assert (await scene.track_stats(mic("A-01"))).muted
        await scene.wait_for(GapNamed, lambda e: e.track == "camera" and e.reason == "recorder")
        await scene.wait_for(TakeStarted, lambda e: e.track == "camera" and e.take > 1)
        await scene.wait_for(WorkerStarted, lambda e: e.generation == 2, SLOW_S)
        await scene.wait_for(AlarmPassed, lambda e: e.code == "worker-down", SLOW_S)
        assert scene.process() is survivor


async def test_a_worker_of_its_own_takes_its_room_back_with_grants_that_came_meanwhile() -> None:
    async with a_scene() as scene:
        scene.kill()
        await scene.wait_for(Alarm, lambda e: e.code == "worker-down")
        with pytest.raises(MediaRefusal, match="engine-away"):
            await scene.grant("B-02", camera("A-01"))
        with pytest.raises(MediaRefusal, match="engine-away"):
            await scene.worker.stats(CASE)
        await scene.wait_for(RoomMoved, seconds=SLOW_S)
        await scene.worker.subscribe(CASE, MemberId("B-02"), (camera("A-01"),))


async def test_what_lies_of_a_closed_room_is_delivered_by_exactly_one_other_worker() -> None:
    async with a_scene(acknowledges=False, workers=2) as scene:
        await scene.worker.create_room(OTHER)
        await scene.seat("A-01")
        await scene.wait_for(TakeStarted, lambda e: e.track == "mic")
        scene.kill()
        await scene.wait_for(RoomMoved, seconds=SLOW_S)
        before = len(scene.events)
        scene.acknowledges = True
        await scene.worker.close_room(CASE)
        lines = (scene.folder(mic("A-01")) / "take01.jsonl").read_bytes().count(b"\n")
        told = [e.delivery for e in scene.events if isinstance(e, TakeStarted | SegmentClosed) and e.track == "mic"]
        await scene.wait_for(WorkerStarted, lambda e: e.generation == 2, SLOW_S)
        assert len(set(told)) == lines
        repeated = [e.delivery for e in scene.seen(SegmentClosed, lambda e: scene.events.index(e) >= before)]
        assert len(repeated) == len(set(repeated))


def test_a_worker_that_was_steady_begins_again_at_once_and_one_that_keeps_failing_ever_later() -> None:
    assert [supervisor._backoff_s(failures) for failures in range(8)] == [0.1, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0]


async def test_a_worker_that_starts_and_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "_START_S", 0.1)
    engine = MediaWorkers(_settings(tmp_path, 1), cast(Any, None))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; sys.stdin.read()", stdin=pipe, stdout=pipe
    )
    try:
        async with asyncio.timeout(SLOW_S):
            assert await engine._workers[0]._connected(process) is None
    finally:
        process.kill()
        await process.wait()


class Living:
    """A worker's life that remembers what it is asked to settle."""

    def __init__(self, number: int) -> None:
        self.worker, self.generation = number, 1
        self.ready = Ready(1, "")
        self.client = self
        self.settled: list[str] = []

    async def settle(self, case: CaseId) -> None:
        self.settled.append(case)


async def test_what_was_left_is_shared_among_all_workers_and_not_given_to_the_first_that_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "unsettled_cases", lambda *_: [CASE, OTHER])
    lives = [Living(0), Living(1)]
    async with asyncio.TaskGroup() as tasks:
        engine = MediaWorkers(_settings(tmp_path, 2), tasks)
        engine.up(cast(Any, lives[0]))
    async with asyncio.TaskGroup() as engine._tasks:
        engine.up(cast(Any, lives[1]))
    assert [len(life.settled) for life in lives] == [1, 1]


def _settings(place: Path, count: int) -> list[WorkerSettings]:
    return [WorkerSettings(str(place / f"{n}.sock"), str(place)) for n in range(count)]

"""The contract of `MediaEngine`, held by the plane inside this process and by several workers beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from media.events import Lost, Published
from tests.media.contract import EngineContract
from tests.media.in_process import an_engine_in_process
from tests.media.scene import CASE, SEGMENT_MS, Stage, a_scene


@asynccontextmanager
async def _a_stage_in_process() -> AsyncIterator[Stage]:
    async with an_engine_in_process(SEGMENT_MS) as engine, asyncio.TaskGroup() as tasks:
        stage = Stage(engine)
        listening = tasks.create_task(stage.listen())
        await engine.create_room(CASE)
        yield stage
        for peer in stage.peers.values():
            await peer.close()
        listening.cancel()


class TestThePlaneInProcess(EngineContract):
    """One plane, no process of its own."""

    def a_stage(self) -> AbstractAsyncContextManager[Stage]:
        """See `EngineContract`."""
        return _a_stage_in_process()


@pytest.mark.full
class TestSeveralWorkers(EngineContract):
    """Two processes behind one engine: slower to start, so it stands in the long runs."""

    def a_stage(self) -> AbstractAsyncContextManager[Stage]:
        """See `EngineContract`."""
        return a_scene(workers=2)


async def test_who_asks_for_consent_no_more_was_lost_and_has_not_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _a_stage_in_process() as stage:
        await stage.seat("A-01")
        await stage.wait_for(Published)
        monkeypatch.setattr("media.embedded.peer.CONSENT_S", 0.0)
        assert (await stage.wait_for(Lost, seconds=5)).reason == "network"

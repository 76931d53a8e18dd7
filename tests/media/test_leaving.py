"""What a connection leaves behind when it ends: nothing, and at once. Its caches and keys are half a megabyte.

Garbage in circles would wait for a collection that a worker, which makes next to nothing but bytes, has hardly ever.
"""

import asyncio
import gc
from collections import Counter

import pytest

from media.embedded.fanout import FanOut
from media.embedded.inbound import Inbound
from media.embedded.outbound import Outbound
from media.embedded.peer import Peer
from media.embedded.publication import Publication
from media.embedded.rtc import DtlsServer, Protector, Unprotector
from media.engine import MemberId
from tests.media.in_process import an_engine_in_process
from tests.media.scene import CASE, SEGMENT_MS, Stage, camera, mic

OF_A_CONNECTION = (Peer, Publication, Inbound, Outbound, FanOut, DtlsServer, Protector, Unprotector)


def left_behind() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, OF_A_CONNECTION))


@pytest.fixture
def uncollected() -> None:
    """Nothing is freed but what nobody refers to any more."""
    gc.collect()
    gc.disable()


async def test_a_seat_and_a_viewer_that_left_are_gone_without_a_collection(uncollected: None) -> None:
    try:
        async with an_engine_in_process(SEGMENT_MS) as engine:
            stage = Stage(engine)
            await engine.create_room(CASE)
            await stage.seat("A-01")
            await stage.grant("B-02", camera("A-01"), mic("A-01"))
            viewer = await stage.watch("B-02", camera("A-01"), mic("A-01"))
            await viewer.until(lambda: viewer.received["A-01/camera"].frames >= 3)
            assert left_behind()["Inbound"] == 2
            for peer in stage.peers.values():
                await peer.close()
            await engine.leave(CASE, MemberId("B-02"))
            async with asyncio.timeout(10):
                while left_behind():
                    await engine.stats(CASE)
    finally:
        gc.enable()

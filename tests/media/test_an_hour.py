"""Six seats that join and leave for hours: a worker's memory does not grow with them, nor do its descriptors.

The joins of hours are made one after the other, without the waiting between them: it is joins that could leave
something behind.
"""

import asyncio
import statistics
from pathlib import Path

import pytest

from media.embedded.joins import JOINS_PER_SECOND
from media.engine import MemberId
from tests.faults.siege import moment
from tests.media.scene import CASE, Scene, a_scene, camera, mic

SEATS = [f"A-0{number}" for number in range(1, 7)]
ROUNDS_AN_HOUR = 60
"""Each seat joins and leaves once a minute."""
FIRST_HOURS, HOURS = 3, 3
"""Until the allocators have grown to their size, and then."""
MOST_MB_AN_HOUR = 1.0
MOST_DESCRIPTORS_MORE = 6


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def descriptors_of(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


async def a_minute(scene: Scene) -> None:
    """Everybody comes, publishes, sees the next seat, and leaves."""
    await asyncio.gather(*(scene.seat(seat) for seat in SEATS))
    for seat, other in zip(SEATS, (*SEATS[1:], SEATS[0]), strict=True):
        await scene.watch(f"{seat}-viewer", camera(other), mic(other))
    for member in (*SEATS, *(f"{seat}-viewer" for seat in SEATS)):
        await scene.engine.leave(CASE, MemberId(member))
    for peer in scene.peers.values():
        await peer.close()
    scene.peers.clear()
    await moment(2 * len(SEATS) / JOINS_PER_SECOND)  # a worker takes no more, however fast the machine


@pytest.mark.full
async def test_hours_of_joining_and_leaving_leave_nothing_behind() -> None:
    async with a_scene() as scene:
        for seat, other in zip(SEATS, (*SEATS[1:], SEATS[0]), strict=True):
            await scene.grant(f"{seat}-viewer", camera(other), mic(other))
        pid = scene.process().pid
        memory, descriptors = [], []
        for minute in range((FIRST_HOURS + HOURS) * ROUNDS_AN_HOUR):
            await a_minute(scene)
            if minute >= FIRST_HOURS * ROUNDS_AN_HOUR:
                memory.append(resident_mb(pid))
                descriptors.append(descriptors_of(pid))
        assert scene.process().pid == pid
    slope = statistics.linear_regression(range(len(memory)), memory).slope * ROUNDS_AN_HOUR
    print(f"{slope:.2f} MB an hour at {memory[-1]:.1f} MB, descriptors {min(descriptors)} to {max(descriptors)}")
    assert slope < MOST_MB_AN_HOUR
    first, last = descriptors[:ROUNDS_AN_HOUR], descriptors[-ROUNDS_AN_HOUR:]
    assert statistics.mean(last) < statistics.mean(first) + MOST_DESCRIPTORS_MORE

"""Draw process or server killed at each named point of a draw: one draw an attempt, no commitment is lost."""

import asyncio
import json
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import case_example_a as example
from demo import deployment, story_before
from demo.deployment import Deployment
from demo.progress import Progress
from demo.server_process import ServerProcess
from tests.faults.deployment import child_of
from tests.faults.siege import moment

CASE = "STALL-2026-0001"
WAIT_S = 60.0
LOOK_EVERY_S = 0.05
PROCESS = "conduct.sealed_draw.process"


class StallingServer(ServerProcess):
    """`server.py` with its stall points armed by files."""

    PROGRAM = "tests/faults/stalling_server.py"


@asynccontextmanager
async def stalling(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deployment]:
    """A deployment whose case has seats held, ready for its draws."""
    stalls = folder / "stalls"
    stalls.mkdir()
    monkeypatch.setenv("STALLS", str(stalls))
    async with deployment.deployed(folder, CASE, Progress(1), server_at=StallingServer) as made:
        await story_before.apply(made.stage)
        yield made


async def until(what: str, is_so: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(WAIT_S):
        while not is_so():
            await moment(LOOK_EVERY_S)
    assert is_so(), what


def statements(made: Deployment, kind: str) -> list[dict[str, Any]]:
    """What the case's log says now, read beside the server."""
    database = sqlite3.connect(f"file:{made.server.state}/db/bid.sqlite?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT bytes FROM statement WHERE log = ? AND kind = ? ORDER BY idx", (CASE, kind))
        return [json.loads(data)["body"] for (data,) in rows]
    finally:
        database.close()


async def kill_server(made: Deployment) -> None:
    await made.server.kill()
    await made.server.start()


async def kill_process(made: Deployment) -> None:
    """The draw process of this server, found among its children."""
    os.kill(child_of(made.server.pid, PROCESS), signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_process, kill_server])
async def test_a_kill_at_each_point_of_a_draw_leaves_one_draw_and_every_commitment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kill: Callable[[Deployment], Awaitable[None]]
) -> None:
    async with stalling(tmp_path, monkeypatch) as made:
        stalls, cast = tmp_path / "stalls", made.stage.cast

        async def killed_at(*points: str) -> None:
            for point in points:
                (stalls / f"arm-{point}").touch()
            for point in points:
                await until(point, (stalls / f"at-{point}").exists)
                await kill(made)
                (stalls / f"at-{point}").unlink()

        soon = story_before.stamp(datetime.now(UTC) + timedelta(seconds=1))
        await cast["main"].post(f"{made.stage.case}/draws/venues", count=2, seats=2, at=soon)
        (stalls / "arm-committed").touch()
        await cast["supervisor"].post(f"{made.stage.case}/draws/venues/confirm")
        await killed_at("committed", "link-taken", "drawn")
        await until("venues drawn", lambda: bool(statements(made, "draw.sealed")))
        soon = story_before.stamp(datetime.now(UTC) + timedelta(seconds=1))
        quotas = list(example.QUOTAS)
        asked = {"quotas": quotas, "region_reason": "副场席位所在地区", "at": soon}
        await cast["agent"].post(f"{made.stage.case}/draws/experts", **asked)
        (stalls / "arm-sealed").touch()
        await cast["supervisor"].post(f"{made.stage.case}/draws/experts/confirm")
        await killed_at("sealed", "calling")
        await until("stands", lambda: bool(statements(made, "draw.stands")))

        once = Counter((one["draw"], one["attempt"], one["round"]) for one in statements(made, "draw.sealed"))
        assert once == {("venues", 1, 0): 1, ("experts", 1, 0): 1}
        commitments = Counter((one["draw"], one["party"]) for one in statements(made, "draw.committed"))
        assert len(commitments) == 6
        assert set(commitments.values()) == {1}
        assert len(statements(made, "draw.revealed")) == 6
        assert not statements(made, "draw.voided")
        assert not statements(made, "draw.differs")

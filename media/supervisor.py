"""Starts and watches one media worker process for its parent, and starts it again with back-off when it ends.

Knows neither rooms nor cases: who does is told when a life of the worker begins, speaks and is over.
"""

import asyncio
import contextlib
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from media.client import MediaClient
from media.events import Event
from media.pulse import BEAT_S, Pulse
from media.wire import Ready, WorkerSettings

_BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY_S = 30.0
_DEATHS_PER_MINUTE = 5
_STOP_S = 8.0
_DYING_S = 5.0
_START_S = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """One life of a worker, the `generation`-th: the process, and the way to speak to it."""

    worker: int
    generation: int
    ready: Ready
    process: asyncio.subprocess.Process
    client: MediaClient


class Watcher(Protocol):
    """Who is told how the workers fare; none of these may wait."""

    def up(self, life: Life) -> None:
        """A life begins."""

    def event(self, life: Life, event: Event) -> None:
        """It reports something."""

    def down(self, life: Life) -> None:
        """It is over: the process is gone for certain, and holds no file any more."""

    def dies_often(self, worker: int) -> None:
        """A worker has died five times in a minute."""


class MediaWorker:
    """One worker, life after life, while `run` is running."""

    def __init__(self, number: int, settings: WorkerSettings, watcher: Watcher) -> None:
        self._number = number
        self._settings = settings
        self._watcher = watcher
        self._generation = 0
        self._process: asyncio.subprocess.Process | None = None
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()
        self._deaths: deque[float] = deque(maxlen=_DEATHS_PER_MINUTE)

    async def close(self) -> None:
        """End the worker; its segments are closed first."""
        self._closing.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        await self._ended.wait()

    async def run(self) -> None:
        """Keep a worker alive until `close` is called."""
        failures = 0
        while not self._closing.is_set():
            began = time.monotonic()
            await self._live()
            if self._closing.is_set():
                break
            failures = 0 if time.monotonic() - began > _STEADY_S else failures + 1
            self._count_death(time.monotonic())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_backoff_s(failures)):
                    await self._closing.wait()
        self._ended.set()

    def _count_death(self, now: float) -> None:
        self._deaths.append(now)
        if len(self._deaths) == _DEATHS_PER_MINUTE and now - self._deaths[0] < 60:  # noqa: PLR2004
            self._watcher.dies_often(self._number)

    async def _live(self) -> None:
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "media.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )
        if self._closing.is_set() and process.stdin is not None:
            process.stdin.close()
        life: Life | None = None
        try:
            life = await self._connected(process)
            if life is not None:
                await self._attend(life)
        finally:
            await self._reap(process)
            if life is not None:
                self._watcher.down(life)

    async def _connected(self, process: asyncio.subprocess.Process) -> Life | None:
        """The life that begins, None if it does not within 20 s: then the process is ended like one that died."""
        try:
            async with asyncio.timeout(_START_S):
                return await self._connect(process)
        except TimeoutError:
            return None

    async def _connect(self, process: asyncio.subprocess.Process) -> Life | None:
        if process.stdin is None or process.stdout is None:
            return None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(asdict(self._settings)) + b"\n")
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            return None
        ready = msgspec.json.decode(line, type=Ready)
        try:
            client = await MediaClient.connect(Path(self._settings.socket))
        except OSError:
            return None
        self._generation += 1
        return Life(self._number, self._generation, ready, process, client)

    async def _attend(self, life: Life) -> None:
        async with asyncio.TaskGroup() as tasks:
            pulse = tasks.create_task(_feel_pulse(life))
            self._watcher.up(life)
            await life.client.run(partial(self._watcher.event, life))
            pulse.cancel()

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        """Return when the process is gone: whoever takes over its files must be alone with them."""
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S if self._closing.is_set() else _DYING_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _backoff_s(failures: int) -> float:
    """How long to wait after so many lives in a row that were short; one that was steady begins again at once."""
    return _BACKOFF_S[max(0, min(failures, len(_BACKOFF_S)) - 1)]


async def _feel_pulse(life: Life) -> None:
    loop, pulse = asyncio.get_running_loop(), Pulse(life.process.pid)
    with contextlib.suppress(ProcessLookupError):
        while True:
            if pulse.is_dead(life.client.ask_for_life(loop.time())):
                life.process.kill()
                return
            await asyncio.sleep(BEAT_S)

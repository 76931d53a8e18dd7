"""The parent's side of the draw process: starts it, states its key, asks it, and starts it again when it ends."""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from conduct.sealed_draw import wire
from conduct.sealed_draw.questions import Question
from conduct.sealed_draw.refusals import ProcessAway

A = TypeVar("A")
_BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY_S = 30.0
_STOP_S = 5.0
_ROOT = Path(__file__).parent.parent.parent
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
State = Callable[[str], Awaitable[None]]

log = logging.getLogger("bid.draw")


class DrawOffice:
    """A `DrawProcess` in a child process. Make it with `start`; end it with `close`."""

    def __init__(self, state: State) -> None:
        """`state` puts a new process's public key into the log, before anybody is given it."""
        self._state = state
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._closing = asyncio.Event()
        self._is_ready = asyncio.Event()
        self._ended = asyncio.Event()
        self.key = ""
        self.started = NEVER

    @classmethod
    async def start(cls, state: State, tasks: asyncio.TaskGroup) -> "DrawOffice":
        """Start a process whose watch runs in `tasks`; return when it answers."""
        office = cls(state)
        tasks.create_task(office._watch())
        await office._is_ready.wait()
        return office

    @property
    def pid(self) -> int | None:
        """Process id of the living process."""
        return self._process.pid if self._process is not None else None

    async def wait_ready(self) -> None:
        """Wait until there is a process that answers."""
        await self._is_ready.wait()

    async def close(self) -> None:
        """End the process; what it holds is gone."""
        self._closing.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        await self._ended.wait()

    async def ask(self, question: Question[A]) -> A:
        """See `DrawProcess`."""
        # An exchange once begun is finished whoever stops waiting: its answer must not be taken for the next one's.
        data = await asyncio.shield(self._exchange(wire.write_question(question)))
        answer: A = wire.read_answer(question, data)
        return answer

    async def _exchange(self, asked: bytes) -> bytes:
        async with self._one_at_a_time:
            process = self._process
            if process is None or not self.key or process.stdin is None:
                raise ProcessAway
            try:
                process.stdin.write(wire.frame(asked))
                await process.stdin.drain()
                return await self._read(process)
            except (ConnectionError, asyncio.IncompleteReadError) as gone:
                raise ProcessAway from gone

    async def _read(self, process: asyncio.subprocess.Process) -> bytes:
        if process.stdout is None:
            raise ProcessAway
        size = int.from_bytes(await process.stdout.readexactly(wire.LENGTH_BYTES), "big")
        return await process.stdout.readexactly(size)

    async def _watch(self) -> None:
        failures = 0
        while not self._closing.is_set():
            began = time.monotonic()
            await self._run_once()
            if self._closing.is_set():
                break
            failures = 0 if time.monotonic() - began > _STEADY_S else failures + 1
            log.error("the draw process ended; it is started again, and the parties are asked for their links again")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)]):
                    await self._closing.wait()
        self._ended.set()

    async def _run_once(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "conduct.sealed_draw.process",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=_ROOT,
        )  # fmt: skip
        try:
            key = (await self._read(process)).decode()
            await self._state(key)
            self._process, self.key, self.started = process, key, datetime.now(UTC)
            self._is_ready.set()
            if self._closing.is_set() and process.stdin is not None:
                process.stdin.close()
            await process.wait()
        except asyncio.IncompleteReadError:
            pass
        finally:
            self._process, self.key = None, ""
            self._is_ready.clear()
            await _reap(process)


async def _reap(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

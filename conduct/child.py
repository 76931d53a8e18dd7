"""The parent's side of a child process of this server: starts a module, attends to it, starts it again when it ends.

What is said on the pipe is the business of whoever attends. A child ends when its pipe closes.
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from conduct.frames import LENGTH_BYTES, frame, length_in

_BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY_S = 30.0
_STOP_S = 5.0
# A start on a machine that does much else takes ten seconds.
_READY_S = 60.0
_ROOT = Path(__file__).parent.parent
GONE = (ConnectionError, asyncio.IncompleteReadError)
"""How an exchange learns that the child has ended."""

log = logging.getLogger("bid.child")


class Pipe:
    """Frames to a running child and from it. Reading and writing raise one of `GONE` when it has ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ConnectionError
        self._process, self._to, self._from = process, process.stdin, process.stdout

    async def write(self, data: bytes) -> None:
        """Send a frame; waits while the child takes nothing."""
        self._to.write(frame(data))
        await self._to.drain()

    async def read(self) -> bytes:
        """The next frame."""
        return await self._from.readexactly(length_in(await self._from.readexactly(LENGTH_BYTES)))

    async def ready(self) -> bytes:
        """The child's first frame. One that is not ready in time is given up."""
        try:
            async with asyncio.timeout(_READY_S):
                return await self.read()
        except TimeoutError:
            self.give_up(f"not ready after {_READY_S:.0f} s")
            raise ConnectionError from None

    def poke(self, data: bytes) -> None:
        """Send a small frame without waiting, for a child that takes nothing must not hold up who would notice it."""
        self._to.write(frame(data))

    def give_up(self, why: str) -> None:
        """End a child that answers no more by force; it is started again like one that ended by itself."""
        log.error("process %d is ended: %s", self.pid, why)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    async def ended(self) -> None:
        """Wait for the child's end."""
        await self._process.wait()


Attend = Callable[[Pipe], Awaitable[None]]


class Child:
    """One module run as a child process for as long as it is wanted."""

    def __init__(self, line: Sequence[str], attend: Attend, obituary: str) -> None:
        """`line` is the module's name and its arguments; `attend` talks to a new process until it is gone, and may
        raise one of `GONE` then; `obituary` is logged after each end that was not asked for."""
        self._line = line
        self._attend = attend
        self._obituary = obituary
        self._process: asyncio.subprocess.Process | None = None
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Process id of the living process."""
        return self._process.pid if self._process is not None else None

    async def watch(self) -> None:
        """Run until `close`."""
        failures = 0
        while not self._closing.is_set():
            began = time.monotonic()
            await self._run_once()
            if self._closing.is_set():
                break
            failures = 0 if time.monotonic() - began > _STEADY_S else failures + 1
            log.error("%s", self._obituary)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)]):
                    await self._closing.wait()
        self._ended.set()

    async def close(self) -> None:
        """End the process; what it holds is gone."""
        self._closing.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        await self._ended.wait()

    async def _run_once(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *self._line,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=_ROOT,
        )  # fmt: skip
        if self._closing.is_set() and process.stdin is not None:
            process.stdin.close()
        try:
            await self._attend(Pipe(process))
        except GONE:
            pass
        finally:
            self._process = None
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

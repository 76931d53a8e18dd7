"""The one thread that writes footage, so that a slow disk never holds up forwarding. Jobs run in order.

They are handed over a few times a second, and come back in as many pieces: to wake a thread for each would cost more
than what it writes.
"""

import asyncio
import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_SLOW_S = 1.0
_SLOW_FOR_S = 10.0
_SPACE_EVERY_S = 2.0
# What a killed process may lose beyond the chunk in the making.
_GATHER_S = 0.05


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], None]
    done: Callable[[OSError | None], None]
    size: int


class Disk:
    """Runs jobs one after another; `done` is called back in the event loop, with the error if there was one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Job] = []
        self._batches: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._waiting: deque[float] = deque()
        self._thread = threading.Thread(target=self._run, name="footage", daemon=True)
        self._slow_at = -_SLOW_FOR_S
        self._looked_at = 0.0
        self.pending_bytes = 0
        # What is free where the footage lies; None before the first look.
        self.free_bytes: int | None = None
        self._thread.start()

    def submit(self, work: Callable[[], None], done: Callable[[OSError | None], None], size: int = 0) -> None:
        """Queue a job that will write `size` bytes."""
        self.pending_bytes += size
        self._waiting.append(time.monotonic())
        if not self._gathered:
            self._loop.call_later(_GATHER_S, self._hand_over)
        self._gathered.append(_Job(work, done, size))

    def _hand_over(self) -> None:
        if self._gathered:
            self._batches.put(self._gathered)
            self._gathered = []

    def delay_s(self, now: float) -> float:
        """How long the oldest unfinished job has been waiting."""
        return now - self._waiting[0] if self._waiting else 0.0

    def is_slow(self, now: float) -> bool:
        """Whether a job takes, or in the last ten seconds took, longer than a second."""
        return self.delay_s(now) > _SLOW_S or now - self._slow_at < _SLOW_FOR_S

    def look_at_space(self, folder: Path, now: float) -> None:
        """Have `free_bytes` measured, every two seconds at most: on a hanging disk even this may hang."""
        if now - self._looked_at >= _SPACE_EVERY_S:
            self._looked_at = now
            self.submit(lambda: self._measure(folder), lambda _: None)

    def _measure(self, folder: Path) -> None:
        self.free_bytes = shutil.disk_usage(folder if folder.is_dir() else folder.parent).free

    async def drain(self) -> None:
        """Return when every job queued so far is done."""
        reached = asyncio.Event()
        self.submit(lambda: None, lambda _: reached.set())
        self._hand_over()
        await reached.wait()

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        self._hand_over()
        self._batches.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._batches.get()) is not None:
            finished = [(job, self._work(job)) for job in batch]
            self._loop.call_soon_threadsafe(self._finish, finished)

    def _work(self, job: _Job) -> OSError | None:
        began = time.monotonic()
        try:
            job.work()
        except OSError as error:
            return error
        finally:
            if time.monotonic() - began > _SLOW_S:
                self._slow_at = time.monotonic()
        return None

    def _finish(self, finished: list[tuple[_Job, OSError | None]]) -> None:
        for job, error in finished:
            self._waiting.popleft()
            self.pending_bytes -= job.size
            job.done(error)

"""The one thread that writes footage, so that a slow disk never holds up forwarding. Jobs run in order."""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], None]
    done: Callable[[OSError | None], None]
    size: int


class Disk:
    """Runs jobs one after another; `done` is called back in the event loop, with the error if there was one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting: deque[float] = deque()
        self._thread = threading.Thread(target=self._run, name="footage", daemon=True)
        self.pending_bytes = 0
        self._thread.start()

    def submit(self, work: Callable[[], None], done: Callable[[OSError | None], None], size: int = 0) -> None:
        """Queue a job that will write `size` bytes."""
        self.pending_bytes += size
        self._waiting.append(time.monotonic())
        self._jobs.put(_Job(work, done, size))

    def delay_s(self, now: float) -> float:
        """How long the oldest unfinished job has been waiting."""
        return now - self._waiting[0] if self._waiting else 0.0

    async def drain(self) -> None:
        """Return when every job queued so far is done."""
        reached = asyncio.Event()
        self.submit(lambda: None, lambda _: reached.set())
        await reached.wait()

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.work()
                self._loop.call_soon_threadsafe(self._finish, job, None)
            except OSError as error:
                self._loop.call_soon_threadsafe(self._finish, job, error)

    def _finish(self, job: _Job, error: OSError | None) -> None:
        self._waiting.popleft()
        self.pending_bytes -= job.size
        job.done(error)

"""The one writer: functions queue up, each runs in a savepoint, one commit and one flush serve them all.

Receipts leave only after the commit. A function that refuses takes nothing with it but its own work.
"""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from storage import logs
from storage.transaction import Ground, Overlay, Transaction

T = TypeVar("T")

BATCH = 256
# Plain words: SQLAlchemy's own savepoints are compiled anew for each job, which costs more than running them.
SAVEPOINT, RELEASE, ROLLBACK = "SAVEPOINT job", "RELEASE SAVEPOINT job", "ROLLBACK TO SAVEPOINT job"


@dataclass(frozen=True, slots=True)
class _Job:
    act: Callable[[Any], Any]
    result: "Future[Any]"


class Closed(Exception):
    """The store is shutting down; nothing was done."""

    code = "server.stopping"


class Writer:
    """Owns the only connection that writes. `act` may be awaited from the event loop that started it."""

    def __init__(
        self,
        engine: Engine,
        ground: Ground,
        trees: logs.Trees,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._ground = ground
        self._trees = trees
        self._clock = clock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._open = True

    def start(self) -> None:
        """Start the writing thread."""
        self._thread.start()

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._open = False
        self._jobs.put(None)
        self._thread.join()

    async def act(self, act: Callable[[Transaction], T]) -> T:
        """Run a function as one transaction and return its result once it is on disk.

        Whatever it raises is raised here, and then nothing of it was kept.
        """
        return await asyncio.wrap_future(self.submit(act))

    def submit(self, act: Callable[[Transaction], T]) -> "Future[T]":
        """`act` for threads: a future of the result."""
        if not self._open:
            raise Closed
        result: Future[T] = Future()
        self._jobs.put(_Job(act, result))
        return result

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while (job := self._jobs.get()) is not None:
                jobs = [job]
                stop = False
                while len(jobs) < BATCH and not self._jobs.empty():
                    more = self._jobs.get()
                    if more is None:
                        stop = True
                        break
                    jobs.append(more)
                self._batch(connection, jobs)
                if stop:
                    return

    def _batch(self, connection: Connection, jobs: list[_Job]) -> None:
        batch = Overlay()
        done: list[tuple[_Job, Any]] = []
        try:
            with connection.begin():
                for job in jobs:
                    self._one(connection, job, batch, done)
                notes = self._seal(connection, batch)
        except BaseException as error:  # the outermost loop: a failed commit is every waiting caller's failure
            for log in batch.entries:
                self._trees.forget(log)
            for job in jobs:
                if not job.result.done():
                    job.result.set_exception(error)
            return
        self._ground.committed.update(batch.cases)
        for log, size, text in notes:
            self._trees.publish(log, size, text)
        for job, value in done:
            job.result.set_result(value)

    def _one(self, connection: Connection, job: _Job, batch: Overlay, done: list[tuple[_Job, Any]]) -> None:
        if not job.result.set_running_or_notify_cancel():
            return  # whoever asked has gone before it began
        connection.exec_driver_sql(SAVEPOINT)
        transaction = Transaction(connection, self.now(), self._ground, batch)
        try:
            value = job.act(transaction)
        except BaseException as error:  # the outermost loop: the caller decides what a refusal means
            connection.exec_driver_sql(ROLLBACK)
            connection.exec_driver_sql(RELEASE)
            job.result.set_exception(error)
            return
        connection.exec_driver_sql(RELEASE)
        batch.absorb(transaction.overlay)
        done.append((job, value))

    def _seal(self, connection: Connection, batch: Overlay) -> list[tuple[str, int, str]]:
        notes = []
        for log in batch.entries.keys() | batch.receipts_wanted:
            size, root = self._trees.grow(connection, log, batch.entries.get(log, []))
            if log in batch.receipts_wanted:
                text = self._trees.sign(log, size, root)
                logs.store_checkpoint(connection, log, size, text)
                notes.append((log, size, text))
        return notes

    def now(self) -> datetime:
        """The clock of transactions: UTC, whole milliseconds."""
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

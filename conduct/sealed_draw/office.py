"""The parent's side of the draw process: states its key and asks it, one question at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from conduct.child import GONE, Child, Pipe
from conduct.sealed_draw import wire
from conduct.sealed_draw.questions import Question
from conduct.sealed_draw.refusals import ProcessAway

A = TypeVar("A")
OBITUARY = "the draw process ended; it is started again, and the parties are asked for their links again"
# A draw from a hundred thousand experts takes seconds; what takes this long never ends.
LONGEST_S = 120.0
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
State = Callable[[str], Awaitable[None]]


class DrawOffice:
    """A `DrawProcess` in a child process. Make it with `start`; end it with `close`."""

    def __init__(self, state: State) -> None:
        """`state` puts a new process's public key into the log, before anybody is given it."""
        self._state = state
        self._child = Child(["conduct.sealed_draw.process"], self._attend, OBITUARY)
        self._pipe: Pipe | None = None
        self._one_at_a_time = asyncio.Lock()
        self._is_ready = asyncio.Event()
        self.key = ""
        self.started = NEVER

    @classmethod
    async def start(cls, state: State, tasks: asyncio.TaskGroup) -> "DrawOffice":
        """Start a process whose watch runs in `tasks`; return when it answers."""
        office = cls(state)
        tasks.create_task(office._child.watch())
        await office._is_ready.wait()
        return office

    @property
    def pid(self) -> int | None:
        """Process id of the living process."""
        return self._child.pid

    async def wait_ready(self) -> None:
        """Wait until there is a process that answers."""
        await self._is_ready.wait()

    async def close(self) -> None:
        """End the process; what it holds is gone."""
        await self._child.close()

    async def ask(self, question: Question[A]) -> A:
        """See `DrawProcess`."""
        # An exchange once begun is finished whoever stops waiting: its answer must not be taken for the next one's.
        data = await asyncio.shield(self._exchange(wire.write_question(question)))
        answer: A = wire.read_answer(question, data)
        return answer

    async def _exchange(self, asked: bytes) -> bytes:
        async with self._one_at_a_time:
            pipe = self._pipe
            if pipe is None:
                raise ProcessAway
            try:
                async with asyncio.timeout(LONGEST_S):
                    await pipe.write(asked)
                    return await pipe.read()
            except TimeoutError:
                self._pipe = None  # or the next one would be given this one's answer
                self._is_ready.clear()
                pipe.give_up(f"the draw process took more than {LONGEST_S:.0f} s over one question")
                raise ProcessAway from None
            except GONE as gone:
                raise ProcessAway from gone

    async def _attend(self, pipe: Pipe) -> None:
        try:
            key = (await pipe.ready()).decode()
            await self._state(key)
            self._pipe, self.key, self.started = pipe, key, datetime.now(UTC)
            self._is_ready.set()
            await pipe.ended()
        finally:
            self._pipe, self.key = None, ""
            self._is_ready.clear()

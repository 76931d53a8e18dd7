"""The parent's side of the activation process: many questions at once, by number, each told its place in the queue."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from conduct.activation import wire
from conduct.activation.questions import Question, Told
from conduct.activation.refusals import ActivationAway
from conduct.activation.setup import Setup
from conduct.child import GONE, Child, Pipe
from media.pulse import BEAT_S, Pulse

A = TypeVar("A")
PROGRAM = "conduct.activation.process"
OBITUARY = "the activation process ended; it is started again, and whoever was signing is asked to sign again"
TELL_EVERY_S = 1.0
# Argon2 takes a quarter of a second, a token some more; what takes this long never ends.
ANSWER_S = 60.0
DEAD_S, STARVED_S = 5.0, 30.0
"""How long the process may owe a sign of life; the longer time is for a machine that gives it no processor."""


@dataclass(slots=True, eq=False)
class _Asked:
    answer: asyncio.Future[wire.Said | None]
    """What the process said in the end; None when it is gone."""

    begun_at: float | None = None
    """When it left the queue, by the loop's clock."""

    def settle(self, said: wire.Said | None) -> None:
        """The first word counts."""
        if not self.answer.done():
            self.answer.set_result(said)


class ActivationOffice:
    """An `Activation` in a child process. Make it with `start`; end it with `close`."""

    def __init__(self, setup: Setup) -> None:
        self._child = Child([PROGRAM, *setup.to_line()], self._attend, OBITUARY)
        self._pipe: Pipe | None = None
        self._numbers = count(1)
        self._asked: dict[int, _Asked] = {}
        self._is_ready = asyncio.Event()
        self._owes_since: float | None = None

    @classmethod
    async def start(cls, setup: Setup, tasks: asyncio.TaskGroup) -> "ActivationOffice":
        """Start a process whose watch runs in `tasks`; return when it answers."""
        office = cls(setup)
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
        """End the process."""
        await self._child.close()

    async def ask(self, question: Question[A], told: Told | None = None) -> A:
        """See `Activation`; `told` is called once a second while others come first.

        It is answered: a process that says nothing, or takes too long over one question, is ended, and all who wait
        hear that it is away.
        """
        pipe, number = self._pipe, next(self._numbers)
        if pipe is None:
            raise ActivationAway
        asked = self._asked[number] = _Asked(asyncio.get_running_loop().create_future())
        try:
            await pipe.write(wire.write_question(number, question))
            while not (await asyncio.wait({asked.answer}, timeout=TELL_EVERY_S))[0]:
                if told is not None:
                    await told(self._ahead(number))
        except ConnectionError as gone:
            raise ActivationAway from gone
        finally:
            del self._asked[number]
        said = asked.answer.result()
        if said is None:
            raise ActivationAway
        answer: A = wire.read_answer(question, said)
        return answer

    def _ahead(self, number: int) -> int:
        return sum(other < number and asked.begun_at is None for other, asked in self._asked.items())

    async def _attend(self, pipe: Pipe) -> None:
        try:
            await pipe.ready()
            self._pipe, self._owes_since = pipe, None
            self._is_ready.set()
            async with asyncio.TaskGroup() as tasks:
                feeling = tasks.create_task(self._feel(pipe))
                await self._listen(pipe)
                feeling.cancel()
        finally:
            self._pipe = None
            self._is_ready.clear()
            for asked in self._asked.values():
                asked.settle(None)

    async def _listen(self, pipe: Pipe) -> None:
        with suppress(*GONE):
            while True:
                self._hear(wire.read_said(await pipe.read()))

    async def _feel(self, pipe: Pipe) -> None:
        """Ask for a sign of life every beat, and give the process up when it hangs."""
        pulse, loop = Pulse(pipe.pid, DEAD_S, STARVED_S), asyncio.get_running_loop()
        while not (why := self._hangs(pulse, loop.time())):
            if self._owes_since is None:
                self._owes_since = loop.time()
                pipe.poke(wire.PULSE)
            await asyncio.sleep(BEAT_S)
        self._pipe = None
        self._is_ready.clear()
        pipe.give_up(why)

    def _hangs(self, pulse: Pulse, now: float) -> str:
        """Why the process is to be given up, "" while it is not."""
        silent_s = 0.0 if self._owes_since is None else now - self._owes_since
        if pulse.is_dead(silent_s):
            return f"the activation process gave no sign of life for {silent_s:.0f} s"
        begun = [asked.begun_at for asked in self._asked.values() if asked.begun_at is not None]
        if begun and now - min(begun) > ANSWER_S:
            return f"the activation process took more than {ANSWER_S:.0f} s over one question"
        return ""

    def _hear(self, said: wire.Said) -> None:
        self._owes_since = None
        asked = self._asked.get(said.number)  # whoever asked may have gone
        if asked is None:
            return
        if said.word == "begun":
            asked.begun_at = asyncio.get_running_loop().time()
        else:
            asked.settle(said)

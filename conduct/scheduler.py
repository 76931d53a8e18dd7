"""What happens by the clock: draws at their minute, calls, names opening, reports, seals, checkpoints.

It keeps no list of jobs: what is due is read from the state of each case, so a restart forgets nothing.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from conduct import (
    calling,
    checking_in,
    drawing,
    expert_draw,
    opening,
    pausing,
    prechecking,
    reporting,
    summing,
    tie_draw,
    venue_draw,
)
from conduct.ports import Tx
from conduct.rooms import Rooms
from conduct.rulebook import UNREADABLE
from conduct.sealed_draw.questions import DrawProcess, Held
from conduct.sealed_draw.refusals import Differs, LinksMissing, ProcessAway
from evaluation import incident
from evaluation.case import Case, CaseId, Pause, State

T = TypeVar("T")
TICK_S = 0.25
CHECKPOINT_S = 10.0
RETRY_S = 30.0

log = logging.getLogger("bid.scheduler")


class Store(Protocol):
    """What the scheduler needs of the store."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a transaction."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Look at the committed state."""
        ...

    def case(self, case: CaseId) -> Case:
        """A committed case."""
        ...

    async def checkpoint(self, log: str) -> int:
        """Sign a checkpoint of a log and state it in the deployment's."""
        ...

    def grown(self) -> list[str]:
        """Logs with entries beyond their newest checkpoint."""
        ...


CaseJob = Callable[[CaseId], Awaitable[None]]


class Scheduler:
    """Looks at every case four times a second and does what is due; the jobs take their time beside it.

    `jobs`: `report` renders one, `seal` makes the bag, `night` has the evening's checkpoint witnessed.
    """

    def __init__(self, store: Store, rooms: Rooms, process: DrawProcess, jobs: Mapping[str, CaseJob]) -> None:
        self._store = store
        self._rooms = rooms
        self._process = process
        precheck = partial(prechecking.run, store, turn=asyncio.Semaphore(prechecking.CHILDREN))
        self._jobs: dict[str, CaseJob] = {**jobs, "precheck": precheck}
        self._running: set[tuple[str, CaseId]] = set()
        self._next_call: dict[CaseId, datetime | None] = {}
        self._seen: dict[CaseId, tuple[Counter[str], int, int, int]] = {}
        self._checkpointed = 0.0
        self._still: set[CaseId] = set()

    async def run(self) -> None:
        """Tick for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._try(self._tick(tasks))
                await self._try(self._checkpoint())
                await asyncio.sleep(TICK_S)

    async def _tick(self, tasks: asyncio.TaskGroup) -> None:
        for case in await self._store.read(lambda tx: tx.cases()):
            if ("seal", case) not in self._running:  # or every case there ever was is looked after for ever
                await self._try(self._look_after_readable(case, tasks))

    async def _try(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:  # the outermost loop: one case's trouble must not stop the clock of the others
            log.exception("a tick failed; the next one tries again")

    async def _look_after_readable(self, case: CaseId, tasks: asyncio.TaskGroup) -> None:
        """A case whose rules cannot be read stands still, and is spoken of once."""
        try:
            await self._look_after(case, tasks)
        except UNREADABLE as refusal:
            if case not in self._still:
                log.error("case %s stands still: %s (docs/profiles.md): %s", case, refusal.code, refusal)
            self._still.add(case)
        else:
            self._still.discard(case)

    async def _look_after(self, case: CaseId, tasks: asyncio.TaskGroup) -> None:
        state = self._store.case(case)
        await self._rooms.keep(case)
        if state.state is State.CLOSED:
            self._start("seal", case, tasks)
            return
        with suppress(ProcessAway, LinksMissing, Differs):  # pages say what is waited for; the next tick looks again
            await self._draw(state)
            await self._call(state)
        if state.pause is not None:
            await self._look_at_pause(state, state.pause, tasks)
            return
        if opening.is_due(state):
            with suppress(ProcessAway, LinksMissing, Differs):
                await opening.open_committee(self._store, self._process, case)
        if state.state is State.CHECK_IN and state.is_open and await self._rooms.is_green(case):
            await self._store.act(lambda tx: checking_in.ready(tx, case, "green"))
        if prechecking.is_due(state):
            self._start("precheck", case, tasks)
        if reporting.is_due(state):
            self._start("report", case, tasks)

    async def _look_at_pause(self, state: Case, pause: Pause, tasks: asyncio.TaskGroup) -> None:
        if incident.is_over(state, datetime.now(UTC)) and not pause.is_over:
            await self._store.act(lambda tx: pausing.expire(tx, state.id))
        if pause.kind == "night" and not pause.sealed:
            self._start("night", state.id, tasks)

    async def _draw(self, state: Case) -> None:
        for name, run in (("venues", venue_draw.run), ("experts", expert_draw.run)):
            draw = state.draws.get(name)
            if draw is None or draw.now.order or not draw.root:
                continue
            await self._name_the_silent(state.id, name)
            if drawing.is_due(draw, datetime.now(UTC)):
                await run(self._store, self._process, state.id)
                self._next_call[state.id] = datetime.now(UTC)
        for name, draw in tie_draw.waiting(state).items():
            await self._name_the_silent(state.id, name)
            if drawing.is_due(draw, datetime.now(UTC)) and state.pause is None:
                await tie_draw.run(self._store, self._process, state.id, name, summing.go_on)
        if state.state is State.OPENED:
            await expert_draw.rescreen(self._store, self._process, state.id)

    async def _name_the_silent(self, case: CaseId, name: str) -> None:
        if not await self._store.read(lambda tx: drawing.is_overdue(tx, case, name, self._process.started)):
            return
        held, since = await self._process.ask(Held()), self._process.started
        await self._store.act(lambda tx: drawing.void_silent(tx, case, name, frozenset(held), since))

    async def _call(self, state: Case) -> None:
        """Go on calling experts when a wait has run out or an answer came in."""
        if not calling.is_calling(state):
            return
        experts = state.draws["experts"]
        late = sum(one.confirmed for one in experts.replacements) + len(experts.rounds)
        seen = (Counter(state.notices.values()), experts.placed, len(state.bids), late)
        due = self._next_call.get(state.id, datetime.now(UTC))
        if seen == self._seen.get(state.id) and (due is None or due > datetime.now(UTC)):
            return
        self._next_call[state.id] = await calling.call(self._store, self._process, state.id)
        self._seen[state.id] = seen

    def _start(self, name: str, case: CaseId, tasks: asyncio.TaskGroup) -> None:
        if (name, case) not in self._running:
            self._running.add((name, case))
            tasks.create_task(self._do(name, case))

    async def _do(self, name: str, case: CaseId) -> None:
        try:
            await self._jobs[name](case)
        except Exception:  # the outermost loop: one case's trouble must not stop the clock of the others
            log.exception("%s of %s failed; it is tried again", name, case)
            await asyncio.sleep(RETRY_S)
            self._running.discard((name, case))
        else:
            if name != "seal":
                self._running.discard((name, case))

    async def _checkpoint(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._checkpointed < CHECKPOINT_S:
            return
        self._checkpointed = now
        # Together: one commit signs them all, and one checkpoint of the deployment's log holds them all.
        await asyncio.gather(*(self._store.checkpoint(case) for case in self._store.grown()))

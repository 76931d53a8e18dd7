"""What the clock does by itself in a case, and when it keeps its hands off."""

import asyncio
from typing import Any, cast

import pytest

from conduct.rulebook import ProfileDamaged
from conduct.scheduler import Scheduler
from evaluation.case import Case, CaseId, Pause, State
from tests.services.parties import BesideProcess

CASE = CaseId("E-1")


class Rooms:
    kept = 0

    async def keep(self, _case: CaseId) -> None:
        """A room is as it should be."""
        self.kept += 1


class Store:
    """One case; every act is remembered and refused."""

    def __init__(self, state: Case) -> None:
        self.state = state

    def case(self, _case: CaseId) -> Case:
        return self.state

    async def read(self, _look: object) -> list[CaseId]:
        return [CASE]

    async def act(self, _act: object) -> None:
        raise AssertionError("something was stated")


@pytest.mark.parametrize("state", [State.CHECK_IN, State.RECHECK])
async def test_nothing_happens_by_itself_while_work_is_paused(state: State) -> None:
    paused = Case(CASE, state, pauses=(Pause("break", "2026-11-23T04:00:00.000Z"),), candidates=("A",))
    begun: list[CaseId] = []

    async def job(case: CaseId) -> None:
        begun.append(case)

    clock = Scheduler(
        cast(Any, Store(paused)), cast(Any, Rooms()), BesideProcess(), dict.fromkeys(("report", "seal", "night"), job)
    )
    async with asyncio.TaskGroup() as tasks:
        await clock._look_after(CASE, tasks)
    assert not begun


async def test_a_closed_case_is_sealed_and_then_looked_after_no_more() -> None:
    begun: list[CaseId] = []

    async def job(case: CaseId) -> None:
        begun.append(case)

    rooms = Rooms()
    clock = Scheduler(cast(Any, Store(Case(CASE, State.CLOSED))), cast(Any, rooms), BesideProcess(), {"seal": job})
    for _ in range(3):
        async with asyncio.TaskGroup() as tasks:
            await clock._tick(tasks)
    assert (begun, rooms.kept) == ([CASE], 1)


async def test_logs_that_have_grown_get_their_checkpoints_together_not_one_after_the_other() -> None:
    class Grown(Store):
        asked = asyncio.Barrier(3)

        def grown(self) -> list[str]:
            return ["E-1", "E-2", "E-3"]

        async def checkpoint(self, _log: str) -> int:
            await self.asked.wait()
            return 1

    clock = Scheduler(cast(Any, Grown(Case(CASE))), cast(Any, Rooms()), BesideProcess(), {})
    async with asyncio.timeout(20):
        await clock._checkpoint()
    assert not Grown.asked.broken


async def test_a_case_whose_rules_cannot_be_read_is_spoken_of_once_until_it_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Still(Rooms):
        damaged = True

        async def keep(self, case: CaseId) -> None:
            if self.damaged:
                raise ProfileDamaged("ab")
            await super().keep(case)

    rooms = Still()
    clock = Scheduler(cast(Any, Store(Case(CASE, State.DRAFT))), cast(Any, rooms), BesideProcess(), {})
    async with asyncio.TaskGroup() as tasks:
        for damaged in (True, True, False, True):
            rooms.damaged = damaged
            await clock._tick(tasks)
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"case {CASE} stands still: profile.damaged (docs/profiles.md): ab"] * 2

"""What the clock does by itself in a case, and when it keeps its hands off."""

import asyncio
from typing import Any, cast

import pytest

from conduct.scheduler import Scheduler
from evaluation.case import Case, CaseId, Pause, State
from tests.services.parties import BesideProcess

CASE = CaseId("E-1")


class Rooms:
    async def keep(self, _case: CaseId) -> None:
        """A room is as it should be."""


class Store:
    """One case; every act is remembered and refused."""

    def __init__(self, state: Case) -> None:
        self.state = state

    def case(self, _case: CaseId) -> Case:
        return self.state

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

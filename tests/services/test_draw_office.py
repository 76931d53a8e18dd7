"""The draw process as a child of the server: one that hangs is ended by name, and the next one answers."""

import asyncio
import os
import signal

import pytest

from conduct.sealed_draw.office import DrawOffice
from conduct.sealed_draw.questions import Held
from conduct.sealed_draw.refusals import ProcessAway


async def test_a_draw_process_that_hangs_is_ended_and_its_answer_is_nobody_elses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keys: list[str] = []

    async def state(key: str) -> None:
        keys.append(key)

    monkeypatch.setattr("conduct.sealed_draw.office.LONGEST_S", 1.0)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        office = await DrawOffice.start(state, tasks)
        hung = office.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        refused = await asyncio.gather(office.ask(Held()), office.ask(Held()), return_exceptions=True)
        assert [type(one) for one in refused] == [ProcessAway, ProcessAway]
        await office.wait_ready()
        monkeypatch.setattr("conduct.sealed_draw.office.LONGEST_S", 30.0)
        assert await office.ask(Held()) == ()
        await office.close()
    assert len(set(keys)) == 2
    assert f"process {hung} is ended: the draw process took more than 1 s over one question" in caplog.text

"""A case on the measured server, brought by the demo's people to where its desk is open: statements can be signed."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path

from demo import story_before
from demo.deployment import deployed
from demo.progress import Progress
from demo.server_process import ServerProcess
from demo.story_before import Stage

LAUNCH = Path(__file__).parent / "launch" / "server_with_floor.py"
ROOT = Path(__file__).parent.parent


BEFORE = (story_before.apply, story_before.draw_venues, story_before.draw_experts, story_before.open_bids)


class Measured(ServerProcess):
    """The server with the floor beside its routes."""

    PROGRAM = str(LAUNCH)


@asynccontextmanager
async def at_the_desk(folder: Path) -> AsyncIterator[Stage]:
    """A running server with a case whose check-in is open."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    async with deployed(folder, "BENCH-2026-0001", Progress(1), {"PYTHONPATH": paths}, Measured) as made:
        with redirect_stdout(sys.stderr):
            await made.play(BEFORE)
        await story_before.open_desk(made.stage)
        made.dismiss_machines()
        yield made.stage

"""A case on the measured server, brought by the demo's people to where its desk is open: statements can be signed."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path

from demo import cast as people
from demo import packages, pool, story_before
from demo.client import Refused
from demo.progress import Progress
from demo.provider import Provider
from demo.server_process import ServerProcess, free_port
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
    provider = Provider(secrets.token_urlsafe(24))
    await provider.start()
    papers = folder / "papers"
    papers.mkdir()
    trading = packages.make_party("演示交易系统")
    (papers / "trading.pem").write_bytes(trading.pem)
    settings = {
        "BID_PROVIDER_URL": provider.url,
        "BID_PROVIDER_TOKEN": provider.token,
        "BID_TRADING_CERTIFICATE": str(papers / "trading.pem"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    server = Measured(folder / "server", settings, free_port())
    await server.start()
    cast = await people.assemble(server.site, server.setup, list(pool.REGIONS[: len(people.SUBS) + 1]))
    try:
        for venue in (people.MAIN, *people.SUBS):
            await people.pair_seats(cast, venue, 2)
        async with asyncio.TaskGroup() as tasks:
            stage = Stage(
                cast=cast,
                provider=provider,
                trading=trading,
                bidders=packages.make_bidders(),
                folder=papers,
                number="BENCH-2026-0001",
                root=server.root,
                vkey=(server.trust / "log.vkey").read_text("utf-8").strip(),
                progress=Progress(1),
                tasks=tasks,
            )
            story_before.answered(stage, provider.token)
            machines = story_before.run_machines(stage)
            with redirect_stdout(sys.stderr):
                for act in BEFORE:
                    await act(stage)
            await open_desk(stage)
            for machine in machines:
                machine.cancel()
            yield stage
    finally:
        await cast.close()
        await server.stop()
        await provider.close()


async def open_desk(stage: Stage) -> None:
    """Open check-in as soon as every place is filled again; until then the server is still calling."""
    async with asyncio.timeout(story_before.WAIT_S):
        while True:
            try:
                await stage.cast["main"].post(f"{stage.case}/desk/open")
            except Refused as refused:
                if refused.code != "checkin.members_missing":
                    raise
                await asyncio.sleep(0.3)
            else:
                return

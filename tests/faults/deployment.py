"""The real server with the people of the demo around it, for tests that break it in the middle of their work."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from demo import cast as people
from demo import packages, pool, story_before, story_room
from demo.progress import Progress
from demo.provider import Provider
from demo.server_process import ServerProcess, free_port
from demo.story_before import Stage

LAST_WORDS = 4000
Act = Callable[[Stage], Awaitable[None]]
BEFORE: tuple[Act, ...] = (
    story_before.apply,
    story_before.draw_venues,
    story_before.draw_experts,
    story_before.open_bids,
    story_before.check_in,
)
"""Everything until the committee sits and is seen and heard."""
AFTER: tuple[Act, ...] = (story_room.sum_up, story_room.sign_report)
"""Everything between the last sheet and the close."""


@dataclass
class Deployment:
    """A running server on a folder of its own, and whoever takes part."""

    server: ServerProcess
    stage: Stage
    parties: list["asyncio.Task[None]"]

    async def play(self, acts: tuple[Act, ...]) -> None:
        """Parts of the demo's story, one after the other."""
        for act in acts:
            await act(self.stage)

    def dismiss_parties(self) -> None:
        """The key services go home: no draw is left, and they would not outlive the server's death."""
        for party in self.parties:
            party.cancel()
        self.parties.clear()


@asynccontextmanager
async def deployed(folder: Path, state: Path | None = None, **settings: str) -> AsyncIterator[Deployment]:
    """A fresh deployment with accounts, venues and paired seats; `state` is where the server keeps its own."""
    provider = Provider(secrets.token_urlsafe(24))
    await provider.start()
    papers = folder / "papers"
    papers.mkdir(parents=True)
    trading = packages.make_party("演示交易系统")
    (papers / "trading.pem").write_bytes(trading.pem)
    given = settings_of(provider, papers / "trading.pem") | settings
    server = ServerProcess(state or folder / "server", given, free_port())
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
                number="FAULT-2026-0001",
                root=server.root,
                vkey=(server.trust / "log.vkey").read_text("utf-8").strip(),
                progress=Progress(1),
                tasks=tasks,
            )
            story_before.answered(stage, provider.token)
            made = Deployment(server, stage, story_before.run_machines(stage))
            try:
                yield made
            finally:
                made.dismiss_parties()
                if stage.cameras is not None:
                    await stage.cameras.close()
    except BaseException:
        print((server.state / "server.log").read_text("utf-8")[-LAST_WORDS:])
        raise
    finally:
        await cast.close()
        await server.stop()
        await provider.close()


def settings_of(provider: Provider, trading: Path) -> dict[str, str]:
    """What the demo sets."""
    return {
        "BID_ORGANISATION": "演示交易中心",
        "BID_LOG_NAME": "fault.example/bid",
        "BID_PROVIDER_URL": provider.url,
        "BID_PROVIDER_TOKEN": provider.token,
        "BID_TRADING_CERTIFICATE": str(trading),
    }

"""A running server with everybody around it: provider, trading system, accounts, paired seats, key services."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from demo import cast as people
from demo import packages, pool, story_before
from demo.progress import Progress
from demo.provider import Provider
from demo.server_process import ServerProcess, free_port
from demo.story_before import Stage

Act = Callable[[Stage], Awaitable[None]]
SEATS_A_VENUE = 2


@dataclass
class Deployment:
    """A running server on a folder of its own, and whoever takes part."""

    server: ServerProcess
    stage: Stage
    machines: list["asyncio.Task[None]"]

    async def play(self, acts: tuple[Act, ...]) -> None:
        """Parts of the story, one after the other."""
        for act in acts:
            await act(self.stage)

    def dismiss_machines(self) -> None:
        """Provider's line and key services go home: no draw is left, and they would not outlive the server's death."""
        for machine in self.machines:
            machine.cancel()
        self.machines.clear()


@asynccontextmanager
async def deployed(
    folder: Path,
    number: str,
    progress: Progress,
    settings: Mapping[str, str] = MappingProxyType({}),
    server_at: Callable[[Path, dict[str, str], int], ServerProcess] = ServerProcess,
) -> AsyncIterator[Deployment]:
    """Start a fresh deployment under `folder`; its first case will have this number.

    `settings` are `BID_…` on top; `server_at` makes the server's process from its state folder, settings and port.
    """
    provider = Provider(secrets.token_urlsafe(24))
    await provider.start()
    papers = folder / "papers"
    papers.mkdir(parents=True)
    trading = packages.make_party("演示交易系统")
    (papers / "trading.pem").write_bytes(trading.pem)
    given = _settings(provider, papers / "trading.pem") | dict(settings)
    server = server_at(Path(given.pop("BID_STATE", folder / "server")), given, free_port())
    await server.start()
    cast = await people.assemble(server.site, server.setup, list(pool.REGIONS[: len(people.SUBS) + 1]))
    try:
        for venue in (people.MAIN, *people.SUBS):
            await people.pair_seats(cast, venue, SEATS_A_VENUE)
        async with asyncio.TaskGroup() as tasks:
            stage = Stage(
                cast=cast,
                provider=provider,
                trading=trading,
                bidders=packages.make_bidders(),
                folder=papers,
                number=number,
                root=server.root,
                vkey=(server.trust / "log.vkey").read_text("utf-8").strip(),
                progress=progress,
                tasks=tasks,
            )
            story_before.answered(stage, provider.token)
            made = Deployment(server, stage, story_before.run_machines(stage))
            try:
                yield made
            finally:
                made.dismiss_machines()
                if stage.cameras is not None:
                    await stage.cameras.close()
    finally:
        await cast.close()
        await server.stop()
        await provider.close()


def _settings(provider: Provider, trading: Path) -> dict[str, str]:
    return {
        "BID_ORGANISATION": "演示交易中心",
        "BID_LOG_NAME": "demo.example/bid",
        "BID_PROVIDER_URL": provider.url,
        "BID_PROVIDER_TOKEN": provider.token,
        "BID_TRADING_CERTIFICATE": str(trading),
    }

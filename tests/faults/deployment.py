"""The real server with the people of the demo around it, for tests that break it in the middle of their work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from demo import deployment, story_before, story_room
from demo.deployment import Act, Deployment
from demo.progress import Progress

LAST_WORDS = 4000
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


@asynccontextmanager
async def deployed(folder: Path, **settings: str) -> AsyncIterator[Deployment]:
    """A fresh deployment; when something breaks, the server's last words are printed."""
    try:
        async with deployment.deployed(folder, "FAULT-2026-0001", Progress(1), settings) as made:
            yield made
    except BaseException:
        log = Path(settings.get("BID_STATE", folder / "server")) / "server.log"
        print(log.read_text("utf-8")[-LAST_WORDS:])
        raise


__all__ = ["AFTER", "BEFORE", "Act", "Deployment", "deployed"]

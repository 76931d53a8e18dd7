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


def child_of(server: int, module: str) -> int:
    """Process id of the child of a server that runs this module."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text("ascii").split()
    (found,) = (one for one in children if module.encode() in Path(f"/proc/{one}/cmdline").read_bytes())
    return int(found)


__all__ = ["AFTER", "BEFORE", "Act", "Deployment", "child_of", "deployed"]

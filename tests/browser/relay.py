"""A real coturn in the centre's network, on the configuration that the server writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.browser.network import Namespace

SECRET = "of-a-test-and-nothing-else-0123456789"
READY_SECONDS = 20


@asynccontextmanager
async def a_relay(centre: Namespace, configuration: Path, port: int) -> AsyncIterator[None]:
    """coturn, once it listens on this port."""
    log = configuration.with_suffix(".log")
    command = ("turnserver", "-c", str(configuration), "--pidfile=", "--db", str(configuration.with_suffix(".db")))
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(*centre.within, *command, stdout=file, stderr=file)
    try:
        async with asyncio.timeout(READY_SECONDS):
            while f":{port} " not in await _listening(centre):
                assert process.returncode is None, log.read_text(encoding="utf-8")
        yield
    finally:
        process.terminate()
        await process.wait()


async def _listening(centre: Namespace) -> str:
    """What waits for connections there; to ask takes long enough to ask again at once."""
    process = await asyncio.create_subprocess_exec(*centre.within, "ss", "-ltn", stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0].decode()

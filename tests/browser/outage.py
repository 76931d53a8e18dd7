"""A black hole between browsers and server: packets vanish, no connection is told. Needs to be root."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.browser.site import Site


@asynccontextmanager
async def an_outage(site: Site) -> AsyncIterator[None]:
    """Nothing passes to or from the server's ports on loopback."""
    table = f"bid_outage_{os.getpid()}"
    ports = f"{{ {site.port}, {site.media_port} }}"
    rules = "".join(f"meta l4proto {{ tcp, udp }} th {side} {ports} drop\n" for side in ("sport", "dport"))
    await _nft(f"table inet {table} {{\nchain in {{\ntype filter hook input priority 0;\n{rules}}}\n}}\n")
    try:
        yield
    finally:
        await _nft(f"delete table inet {table}\n")


async def _nft(commands: str) -> None:
    process = await asyncio.create_subprocess_exec("nft", "-f", "-", stdin=asyncio.subprocess.PIPE)
    await process.communicate(commands.encode())
    assert process.returncode == 0

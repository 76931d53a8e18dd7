"""Witnesses of our log, asked over HTTP (C2SP tlog-witness). What they answer is believed only by its signature."""

import aiohttp

from conduct.cosigning import Answer, Away
from gateways import bounded

TIMEOUT = aiohttp.ClientTimeout(total=10)
MOST_BYTES = 64 * 1024


class Witnesses:
    """One connection pool for all of them."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, url: str, body: bytes) -> Answer:
        """The answer to an add-checkpoint body. Raises `Away`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            async with self._session.post(f"{url.rstrip('/')}/add-checkpoint", data=body) as answer:
                return Answer(answer.status, await bounded.body(answer, MOST_BYTES))
        except (aiohttp.ClientError, TimeoutError, bounded.TooLong) as error:
            raise Away(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

"""Messages that leave the house: calls to experts, links to bidders. One HTTP provider, told by JSON, at least once.

The provider gets a receipt number, a telephone number and a time, never the project (两随机、四不知).
"""

from typing import Any

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=10)
SENT = 300


class NotSent(Exception):
    """The provider did not take the message; it stays in the outbox."""

    code = "message.not_sent"


class Messenger:
    """Posts `{"channel", …}` to the provider's address with its access token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def send(self, channel: str, payload: dict[str, Any]) -> None:
        """Hand one message over. Raises `NotSent`."""
        if not self._url:
            raise NotSent("no provider is configured")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._session.post(self._url, json={"channel": channel, **payload}, headers=headers) as answer:
                if answer.status >= SENT:
                    raise NotSent(str(answer.status))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSent(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

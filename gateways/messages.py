"""Messages that leave the house: calls to experts, links to bidders. One HTTP provider, told by JSON, at least once.

The provider gets a receipt number, a telephone number, a time and a place, never the project (两随机、四不知);
docs/notices.md is its side of it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import aiohttp

from conduct.posting import NotSent
from conduct.tickets import invitation
from expert_pool.wording import call_text, message_text
from signing.canonical import canonical

VERSION = "bid-notice/1"
TIMEOUT = aiohttp.ClientTimeout(total=10)
SENT = 300
_TOLD = ("ticket", "try", "phone", "start", "venue", "days", "overnight")


class ByHand:
    """No provider: calls wait on the page of the pool owner's operator, links on that of the main venue's staff."""

    channels: tuple[str, ...] = ()

    async def send(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Nothing leaves by itself."""
        raise NotSent(channel)

    async def close(self) -> None:
        """Nothing is open."""


class HttpProvider:
    """Posts messages to the provider's address with its access token; `origin` begins links, `contact` is told."""

    channels = ("notice", "bidder")

    def __init__(self, url: str, token: str, origin: str, contact: str) -> None:
        self._url = url
        self._token = token
        self._origin = origin
        self._contact = contact
        self._session: aiohttp.ClientSession | None = None

    async def send(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Hand one message over. The same message again has the same `Idempotency-Key`. Raises `NotSent`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key_of(channel, payload)}
        body = {"v": VERSION, "channel": channel, **self._body(channel, payload)}
        try:
            async with self._session.post(self._url, json=body, headers=headers, allow_redirects=False) as answer:
                if answer.status >= SENT:
                    raise NotSent(f"status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSent(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _body(self, channel: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        if channel != "notice":
            return dict(payload)
        told = invitation(dict(payload), self._origin, self._contact)
        return {**{name: payload[name] for name in _TOLD}, "call": call_text(told), "message": message_text(told)}


def key_of(channel: str, payload: Mapping[str, Any]) -> str:
    """The same for the same message, another for any other: SHA-256 of its canonical bytes."""
    return hashlib.sha256(canonical({"channel": channel, **payload})).hexdigest()

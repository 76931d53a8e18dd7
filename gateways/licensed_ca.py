"""A licensed CA behind its adapter, asked over HTTP (docs/licensed-ca.md). It judges nothing but the answer's shape."""

from base64 import b64decode, b64encode
from dataclasses import asdict

import aiohttp
import msgspec
from msgspec import Struct

from conduct.licensed import Asked, LicensedAway, LicensedRefused
from gateways import bounded

VERSION = "bid-event-certificate/1"
TIMEOUT = aiohttp.ClientTimeout(total=10)
MOST_BYTES = 64 * 1024
GRANTED, REFUSED_FROM, FAULT_FROM = 200, 400, 500
MOST_WORDS = 300


class Answer(Struct):
    """What the adapter grants."""

    v: str
    certificates: list[str]


class Refusal(Struct):
    """Why it does not."""

    error: str = ""


class HttpLicensedCa:
    """The adapter at `url`, shown `token`."""

    def __init__(self, url: str, token: str, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def certificates(self, asked: Asked) -> list[bytes]:
        """See `LicensedCa`."""
        status, data = await self._ask(asked)
        try:
            if REFUSED_FROM <= status < FAULT_FROM:
                raise LicensedRefused(msgspec.json.decode(data, type=Refusal).error[:MOST_WORDS])
            if status != GRANTED:
                raise LicensedAway(f"status {status}")
            answer = msgspec.json.decode(data, type=Answer)
            if answer.v != VERSION:
                raise LicensedAway(f"speaks {answer.v[:MOST_WORDS]}")
            return [b64decode(one, validate=True) for one in answer.certificates]
        except (msgspec.DecodeError, ValueError) as error:
            raise LicensedAway("its answer cannot be read") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, asked: Asked) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        body = {
            "v": VERSION,
            "request": asked.number,
            "csr": b64encode(asked.csr).decode(),
            "not_after": asked.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "identity": asdict(asked.identity),
        }
        try:
            async with self._session.post(self._url, json=body, allow_redirects=False) as answer:
                data = await bounded.body(answer, MOST_BYTES)
        except (aiohttp.ClientError, TimeoutError, bounded.TooLong) as error:
            raise LicensedAway(type(error).__name__) from error
        return answer.status, data

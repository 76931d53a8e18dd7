"""Time stamps over signatures: wanted with the signature's own transaction, asked for from the outbox, awaited at seal.

A signature never waits for its stamp, and an authority that is away loses none (docs/timestamps.md).
"""

import asyncio
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from archive.verifier import authorities, timestamp
from archive.verifier.authorities import Authority as Believed
from conduct.ports import Tx
from conduct.posting import NotSent
from evaluation.case import CaseId
from signing.timestamp import Stamper

T = TypeVar("T")
CHANNEL = "timestamp"
RETRY_S = 5.0
SERIAL_BITS = 158


class NotStamped(NotSent):
    """The authority is away, or its answer is no stamp over what was asked; the message says how."""

    code = "timestamp.not_stamped"


class Authority(Protocol):
    """Somebody who stamps times."""

    async def stamp(self, imprint: bytes, /) -> bytes:
        """A believed TimeStampResp over bytes of that SHA-256. Raises `NotStamped`."""
        ...


class Store(Protocol):
    """What stamping needs of the store."""

    def look(self, look: Callable[[Tx], T], /) -> T:
        """Run a function that only looks."""
        ...

    def signatures(self, log: str, /) -> list[Any]:
        """All signatures over a log's statements."""
        ...

    def timestamp(self, sha256: str, /) -> bytes | None:
        """The stamp over the bytes of this digest."""
        ...

    async def keep_timestamp(self, sha256: str, response: bytes, /) -> None:
        """Keep a believed stamp."""
        ...


class Embedded:
    """The centre's own authority, on the server's clock; the stranger's check believes each stamp before it is kept."""

    def __init__(self, stamper: Stamper, root: bytes) -> None:
        self._stamper = stamper
        self._trusted = (authorities.read(root),)

    async def stamp(self, imprint: bytes) -> bytes:
        """See `Authority`."""
        now = datetime.now(UTC)
        response = self._stamper.stamp(imprint, now, secrets.randbits(SERIAL_BITS) | 1)
        believe(response, imprint, self._trusted, now)
        return response

    async def close(self) -> None:
        """Nothing is open."""


class Stamping:
    """Carries what waits in the outbox to an authority and keeps its stamps."""

    channels = (CHANNEL,)

    def __init__(self, store: Store, authority: Authority) -> None:
        self._store = store
        self._authority = authority

    async def send(self, _channel: str, payload: Mapping[str, Any]) -> None:
        """See `conduct.posting.Carrier`: stamp one signature. Raises `NotStamped`."""
        await self._stamp(payload["sha256"])

    async def until_stamped(self, case: CaseId) -> None:
        """Wait until every signature of a case has its stamp, asking for those that nobody asked for."""
        for digest in await asyncio.to_thread(self._digests, case):
            while self._store.timestamp(digest) is None:
                try:
                    await self._stamp(digest)
                except NotStamped:
                    await asyncio.sleep(RETRY_S)

    async def until_stamp_over(self, data: bytes) -> bytes:
        """A stamp over these bytes, which the caller keeps; asked for until there is one."""
        while True:
            try:
                return await self._authority.stamp(sha256(data).digest())
            except NotStamped:
                await asyncio.sleep(RETRY_S)

    async def _stamp(self, digest: str) -> None:
        if self._store.timestamp(digest) is None:
            await self._store.keep_timestamp(digest, await self._authority.stamp(bytes.fromhex(digest)))

    def _digests(self, case: CaseId) -> list[str]:
        rows = self._store.signatures(case)
        over_reports = self._store.look(lambda tx: list(released_with(tx, case)))
        return [sha256(cms).hexdigest() for cms in (*(row.cms for row in rows), *over_reports)]


def want(tx: Tx, signature: bytes) -> None:
    """Have a signature stamped, over restarts if need be."""
    tx.send(CHANNEL, {"sha256": sha256(signature).hexdigest()})


def released_with(tx: Tx, case: CaseId) -> Iterable[bytes]:
    """The signatures of a case that are over no statement: those over reports."""
    return (b64decode(row["cms"]) for _, row in tx.shelf(case, "extra").items())


def believe(response: bytes, imprint: bytes, trusted: tuple[Believed, ...], now: datetime) -> timestamp.Stamp:
    """Hold a stamp against the stranger's check. Raises `NotStamped`, and `NotKnown` for another algorithm."""
    try:
        return timestamp.verify(response, imprint, trusted, int(now.timestamp()))
    except timestamp.StampRefused as refused:
        raise NotStamped(refused.code) from refused

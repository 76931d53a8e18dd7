"""Time stamps over signatures: wanted with the signature's own transaction, asked for from the outbox, awaited at seal.

A signature never waits for its stamp, and an authority that is away loses none (docs/timestamps.md).
"""

import asyncio
import logging
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from conduct.ports import Tx
from conduct.posting import IDLE_S, Message, Outbox, Refusals
from evaluation.case import CaseId
from signing.timestamp import Stamper

T = TypeVar("T")
CHANNEL = "timestamp"
RETRY_S = 5.0
SERIAL_BITS = 158

log = logging.getLogger("bid.stamping")


class NotStamped(Exception):
    """The authority is away, or its answer is no stamp over what was asked; the message says how."""

    code = "timestamp.not_stamped"


class Authority(Protocol):
    """Somebody who stamps times."""

    async def stamp(self, imprint: bytes, /) -> bytes:
        """A believed TimeStampResp over bytes of that SHA-256. Raises `NotStamped`."""
        ...


class Store(Outbox, Protocol):
    """What stamping needs of the store."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a transaction."""
        ...

    def look(self, look: Callable[[Tx], T], /) -> T:
        """Run a function that only looks."""
        ...

    def signatures(self, log: str, /) -> list[Any]:
        """All signatures over a log's statements."""
        ...

    def timestamp(self, sha256: str, /) -> bytes | None:
        """The stamp over the bytes of this digest."""
        ...


class Embedded:
    """The centre's own authority: its word on the server's clock."""

    def __init__(self, stamper: Stamper) -> None:
        self._stamper = stamper

    async def stamp(self, imprint: bytes) -> bytes:
        """See `Authority`."""
        serial = secrets.randbits(SERIAL_BITS) | 1
        return await asyncio.to_thread(self._stamper.stamp, imprint, datetime.now(UTC), serial)

    async def close(self) -> None:
        """Nothing is open."""


class Stamping:
    """Takes what waits in the outbox to an authority; a round's stamps are kept in one transaction."""

    def __init__(self, store: Store, authority: Authority, alarm: Callable[[str], None]) -> None:
        self._store = store
        self._authority = authority
        self._refusals = Refusals(store, CHANNEL, alarm)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            try:
                await self.round()
            except Exception:  # the outermost loop: what could not be stamped waits where it was
                log.exception("a round of time stamps failed; the next one tries again")
            await asyncio.sleep(IDLE_S)

    async def round(self) -> None:
        """Stamp what is due now, until the authority refuses one."""
        stamps: dict[int, tuple[str, bytes]] = {}
        refusal: tuple[Message, str] | None = None
        for message in await self._store.due((CHANNEL,)):
            digest = message.payload["sha256"]
            try:
                stamps[message.id] = digest, await self._authority.stamp(bytes.fromhex(digest))
            except NotStamped as refused:
                refusal = message, str(refused)
                break
        if stamps:
            await self._store.act(lambda tx: _settle(tx, stamps))
            self._refusals.taken()
        if refusal:
            await self._refusals.keep(*refusal)

    async def until_stamped(self, case: CaseId) -> None:
        """Wait until every signature of a case has its stamp, asking for those that nobody asked for."""
        for digest in await asyncio.to_thread(self._digests, case):
            if self._store.timestamp(digest) is None:
                await self._keep(digest, await self._until_stamp(bytes.fromhex(digest)))

    async def until_stamp_over(self, data: bytes) -> bytes:
        """A stamp over these bytes, which the caller keeps; asked for until there is one."""
        return await self._until_stamp(sha256(data).digest())

    async def _keep(self, digest: str, response: bytes) -> None:
        await self._store.act(lambda tx: tx.keep_timestamp(digest, response))

    async def _until_stamp(self, imprint: bytes) -> bytes:
        while True:
            try:
                return await self._authority.stamp(imprint)
            except NotStamped:
                await asyncio.sleep(RETRY_S)

    def _digests(self, case: CaseId) -> list[str]:
        rows = self._store.signatures(case)
        over_reports = self._store.look(lambda tx: list(released_with(tx, case)))
        return [sha256(file).hexdigest() for file in (*(file for row in rows for file in row.files), *over_reports)]


def _settle(tx: Tx, stamps: Mapping[int, tuple[str, bytes]]) -> None:
    """Keep the stamps of messages by their number, and forget the messages."""
    for message, (digest, response) in stamps.items():
        tx.keep_timestamp(digest, response)
        tx.taken(message)


def want(tx: Tx, signature: bytes) -> None:
    """Have a signature stamped, over restarts if need be."""
    tx.send(CHANNEL, {"sha256": sha256(signature).hexdigest()})


def released_with(tx: Tx, case: CaseId) -> Iterable[bytes]:
    """The signatures of a case that are over no statement: those over reports."""
    rows = (row for _, row in tx.shelf(case, "extra").items())
    return (b64decode(row[name]) for row in rows for name in ("cms", "twin") if row.get(name))

"""From a closed case to a judged bag: gather, write once, seal, have a second process verify, keep the verdict."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar

from archive.bag import BagExists, write_bag
from archive.bag_source import Seal
from conduct import sealing
from conduct.attesting import attest
from conduct.cosigning import Cosigning
from conduct.ports import Tx
from conduct.stamping import Stamping
from evaluation.case import CaseId
from signing.ca import Authority
from signing.cms import Chain, sign_detached

T = TypeVar("T")


class Store(sealing.Evidence, Protocol):
    """What sealing needs of the store."""

    def act(self, act: Callable[[Tx], T], /) -> Awaitable[T]:
        """Run a transaction."""
        ...

    def read(self, look: Callable[[Tx], T], /) -> Awaitable[T]:
        """Look at the committed state."""
        ...

    def checkpoint(self, log: str, /) -> Awaitable[int]:
        """Sign the log's last checkpoint and state it in the deployment's log."""
        ...


@dataclass(frozen=True, slots=True)
class Sealer:
    """The centre's seal and where its bags go. `trust` is the folder of published files that the judge is given."""

    store: Store
    place: sealing.Place
    seal: Authority
    issuing: Authority
    bags: Path
    trust: Path
    witnesses: Cosigning
    stamping: Stamping

    async def run(self, case: CaseId) -> None:
        """Make and judge the bag of a closed case; a restart in between goes on where it stopped."""
        if await self.store.read(lambda tx: tx.shelf(case, "bag").get("verdict")) is not None:
            return
        await self.store.checkpoint(case)
        await self.witnesses.until_witnessed()
        await self.stamping.until_stamped(case)
        source = await asyncio.to_thread(sealing.gather, self.store, self.witnesses.proof, case, self.place)
        seal = partial(self._seal, asyncio.get_running_loop())
        with suppress(BagExists):
            await asyncio.to_thread(write_bag, self.bags / case, source, seal)
        verdict = await attest(self.bags / case, self.trust, self.bags)
        await self.store.act(lambda tx: tx.shelf(case, "bag").put("verdict", verdict.as_json()))

    def _seal(self, loop: asyncio.AbstractEventLoop, tag_manifest: bytes) -> Seal:
        """Seal from the writer's thread; the stamp is asked for on the loop."""
        chain = Chain(self.seal.certificate, self.issuing.certificate)
        signature = sign_detached(sha256(tag_manifest).digest(), self.seal.key, chain, datetime.now(UTC))
        stamp = asyncio.run_coroutine_threadsafe(self.stamping.until_stamp_over(signature), loop).result()
        return Seal(signature, stamp)

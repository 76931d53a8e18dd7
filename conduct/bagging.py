"""From a closed case to a judged bag: gather, write once, seal, have a second process verify, keep the verdict."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar

from archive.bag import BagExists, write_bag
from archive.bag_source import Seal
from archive.published import SM2_ROOT
from conduct import revoking, sealing, whole_files
from conduct.attesting import attest
from conduct.closing_reports import Closer
from conduct.cosigning import Cosigning
from conduct.ports import Tx
from conduct.stamping import Stamping
from evaluation.case import CaseId
from signing.ca import Authority
from signing.cms import Chain, sign_detached
from signing.crl import make_crl
from signing.sm2_ca import Sm2Authority, make_sm2_crl

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
    sm2_issuing: Sm2Authority
    bags: Path
    trust: Path
    witnesses: Cosigning
    stamping: Stamping
    closer: Closer
    publishing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False, compare=False)
    """Cases are sealed side by side, but the newest lists land last, by one writer."""

    async def run(self, case: CaseId) -> None:
        """Make and judge the bag of a closed case; a restart in between goes on where it stopped."""
        if await self.store.read(lambda tx: tx.shelf(case, "bag").get("verdict")) is not None:
            return
        await self.store.checkpoint(case)
        await self.witnesses.until_witnessed()
        await self.stamping.until_stamped(case)
        await self.store.act(lambda tx: revoking.complete(tx, case))
        await self.closer.run(self.store, case)
        source = await asyncio.to_thread(sealing.gather, self.store, self.witnesses.proof, case, self.place)
        revoked, revoked_sm2 = await self.publish_revoked(case)
        source = replace(source, revoked=revoked, revoked_sm2=revoked_sm2 if SM2_ROOT in source.trust else b"")
        seal = partial(self._seal, asyncio.get_running_loop())
        with suppress(BagExists):
            await asyncio.to_thread(write_bag, self.bags / case, source, seal)
        verdict = await attest(self.bags / case, self.trust, self.bags)
        await self.store.act(lambda tx: tx.shelf(case, "bag").put("verdict", verdict.as_json()))

    async def publish_revoked(self, case: CaseId) -> tuple[bytes, bytes]:
        """Both lists of certificates that sign no longer, published beside the centre's other files."""
        async with self.publishing:
            at = datetime.now(UTC).replace(microsecond=0)
            standing = await self.store.read(lambda tx: revoking.standing(tx, case))
            lists = (make_crl(self.issuing, standing, at), make_sm2_crl(self.sm2_issuing, standing, at))
            for name, listed in zip(("issuing.crl", "sm2-issuing.crl"), lists, strict=True):
                await asyncio.to_thread(whole_files.replace, self.trust / name, listed)
            return lists

    def _seal(self, loop: asyncio.AbstractEventLoop, tag_manifest: bytes) -> Seal:
        """Seal from the writer's thread; the stamp is asked for on the loop."""
        chain = Chain(self.seal.certificate, self.issuing.certificate)
        signature = sign_detached(sha256(tag_manifest).digest(), self.seal.key, chain, datetime.now(UTC))
        stamp = asyncio.run_coroutine_threadsafe(self.stamping.until_stamp_over(signature), loop).result()
        return Seal(signature, stamp)

"""The signed reports of a closed case get their closing stamp, once, and an outside judge's word (pyHanko).

A report nobody signed has neither. What was closed before a restart is not closed again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import revoking
from conduct.judging_pdf import JudgeFailed, judged
from conduct.ports import Tx
from conduct.signing_inside import SHELF, Standing, standing
from conduct.stamping import Stamping
from evaluation.case import CaseId
from signing import pades, pdf
from signing.ca import Authority
from signing.canonical import canonical
from signing.crl import Revoked, make_crl

T = TypeVar("T")
log = logging.getLogger("bid.closing_reports")


class Store(Protocol):
    """What closing needs of the store."""

    def act(self, act: Callable[[Tx], T], /) -> Awaitable[T]:
        """Run a transaction."""
        ...

    def read(self, look: Callable[[Tx], T], /) -> Awaitable[T]:
        """Look at the committed state."""
        ...


@dataclass(frozen=True, slots=True)
class Closer:
    """The deployment's authorities, whose lists go into a report, and the certificate of its own time stamps."""

    root: Authority
    issuing: Authority
    stamper: x509.Certificate
    stamping: Stamping
    stampers: bytes
    """Certificates (PEM) under which the closing stamp is believed."""
    licensed: x509.Certificate | None = None
    """The root of a licensed CA, whose certificates members may have."""

    @property
    def _licensed(self) -> tuple[x509.Certificate, ...]:
        return () if self.licensed is None else (self.licensed,)

    async def run(self, store: Store, case: CaseId) -> None:
        """Close every report of a case that is not closed; waits for the time-stamp authority."""
        for report in await store.read(lambda tx: list(_open(tx, case))):
            await self._close(store, case, report)

    async def _close(self, store: Store, case: CaseId, report: str) -> None:
        stands = await store.read(lambda tx: standing(tx, case, report))
        closed = await self._closed(stands, await store.read(lambda tx: revoking.standing(tx, case)))
        verdict = await self._judged(closed)
        await store.act(lambda tx: _keep(tx, case, report, closed, verdict))

    async def _closed(self, stands: Standing, revoked: list[Revoked]) -> bytes:
        data = await asyncio.to_thread(self._prepared, stands, revoked)
        last = (await asyncio.to_thread(pdf.growth, stands.base, data)).revisions[-1]
        covered = data[: last.hole[0]] + data[last.hole[1] : last.end]
        return pdf.finish(data, last, pades.token(await self.stamping.until_stamp_over(covered)))

    def _prepared(self, stands: Standing, revoked: list[Revoked]) -> bytes:
        now = datetime.now(UTC).replace(microsecond=0)
        lists = [make_crl(self.root, [], now), make_crl(self.issuing, revoked, now)]
        chain = (self.root.certificate, self.issuing.certificate, self.stamper)
        certificates = [one.public_bytes(Encoding.DER) for one in (*chain, *self._licensed)]
        return pdf.prepare_closing(pdf.growth(stands.base, stands.data), certificates, lists)

    async def _judged(self, data: bytes) -> bytes:
        with TemporaryDirectory() as folder:
            roots = Path(folder) / "roots.pem"
            believed = [one.public_bytes(Encoding.PEM) for one in (self.root.certificate, *self._licensed)]
            await asyncio.to_thread(roots.write_bytes, b"".join((*believed, self.stampers)))
            try:
                return await judged(data, roots)
            except JudgeFailed as failed:  # the stranger's program judges the bag; nobody's silence holds a case up
                log.exception("no outside word on a signed report")
                return canonical({"v": "bid-pdf-validation/1", "failed": str(failed)[:500]})


def _open(tx: Tx, case: CaseId) -> Iterator[str]:
    return (report for report, row in tx.shelf(case, SHELF).items() if "validation" not in row)


def _keep(tx: Tx, case: CaseId, report: str, closed: bytes, verdict: bytes) -> None:
    row = {"file": tx.put_object(closed), "validation": tx.put_object(verdict)}
    tx.shelf(case, SHELF).put(report, row)

"""A member's signature inside the report's PDF (docs/report-signatures.md): made on the file as it stands, kept once.

Members authorise in parallel; appending is done in turn. Each file is kept with the one it grew from as a condition, so
no signature is ever lost to a quicker one.
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from archive.report.stamp import Stamp, render_stamp
from conduct.ports import Tx
from conduct.words import WORDS
from evaluation.case import CaseId
from signing import pades, pdf
from signing.canonical import short_code
from signing.cms import Chain
from signing.pdf_fields import fields_of
from signing.pdf_file import read
from signing.statement import entry

SHELF = "inside"
BEIJING = timedelta(hours=8)
SERIAL_BITS = 158

Stamps = Callable[[bytes, datetime, int], bytes]
"""The centre's own time-stamp authority: imprint, time and serial number to a TimeStampResp."""


class ReportGrew(Exception):
    """Another member's signature was appended first; nothing was signed here, the same act can be done again."""

    code = "report.grew"


@dataclass(frozen=True, slots=True)
class Standing:
    """The report as it stands: its digest (hex), its bytes, the file with the signatures so far, that file's digest."""

    report: str
    base: bytes
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn it is to append to a report; one at a time in this server."""

    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def of(self, case: CaseId) -> asyncio.Lock:
        """The lock of a case's report."""
        return self.locks.setdefault(case, asyncio.Lock())


def standing(tx: Tx, case: CaseId, report: str) -> Standing:
    """A report with the signatures inside so far."""
    base = tx.get_object(report)
    row = tx.shelf(case, SHELF).get(report)
    kept = str(row["file"]) if row else report
    return Standing(report, base, tx.get_object(kept) if row else base, kept)


def prepare(stands: Standing, member: str, statement: bytes, at: datetime, issuer: str) -> bytes:
    """The file with an empty place for a member's signature; `at` is UTC in whole seconds. Not for the event loop.

    `issuer` is the licensed CA that certified the member, empty for the centre's own.
    Raises `PdfRefused`.
    """
    body = json.loads(statement)["body"]
    words: dict[str, Any] = WORDS["stamp"]
    reason = str(words["reasons"][body["outcome"]])
    frame = next(one for one in fields_of(read(stands.base)) if one.name == member)
    local = (at.astimezone(UTC) + BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    lines = (reason, words["at"].format(at=local), words["code"].format(code=short_code(entry(statement))))
    size = (f"{frame.width:f}", f"{frame.height:f}")
    instant = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    whose = words["licensed"].format(issuer=issuer) if issuer else words["certificates"]
    stamp = Stamp(body["alias"], words["kind"], (*lines, whose), *size, instant)
    mark = pdf.Mark(member, body["alias"], reason, at)
    return pdf.prepare(pdf.growth(stands.base, stands.data), mark, render_stamp(stamp))


def fill(stands: Standing, prepared: bytes, value: bytes, chain: Chain, named: bytes, stamps: Stamps) -> bytes:
    """The file with the signature and the time stamp over it; `named` is the authorisation record's SHA-256."""
    last = pdf.growth(stands.base, prepared).revisions[-1]
    signed = pades.attributes(last.digest(prepared), chain, named)
    pades.check(chain, signed, value)
    response = stamps(pades.imprint(value), datetime.now(UTC), secrets.randbits(SERIAL_BITS) | 1)
    return pdf.finish(prepared, last, pades.container(chain, signed, value, response))


def keep(tx: Tx, case: CaseId, stands: Standing, grown: bytes) -> None:
    """Keep the file, if the one it grew from still is the last. Raises `ReportGrew`."""
    if standing(tx, case, stands.report).sha256 != stands.sha256:
        raise ReportGrew
    tx.shelf(case, SHELF).put(stands.report, {"file": tx.put_object(grown)})

"""Step 10, inside the PDF: the signed report is the report that was answered and its members' signatures, nothing else.

Every signature's bytes, path, stamp and authorisation are judged as those of the files beside it are.
"""

import json
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from archive.verifier import authorisation, authorities, cms, der, pades, revoked, stamps, timestamp
from archive.verifier.authorities import NotKnown
from archive.verifier.context import Context, Found, Line, suites_of
from archive.verifier.findings import Finding
from archive.verifier.lots import Lot, lots_of
from archive.verifier.signed import AUTHORISATIONS, INSIDE, PDF, REPORT, Enrolled, answers, current, enrolments
from archive.verifier.suites import P256
from signing import pdf
from signing.pdf import Growth, Mark, Revision
from signing.pdf_file import PdfRefused

STEP: Final = 10
SIGNED: Final = INSIDE[0]


@dataclass(frozen=True, slots=True)
class Paper:
    """A lot's signed report as it lies in the bag, what it was made of, every certificate the log enrols."""

    lot: Lot
    data: bytes
    found: Growth
    enrolled: Enrolled

    @property
    def path(self) -> str:
        """The file."""
        return self.lot.at(REPORT, SIGNED)


def check(context: Context) -> Found:
    """The signed report of every lot that anybody signed."""
    enrolled = enrolments(context)
    for lot in lots_of(context):
        if signers := answers(lot):
            yield from _check_lot(lot, signers, enrolled)


def _check_lot(lot: Lot, signers: dict[str, Line], enrolled: Enrolled) -> Found:
    bag, path = lot.context.bag, lot.at(REPORT, SIGNED)
    missing = [file for name in INSIDE if (file := lot.at(REPORT, name)) not in bag.sizes]
    yield from (Finding(STEP, file, "missing") for file in missing)
    if path in missing:
        return
    data = bag.read(path)
    try:
        found = pdf.growth(bag.read(lot.at(REPORT, PDF)), data)
    except PdfRefused as refused:
        yield Finding(STEP, path, "not-the-report-signed", str(refused))
        return
    paper = Paper(lot, data, found, enrolled)
    yield from _check_whose(paper, signers)
    for one in found.revisions:
        if one.mark is None:
            yield from _check_closing(paper, one)
        elif one.mark.field in signers:
            yield from _check_signature(paper, one, one.mark, signers[one.mark.field])
    if not found.is_closed:
        yield Finding(STEP, path, "not-closed")


def _check_whose(paper: Paper, signers: dict[str, Line]) -> Iterator[Finding]:
    """As many signatures as answers, each in the sense of its answer."""
    marks = {mark.field: mark for mark in paper.found.marks}
    for member in sorted(signers.keys() - marks.keys()):
        yield Finding(STEP, f"{paper.path} {member}", "not-signed-inside", signers[member].name)
    for member in sorted(marks.keys() - signers.keys()):
        yield Finding(STEP, f"{paper.path} {member}", "nobody-signed-this")
    for member in sorted(marks.keys() & signers.keys()):
        mark, body = marks[member], signers[member].body
        if (mark.name, mark.reason) != (body["alias"], _reasons().get(str(body["outcome"]), [""])[0]):
            yield Finding(STEP, f"{paper.path} {member}", "says-something-else", f"{mark.name} {mark.reason}")


def _check_signature(paper: Paper, one: Revision, mark: Mark, line: Line) -> Found:
    context, name = paper.lot.context, f"{paper.path} {mark.field}"
    at = int(mark.at.timestamp())
    try:
        root = context.trust.signers_root(pades.read(one.content).issuing)
        inner = pades.verify(one.content, one.digest(paper.data), root, at)
        ending = suites_of(context)[0].ending
        beside = cms.read(context.bag.read(paper.lot.at(REPORT, f"signatures/{mark.field}{ending}")))
    except cms.CmsRefused as refused:
        yield Finding(STEP, name, "signature", refused.code)
        return
    if at > context.now:
        yield Finding(STEP, name, "signature", "cms-time")
    if current(paper.enrolled, line) != inner.signer.sha256:
        yield Finding(STEP, name, "not-the-enrolled-certificate", inner.signer.sha256)
    # The record itself, and that it names this report, is judged in step 6 for the signature beside.
    record = f"{AUTHORISATIONS}/{inner.authorisation.hex()}.json"
    if inner.authorisation != beside.authorisation:
        yield Finding(STEP, name, "another-authorisation", inner.authorisation.hex())
    elif record in context.bag.sizes and not authorisation.is_within(context.bag.read(record), at):
        yield Finding(STEP, name, "authorisation-time", record)
    yield from _check_revoked(paper, inner, name, at)
    yield from _check_stamp(paper, inner, name, at)


def _check_revoked(paper: Paper, inner: pades.Inner, name: str, at: int) -> Iterator[Finding]:
    """Step 13 for a signature inside: its certificate still signed when it says that it was made."""
    try:
        since = revoked.read(paper.lot.context.bag.read(P256.revoked)).since
    except der.NotDer:
        return  # Named by step 13.
    if at > since.get(inner.signer.serial, at):
        yield Finding(revoked.STEP, name, "signed-after-revocation")


def _check_stamp(paper: Paper, inner: pades.Inner, name: str, at: int) -> Iterator[Finding]:
    """The stamp inside is always the centre's own, and not from another hour."""
    context = paper.lot.context
    try:
        own = authorities.read(context.trust.root.raw)
        stamp = pades.verify_stamp(inner, (own,), context.now)
    except (timestamp.StampRefused, NotKnown) as refused:
        yield Finding(STEP, name, "stamp", refused.code)
        return
    if abs(stamp.at - at) > stamps.MOST_AHEAD_S:
        yield Finding(STEP, name, "stamp", "stamp-early")


def _check_closing(paper: Paper, one: Revision) -> Found:
    context, name = paper.lot.context, f"{paper.path} lta"
    try:
        pades.verify_token(one.content, one.digest(paper.data), context.trust.stampers, context.now)
    except timestamp.StampRefused as refused:
        yield Finding(STEP, name, "stamp", refused.code)
    except NotKnown as unknown:
        yield stamps.not_known(context, (STEP, name), context.bag.read(stamps.CLAIMED), unknown)


@cache
def _reasons() -> dict[str, list[str]]:
    words: dict[str, Any] = json.loads(pkgutil.get_data("archive.verifier", "words.json") or b"{}")
    reasons: dict[str, list[str]] = words["reasons"]
    return reasons

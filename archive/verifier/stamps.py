"""Step 12: a time stamp over each signature that the log calls for, and over the seal (docs/timestamps.md)."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from archive.verifier import cms, signed, timestamp, x509
from archive.verifier.authorities import NotKnown
from archive.verifier.context import Context, Found
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.manifests import SEAL, SEAL_STAMP
from archive.verifier.trust import TIMESTAMP

STEP: Final = 12
CLAIMED: Final = f"trust/{TIMESTAMP}"
"""Who stamped this bag (none: it is from before there was a choice). The centre's own authority stamps in one way only,
an outside one may have its own; whom the centre asks by now is no matter.
"""
MOST_AHEAD_S: Final = 300
"""So far may a signer's clock be ahead of the authority's."""


def check(context: Context) -> Found:
    """Each signature's stamp: there, over these very bytes, believed, and not from before the signature."""
    for signature, stamp in pairs(context):
        if stamp not in context.bag.sizes:
            yield Finding(STEP, stamp, "missing", signature)
        elif signature in context.bag.sizes:
            yield from _check(context, signature, stamp)


def not_known(context: Context, where: tuple[int, str], claimed: bytes, why: NotKnown) -> Finding | Unchecked:
    """What is said of a stamp (step, object) that this program cannot judge; `claimed`: who stamped, as a PEM file."""
    is_own = claimed in (b"", x509.pem(context.trust.root.raw))
    return Finding(*where, "stamp", str(why)) if is_own else Unchecked(*where, "stamp")


def pairs(context: Context) -> Iterator[tuple[str, str]]:
    """(signature, stamp) by their paths."""
    yield SEAL, SEAL_STAMP
    for one in signed.everything(context):
        yield one.path, one.stamp


def _check(context: Context, signature: str, path: str) -> Found:
    file = context.bag.read(signature)
    trusted = context.trust.stampers
    try:
        if not trusted:
            raise NotKnown("no certificate of a kind this program knows")
        stamp = timestamp.verify(context.bag.read(path), sha256(file).digest(), trusted, context.now)
    except timestamp.StampRefused as refused:
        yield Finding(STEP, path, "stamp", refused.code)
        return
    except NotKnown as unknown:
        yield not_known(context, (STEP, path), context.bag.read(CLAIMED), unknown)
        return
    try:
        signed_at = cms.read(file).signed_at
    except cms.CmsRefused:
        return  # Named by step 2, 5 or 10.
    if stamp.at < signed_at - MOST_AHEAD_S:
        yield Finding(STEP, path, "stamp", "stamp-early")

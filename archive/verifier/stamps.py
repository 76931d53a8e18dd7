"""Step 12: a time stamp over each signature that the log calls for, and over the seal (docs/timestamps.md)."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from archive.verifier import cms, signed, timestamp
from archive.verifier.authorities import NotKnown
from archive.verifier.context import Context, Found
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.manifests import SEAL, SEAL_STAMP

STEP: Final = 12
MOST_AHEAD_S: Final = 300
"""So far may a signer's clock be ahead of the authority's."""


def check(context: Context) -> Found:
    """Each signature's stamp: there, over these very bytes, believed, and not from before the signature."""
    for signature, stamp in _pairs(context):
        if stamp not in context.bag.sizes:
            yield Finding(STEP, stamp, "missing", signature)
        elif signature in context.bag.sizes:
            yield from _check(context, signature, stamp)


def _pairs(context: Context) -> Iterator[tuple[str, str]]:
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
    except NotKnown:
        yield Unchecked(STEP, path, "stamp")
        return
    try:
        signed_at = cms.read(file).signed_at
    except cms.CmsRefused:
        return  # Named by step 2, 5 or 10.
    if stamp.at < signed_at - MOST_AHEAD_S:
        yield Finding(STEP, path, "stamp", "stamp-early")

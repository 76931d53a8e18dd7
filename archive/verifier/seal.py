"""Step 2: the centre's seal over the tag manifest."""

from hashlib import sha256

from archive.verifier import cms, x509
from archive.verifier.bag import Bag
from archive.verifier.context import Found
from archive.verifier.findings import Finding
from archive.verifier.manifests import SEAL, TAG_MANIFEST
from archive.verifier.trust import Trust

ISSUING = "trust/issuing.pem"


def check(bag: Bag, trust: Trust, now: int) -> Found:
    """One canonical signature by the sealing certificate that the trust names, without an authorisation attribute."""
    try:
        found = cms.verify(bag.read(SEAL), sha256(bag.read(TAG_MANIFEST)).digest(), trust.root, now)
    except cms.CmsRefused as refused:
        yield Finding(2, SEAL, "signature", refused.code)
        return
    if found.authorisation is not None:
        yield Finding(2, SEAL, "signature", "authorisation")
    if found.signer.sha256 != trust.seal:
        yield Finding(2, SEAL, "not-the-sealing-certificate", found.signer.sha256)
    if bag.read(ISSUING) != x509.pem(found.issuing.raw):
        yield Finding(2, ISSUING, "not-the-seals-issuer")

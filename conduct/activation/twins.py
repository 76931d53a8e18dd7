"""The SM2 twins of one release: over the very contents that the authorisation names (docs/sm2.md, docs/activation.md).

No SM3 digest is taken from anybody: each content must have the authorised SHA-256.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509

from conduct.activation.papers import Paper
from conduct.activation.questions import TwinPapers
from conduct.activation.refusals import NotReleased
from signing.authorisation import Authorisation
from signing.cms import Chain, sign_detached
from signing.dialects import SM2, is_sm2
from signing.sm2 import NotSm2Key, Sm2Key
from signing.sm2_path import key_of


@dataclass(frozen=True, slots=True)
class Twin:
    """What SM2 signs beside: whose certificate, and SM3 of each leaf's content."""

    chain: Chain
    digests: tuple[bytes, ...]

    def sign(self, key: Sm2Key | None, at: datetime, authorisation_sha256: bytes) -> list[bytes]:
        """A twin for each leaf. Raises `NotReleased` for a key that is not the certificate's, or none."""
        if key is None or key.public_key.raw != key_of(self.chain.signer).raw:
            raise NotReleased
        return [sign_detached(digest, key, self.chain, at, authorisation_sha256) for digest in self.digests]


def open_twin(papers: TwinPapers | None, record: Authorisation, paper: Paper | None) -> Twin:
    """What was handed in for the twins, if it was authorised; a paper is its own content. Raises `NotReleased`."""
    if papers is None:
        raise NotReleased
    contents = (*papers.contents, *((paper.report,) if paper else ()))
    if tuple(sha256(content).digest() for content in contents) != record.leaves:
        raise NotReleased
    try:
        chain = Chain(*map(x509.load_der_x509_certificate, (papers.certificate, papers.issuing)))
        if not is_sm2(chain.signer):
            raise NotReleased
        key_of(chain.signer)
    except (ValueError, NotSm2Key) as refused:
        raise NotReleased from refused
    return Twin(chain, tuple(SM2.digest(content) for content in contents))

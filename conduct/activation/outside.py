"""A release signed by a key that lives elsewhere (docs/csc-client.md): what is to be signed, and what came back.

No key is opened here and nothing is kept between the two questions. Nothing leaves `complete` that was not verified.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509

from conduct.activation.papers import Paper, open_paper
from conduct.activation.questions import Complete, Prepared, Released, SignaturePair
from conduct.activation.refusals import Expired, NotReleased, SignedOtherwise
from signing import cms, der
from signing.authorisation import Authorisation
from signing.cms import Chain, CmsRefused, Signature


@dataclass(frozen=True, slots=True)
class Act:
    """What is released: by whose certificate, under which record, with the open place in a PDF, if there is one."""

    chain: Chain
    record: Authorisation
    paper: Paper | None

    @classmethod
    def of(cls, chain: Chain, record: Authorisation, paper: bytes) -> "Act":
        """The same with the paper judged. Raises `NotReleased`."""
        return cls(chain, record, open_paper(paper, record, chain) if paper else None)

    def prepare(self, at: datetime) -> Prepared:
        """What the key has to sign, for signatures at `at` (UTC). Raises `Expired`."""
        at = at.replace(microsecond=0)
        self._demand_alive(at)
        contents = [self._signature(leaf, at).signed_bytes() for leaf in self.record.leaves]
        if self.paper:
            contents.append(der.set_of(*self.paper.attributes))
        return Prepared(at, tuple(sha256(content).digest() for content in contents))

    def complete(self, question: Complete, roots: Sequence[x509.Certificate], now: datetime) -> Released:
        """The release with these values. Raises `Expired`, `NotReleased`, `SignedOtherwise`."""
        self._demand_alive(question.at)
        self._demand_alive(now.replace(microsecond=0))
        leaves = self.record.leaves
        if question.at > now or len(question.values) != len(leaves) + bool(self.paper):
            raise NotReleased
        try:
            values = [cms.low_s(value) for value in question.values]
            signed = zip(leaves, values, strict=False)  # the paper's stands behind them
            files = [self._signature(leaf, question.at, value).to_bytes() for leaf, value in signed]
            for leaf, file in zip(leaves, files, strict=True):
                cms.verify_detached(file, leaf, roots, now)
            if self.paper:
                self.paper.check(values[-1], question.at)
        except (CmsRefused, ValueError) as wrong:
            raise SignedOtherwise from wrong
        inside = values[-1] if self.paper else b""
        return Released(self.record.to_bytes(), tuple(map(SignaturePair, files)), inside)

    def _signature(self, leaf: bytes, at: datetime, value: bytes = b"") -> Signature:
        return Signature(self.chain, leaf, at, self.record.sha256, value)

    def _demand_alive(self, at: datetime) -> None:
        if not self.record.issued_at <= at <= self.record.expires_at:
            raise Expired

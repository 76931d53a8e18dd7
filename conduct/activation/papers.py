"""A PDF that a member signs inside: this process finds the report in front, takes the rest apart, and hashes it itself.

No digest of a file is taken from anybody (docs/report-signatures.md, docs/activation.md).
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.x509.oid import NameOID

from conduct.activation.refusals import NotReleased
from signing import pades, pdf
from signing.authorisation import Authorisation
from signing.cms import Chain
from signing.pdf_fields import base_of
from signing.pdf_file import PdfRefused


@dataclass(frozen=True, slots=True)
class Paper:
    """What is signed inside a PDF: the attributes over its ByteRange, by whom, at the time that stands in it.

    `report` are the bytes of the authorised report in front.
    """

    report: bytes
    chain: Chain
    attributes: list[bytes]
    said_at: datetime

    def check(self, value: bytes, at: datetime) -> None:
        """Refuse a value that is not the signer's, or a time in the PDF that has not come. Raises CmsRefused."""
        if self.said_at > at:
            raise NotReleased
        pades.check(self.chain, self.attributes, value)


def open_paper(data: bytes, record: Authorisation, chain: Chain) -> Paper:
    """The PDF, if it is the authorised report (the last leaf) with its signatures and one open place of this signer.

    Raises `NotReleased`.
    """
    try:
        report = base_of(data, record.leaves[-1])
        found = pdf.growth(report, data)
    except PdfRefused as refused:
        raise NotReleased from refused
    last = found.revisions[-1] if found.revisions else None
    if last is None or last.mark is None or last.content:
        raise NotReleased
    named = chain.signer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    said_at, is_own = last.mark.at, [one.value for one in named] == [last.mark.name]
    if not is_own or not record.issued_at <= said_at <= record.expires_at:
        raise NotReleased
    return Paper(report, chain, pades.attributes(last.digest(data), chain, record.sha256), said_at)

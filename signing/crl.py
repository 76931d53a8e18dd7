"""The issuing CA's list of certificates that sign no longer (RFC 5280 §5). What stands in it is decided elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signing.ca import Authority

LIFE = timedelta(days=7)
REASONS = {"superseded": x509.ReasonFlags.superseded, "ended": x509.ReasonFlags.cessation_of_operation}
Reason = Literal["superseded", "ended"]


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate by its serial number, since when (UTC, whole seconds), and why.

    `superseded`: the desk issued another; `ended`: the case was closed or its owner left the committee. Either way the
    key is destroyed.
    """

    serial: int
    at: datetime
    reason: Reason


def make_crl(issuing: Authority, revoked: Iterable[Revoked], at: datetime) -> bytes:
    """The list as of `at` (UTC, whole seconds), DER, ascending by serial number; its number is `at` in Unix seconds."""
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.key.public_key)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuing.certificate.subject)
        .last_update(at)
        .next_update(at + LIFE)
        .add_extension(identifier, critical=False)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    for one in sorted(revoked, key=lambda one: one.serial):
        builder = builder.add_revoked_certificate(_entry(one))
    signed = builder.sign(issuing.key.private, SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(Encoding.DER)


def _entry(one: Revoked) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(one.serial).revocation_date(one.at)
    return builder.add_extension(x509.CRLReason(REASONS[one.reason]), critical=False).build()

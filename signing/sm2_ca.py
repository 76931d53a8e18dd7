"""The embedded SM2 authorities: root → issuing CA → signers, and the issuing CA's list of the revoked (docs/sm2.md).

Written by our own DER, for `cryptography` signs nothing with SM2; names, terms and extensions are those of `ca`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from signing import der
from signing.ca import ROOT_LIFE, SIGNER, CertificateRefused, Extensions, Subject, Term, authority
from signing.crl import LIFE, REASONS, Revoked
from signing.dialects import SM2_WITH_SM3
from signing.sm2 import Sm2Key, Sm2PublicKey
from signing.sm2_python import sm3

SIGNED = der.sequence(der.oid(SM2_WITH_SM3.dotted_string))
VERSION_3 = der.element(der.CONTEXT_0, der.integer(2))
VERSION_2_OF_A_LIST = der.integer(1)
BIT_STRING, CONTEXT_3 = 0x03, 0xA3
CRITICAL = der.element(der.BOOLEAN, b"\xff")
IDENTIFIER_BYTES = 20


@dataclass(frozen=True, slots=True)
class Sm2Authority:
    """An SM2 CA's certificate with its key."""

    certificate: x509.Certificate
    key: Sm2Key


def make_sm2_root(subject: Subject, key: Sm2Key, serial: int, not_before: datetime) -> Sm2Authority:
    """A self-signed root for 20 years, above one level of CAs."""
    term = Term(serial, not_before, not_before + ROOT_LIFE)
    name = subject.to_name()
    return Sm2Authority(_certificate((name, key), name, key.public_key, term, authority(1)), key)


def make_sm2_issuing(
    root: Sm2Authority, subject: Subject, key: Sm2Key, serial: int, not_before: datetime
) -> Sm2Authority:
    """The CA that issues signers' certificates; it lives as long as its root and has no CA below it."""
    term = Term(serial, not_before, root.certificate.not_valid_after_utc)
    by = (root.certificate.subject, root.key)
    return Sm2Authority(_certificate(by, subject.to_name(), key.public_key, term, authority(0)), key)


def make_sm2_signer(issuing: Sm2Authority, subject: Subject, public_key: Sm2PublicKey, term: Term) -> x509.Certificate:
    """A certificate that signs documents. Raises CertificateRefused if its term is not within the issuing CA's."""
    above = issuing.certificate
    if term.not_before < above.not_valid_before_utc or term.not_after > above.not_valid_after_utc:
        raise CertificateRefused("term")
    return _certificate((above.subject, issuing.key), subject.to_name(), public_key, term, SIGNER)


def make_sm2_crl(issuing: Sm2Authority, revoked: Iterable[Revoked], at: datetime) -> bytes:
    """The list as of `at` (UTC, whole seconds), DER, laid out as `crl.make_crl` does."""
    entries = [_entry(one) for one in sorted(revoked, key=lambda one: one.serial)]
    tbs = der.sequence(
        VERSION_2_OF_A_LIST,
        SIGNED,
        issuing.certificate.subject.public_bytes(),
        der.time(at),
        der.time(at + LIFE),
        der.sequence(*entries) if entries else b"",
        der.element(
            der.CONTEXT_0,
            _extensions(((_identified(issuing.key.public_key), False), (x509.CRLNumber(int(at.timestamp())), False))),
        ),
    )
    return _signed(tbs, issuing.key)


def _entry(one: Revoked) -> bytes:
    reason = _extensions(((x509.CRLReason(REASONS[one.reason]), False),))
    return der.sequence(der.integer(one.serial), der.time(one.at), reason)


def _certificate(
    by: tuple[x509.Name, Sm2Key], subject: x509.Name, public_key: Sm2PublicKey, term: Term, extensions: Extensions
) -> x509.Certificate:
    issuer, key = by
    own = x509.SubjectKeyIdentifier(_identifier(public_key))
    stated = ((own, False), *extensions, (_identified(key.public_key), False))
    tbs = der.sequence(
        VERSION_3,
        der.integer(term.serial),
        SIGNED,
        issuer.public_bytes(),
        der.sequence(der.time(term.not_before), der.time(term.not_after)),
        subject.public_bytes(),
        public_key.spki,
        der.element(CONTEXT_3, _extensions(stated)),
    )
    return x509.load_der_x509_certificate(_signed(tbs, key))


def _signed(tbs: bytes, key: Sm2Key) -> bytes:
    return der.sequence(tbs, SIGNED, der.element(BIT_STRING, b"\x00", key.sign(tbs)))


def _extensions(stated: Iterable[tuple[x509.ExtensionType, bool]]) -> bytes:
    rows = (
        der.sequence(
            der.oid(value.oid.dotted_string), CRITICAL if is_critical else b"", der.octets(value.public_bytes())
        )
        for value, is_critical in stated
    )
    return der.sequence(*rows)


def _identified(public_key: Sm2PublicKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier(_identifier(public_key), None, None)


def _identifier(public_key: Sm2PublicKey) -> bytes:
    return sm3(public_key.raw)[:IDENTIFIER_BYTES]

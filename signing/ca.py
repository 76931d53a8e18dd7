"""The embedded certification authority: root → issuing CA → signers and TLS leaves, as laid down in docs/cms.md.

Every certificate says in its subject that it is internal. Times, serial numbers and keys come in as values; nothing is
stored here, and who may have a certificate is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from signing.keys import MemoryKey, PublicKey

INTERNAL = "\u5185\u90e8\u8bc1\u4e66"
"""「internal certificate」. Part of certificates' bytes, therefore not for translation."""
OTHER_SOFTWARE = "\u5176\u4ed6\u8f6f\u4ef6"
"""「other software」, behind the common name of a certificate whose key signs no sheet (docs/csc.md)."""
ROOT_LIFE = timedelta(days=7305)
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
MOST_LETTERS = 64
SERIAL_BITS = 159


class CertificateRefused(Exception):
    """A certificate that is not issued; `field` is what stands against it."""

    code = "certificate-refused"

    def __init__(self, field: str) -> None:
        super().__init__(f"{self.code}: {field}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate is for: a common name such as 评委3, the deployment's organisation, for a member the case."""

    common_name: str
    organisation: str
    case: str | None = None

    def __post_init__(self) -> None:
        for text in (self.common_name, self.organisation, self.case or "-"):
            if not 0 < len(text) <= MOST_LETTERS or not text.isprintable():
                raise CertificateRefused("subject")

    def to_name(self) -> x509.Name:
        """O, OU (the case), OU (内部证书), CN."""
        return self._name((self.case, INTERNAL) if self.case else (INTERNAL,))

    def to_external_name(self) -> x509.Name:
        """O, OU (the case), CN: what a licensed CA is asked for."""
        return self._name((self.case,) if self.case else ())

    def _name(self, units: tuple[str, ...]) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organisation),
                *(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units),
                x509.NameAttribute(NameOID.COMMON_NAME, self.common_name),
            ]
        )


@dataclass(frozen=True, slots=True)
class Term:
    """Number and life of a certificate: UTC in whole seconds, both ends included; the serial random, below 2^159."""

    serial: int
    not_before: datetime
    not_after: datetime

    def __post_init__(self) -> None:
        if not 0 < self.serial < 1 << SERIAL_BITS:
            raise CertificateRefused("serial")
        if self.not_before >= self.not_after or self.not_before.microsecond or self.not_after.microsecond:
            raise CertificateRefused("term")


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA's certificate with its key."""

    certificate: x509.Certificate
    key: MemoryKey


def make_root(subject: Subject, key: MemoryKey, serial: int, not_before: datetime) -> Authority:
    """A self-signed root for 20 years, above one level of CAs."""
    term = Term(serial, not_before, not_before + ROOT_LIFE)
    name = subject.to_name()
    builder = _builder(name, name, key.public_key, term)
    return Authority(_signed(_as_ca(builder, 1), key), key)


def make_issuing(root: Authority, subject: Subject, key: MemoryKey, serial: int, not_before: datetime) -> Authority:
    """The CA that issues everything else; it lives as long as its root and has no CA below it."""
    term = Term(serial, not_before, root.certificate.not_valid_after_utc)
    builder = _builder(root.certificate.subject, subject.to_name(), key.public_key, term)
    return Authority(_signed(_as_ca(builder, 0), root.key), key)


def make_signer(issuing: Authority, subject: Subject, public_key: PublicKey, term: Term) -> x509.Certificate:
    """A certificate that signs documents: for a member (case-long), a person with an account, or the server's seal.

    Raises CertificateRefused if the term does not lie within the issuing CA's.
    """
    return _leaf(issuing, subject, public_key, term, SIGNER)


def make_stamper(issuing: Authority, subject: Subject, public_key: PublicKey, term: Term) -> x509.Certificate:
    """A certificate that stamps times and nothing else (RFC 3161 §2.3). Raises CertificateRefused."""
    return _leaf(issuing, subject, public_key, term, _STAMPER)


def make_server(
    issuing: Authority, subject: Subject, public_key: PublicKey, term: Term, names: Sequence[str]
) -> x509.Certificate:
    """A TLS certificate for host names and IP addresses, one or more. Raises CertificateRefused."""
    if not names:
        raise CertificateRefused("names")
    alternative = x509.SubjectAlternativeName([_general_name(name) for name in names])
    return _leaf(issuing, subject, public_key, term, (*_SERVER, (alternative, False)))


def sha256_of(certificate: x509.Certificate) -> bytes:
    """The digest by which statements and authorisations name a certificate: SHA-256 of its DER."""
    return certificate.fingerprint(SHA256())


def _usage(*, signs: bool, binds: bool, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=binds,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


Extensions = tuple[tuple[x509.ExtensionType, bool], ...]
SIGNER: Extensions = (
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (_usage(signs=True, binds=True, issues=False), True),
    (x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), False),
)
"""Of a certificate that signs documents."""
_STAMPER: Extensions = (
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (_usage(signs=True, binds=True, issues=False), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
)
_SERVER: Extensions = (
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (_usage(signs=True, binds=False, issues=False), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
)


def authority(levels_below: int) -> Extensions:
    """Of a CA with so many levels of CAs below it."""
    return (
        (x509.BasicConstraints(ca=True, path_length=levels_below), True),
        (_usage(signs=False, binds=False, issues=True), True),
    )


def _leaf(
    issuing: Authority, subject: Subject, public_key: PublicKey, term: Term, extensions: Extensions
) -> x509.Certificate:
    above = issuing.certificate
    if term.not_before < above.not_valid_before_utc or term.not_after > above.not_valid_after_utc:
        raise CertificateRefused("term")
    builder = _builder(above.subject, subject.to_name(), public_key, term)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return _signed(builder, issuing.key)


def _builder(issuer: x509.Name, subject: x509.Name, public_key: PublicKey, term: Term) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(public_key)
        .serial_number(term.serial)
        .not_valid_before(term.not_before)
        .not_valid_after(term.not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _as_ca(builder: x509.CertificateBuilder, levels_below: int) -> x509.CertificateBuilder:
    for extension, critical in authority(levels_below):
        builder = builder.add_extension(extension, critical)
    return builder


def _signed(builder: x509.CertificateBuilder, key: MemoryKey) -> x509.Certificate:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key)
    return builder.add_extension(identifier, critical=False).sign(key.private, SHA256(), ecdsa_deterministic=True)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        pass
    if not name.isascii() or not name:
        raise CertificateRefused("names")
    return x509.DNSName(name)

"""Certificates and detached signatures of the house's kind, made with pyca/cryptography: a second opinion in tests."""

import datetime
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from archive.verifier import cms, p256
from archive.verifier import x509 as house
from signing.cms import Chain
from signing.keys import MemoryKey
from signing.timestamp import Stamper

BEGIN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
NOW = 1_795_400_000
"""Unix time of signatures in tests: 2026-11-22T23:33:20Z."""


def name(common: str) -> x509.Name:
    """A subject of the house's shape."""
    parts = ((NameOID.ORGANIZATION_NAME, "演示交易中心"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "内部证书"))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in (*parts, (NameOID.COMMON_NAME, common))])


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def usage(*facts: str) -> x509.KeyUsage:
    """A key usage with the named bits."""
    return x509.KeyUsage(**{fact: fact in facts for fact in USAGES})


CA_USAGE = usage("key_cert_sign", "crl_sign")
SIGNER_USAGE = usage("digital_signature", "content_commitment")
DOCUMENT_SIGNING = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")])


def ca(path_length: int | None) -> list[tuple[x509.ExtensionType, bool]]:
    """Extensions of an authority."""
    return [(x509.BasicConstraints(True, path_length), True), (CA_USAGE, True)]


STAMPING = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.8")])
STAMPER = [(x509.BasicConstraints(False, None), True), (SIGNER_USAGE, True), (STAMPING, True)]
SIGNER = [(x509.BasicConstraints(False, None), True), (SIGNER_USAGE, True), (DOCUMENT_SIGNING, False)]


@dataclass
class Holder:
    """A certificate with its key; issues further ones when it may (and, for refusal tests, when it may not)."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate's encoding."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as a PEM file, spelled by pyca."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def read(self) -> house.Certificate:
        """The certificate as the verifier reads it."""
        return house.read(self.der)

    def issue(self, common: str, extensions: list[tuple[x509.ExtensionType, bool]], days: int = 3650) -> "Holder":
        """A certificate below this one."""
        return make(common, extensions, days, self)


def make(
    common: str, extensions: list[tuple[x509.ExtensionType, bool]], days: int = 3650, by: Holder | None = None
) -> Holder:
    """A certificate, self-signed without `by`."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=by.certificate.subject if by else name(common),
        subject_name=name(common),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=BEGIN,
        not_valid_after=BEGIN + datetime.timedelta(days=days),
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Holder(builder.sign(by.key if by else key, hashes.SHA256()), key)


def sign(signer: Holder, issuing: Holder, content: bytes, authorisation: bytes | None = None, at: int = NOW) -> bytes:
    """A detached signature of docs/cms.md: attributes laid out by the verifier, signed by pyca."""
    blank = cms.Signature(signer.read, issuing.read, at, sha256(content).digest(), authorisation, (1, 1))
    r, s = utils.decode_dss_signature(signer.key.sign(blank.attributes, ec.ECDSA(hashes.SHA256())))
    return cms.encode(cms.Signature(*_five(blank), (r, min(s, p256.N - s))))


def _five(signature: cms.Signature) -> tuple[house.Certificate, house.Certificate, int, bytes, bytes | None]:
    return signature.signer, signature.issuing, signature.signed_at, signature.digest, signature.authorisation


@dataclass
class House:
    """Root, issuing authority, one signer and the time-stamp authority."""

    root: Holder
    issuing: Holder
    signer: Holder
    stamper: Holder
    stamping: "House | None" = None
    """Whose time-stamp authority stamps, if not this house's own."""

    @classmethod
    def found(cls, label: str = "演示") -> "House":
        """A fresh one."""
        root = make(f"{label}根", ca(1))
        issuing = root.issue(f"{label}签发", ca(0))
        return cls(root, issuing, issuing.issue(f"{label}签名", SIGNER), issuing.issue(f"{label}时间戳", STAMPER))


def stamp(by: House, data: bytes, at: int = NOW) -> bytes:
    """A time stamp over these bytes, five seconds after the signatures of tests."""
    by = by.stamping or by
    stamper = Stamper(Chain(by.stamper.certificate, by.issuing.certificate), MemoryKey(by.stamper.key))
    digest = sha256(data).digest()
    moment = datetime.datetime.fromtimestamp(at + 5, datetime.UTC)
    return stamper.stamp(digest, moment, int.from_bytes(digest[:16], "big"))

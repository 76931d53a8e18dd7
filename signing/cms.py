"""Detached signatures, CMS SignedData (RFC 5652) in the one encoding that docs/cms.md lays down byte by byte.

A signature that is read is written again from its values and compared. It never sees the content, only its digest. The
signer's certificate says in which of two dialects (P-256, or SM2 as in docs/sm2.md) everything stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from signing import der
from signing.dialects import P256, Dialect, dialect_of, is_sm2
from signing.keys import SigningKey
from signing.path import PathRefused, check_path
from signing.sm2 import NotSm2Key, Sm2Key
from signing.sm2_path import key_of

DATA = P256.data
CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
AUTHORISATION = der.oid("2.25.185672799979071685208814835671083791962")
VERSION_1 = der.integer(1)
CHAINS_KEPT = 64
"""A member signs many sheets in a row: what its certificates say is encoded once."""
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NEEDED = {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE_V2}


class CmsRefused(Exception):
    """A signature that is not believed. Each refusal of docs/cms.md is a kind of this."""

    code = "cms-refused"


class CmsMalformed(CmsRefused):
    """Not DER, or not the layout of a signature of this house."""

    code = "cms-malformed"


class CmsNotCanonical(CmsRefused):
    """The layout is right, but the same values have other bytes."""

    code = "cms-not-canonical"


class CmsOtherContent(CmsRefused):
    """A signature over other content."""

    code = "cms-content"


class CmsOtherCertificate(CmsRefused):
    """The certificates are not those that the signer named and signed."""

    code = "cms-certificate"


class CmsSignatureWrong(CmsRefused):
    """The signature value is not the signer's over these attributes."""

    code = "cms-signature"


class CmsHighS(CmsRefused):
    """The other of the two values of s: right, but a second spelling of the same signature."""

    code = "cms-high-s"


class CmsNoPath(CmsRefused):
    """No valid path to a trusted root at the time of signing."""

    code = "cms-path"


class CmsFromTheFuture(CmsRefused):
    """Signed after the time of the check."""

    code = "cms-time"


@dataclass(frozen=True, slots=True)
class Chain:
    """The signer's certificate and that of the CA that issued it."""

    signer: x509.Certificate
    issuing: x509.Certificate

    @property
    def dialect(self) -> Dialect:
        """In which the signer signs."""
        return dialect_of(self.signer)


@dataclass(frozen=True, slots=True)
class Signature:
    """What one file says: who signed content of which digest, when (UTC), released by which authorisation record."""

    chain: Chain
    content_digest: bytes
    signed_at: datetime
    authorisation_sha256: bytes | None
    value: bytes

    def to_bytes(self) -> bytes:
        """The file, DER."""
        return signed_data(VERSION_1, der.sequence(self.chain.dialect.data), self.chain, self.attributes(), self.value)

    def signed_bytes(self) -> bytes:
        """What the signature value is over: the attributes as SET OF (RFC 5652 §5.4)."""
        return der.set_of(*self.attributes())

    def attributes(self) -> list[bytes]:
        """The signed attributes, each as it is encoded."""
        values = [
            (CONTENT_TYPE, self.chain.dialect.data),
            (SIGNING_TIME, der.time(self.signed_at)),
            (MESSAGE_DIGEST, der.octets(self.content_digest)),
            (SIGNING_CERTIFICATE_V2, signing_certificate(self.chain)),
        ]
        if self.authorisation_sha256 is not None:
            values.append((AUTHORISATION, der.sequence(VERSION_1, der.octets(self.authorisation_sha256))))
        return [attribute(name, value) for name, value in values]


def attribute(name: bytes, value: bytes) -> bytes:
    """An attribute of one value; `name` is its OID's encoding."""
    return der.sequence(name, der.set_of(value))


def signed_data(
    version: bytes, content: bytes, chain: Chain, attributes: Sequence[bytes], value: bytes, unsigned: bytes = b""
) -> bytes:
    """A whole ContentInfo with one signer, whose `value` is over the attributes; `content` is its encapContentInfo.

    `unsigned` is one more attribute, which the value is not over.
    """
    info = signer_info(chain, attributes, value, unsigned)
    return enveloped(version, content, certificates_of(chain), info, chain.dialect)


def signer_info(chain: Chain, attributes: Sequence[bytes], value: bytes, unsigned: bytes = b"") -> bytes:
    """The SignerInfo of `chain.signer`, as `signed_data` has it."""
    return der.sequence(
        VERSION_1,
        _about(chain)[0],
        chain.dialect.digest_algorithm,
        der.set_of(*attributes, tag=der.CONTEXT_0),
        chain.dialect.value_algorithm,
        der.octets(value),
        der.set_of(unsigned, tag=der.CONTEXT_1) if unsigned else b"",
    )


def certificates_of(chain: Chain) -> bytes:
    """The field of both certificates."""
    return _about(chain)[1]


def enveloped(version: bytes, content: bytes, certificates: bytes, info: bytes, dialect: Dialect = P256) -> bytes:
    """A ContentInfo around one SignerInfo; `certificates` is their field, or empty."""
    signed = der.sequence(version, der.set_of(dialect.digest_algorithm), content, certificates, der.set_of(info))
    return der.sequence(dialect.signed_data, der.element(der.CONTEXT_0, signed))


def sign_attributes(key: SigningKey | Sm2Key, attributes: bytes) -> bytes:
    """The value over attributes encoded as SET OF; of P-256's two, that with the smaller s."""
    if isinstance(key, Sm2Key):
        return key.sign(attributes)
    return low_s(key.sign_digest(sha256(attributes).digest()))


def sign_detached(
    content_digest: bytes,
    key: SigningKey | Sm2Key,
    chain: Chain,
    signing_time: datetime,
    authorisation_sha256: bytes | None = None,
) -> bytes:
    """A file over content of that digest (SHA-256, for SM2 SM3) by the key of `chain.signer`, at whole seconds.

    `authorisation_sha256` is the digest of the authorisation record; a seal has none. The file is not yet believed:
    whoever keeps it verifies it first.
    """
    at = signing_time.astimezone(UTC).replace(microsecond=0)
    attributes = Signature(chain, content_digest, at, authorisation_sha256, b"").attributes()
    value = sign_attributes(key, der.set_of(*attributes))
    return signed_data(VERSION_1, der.sequence(chain.dialect.data), chain, attributes, value)


def read(file: bytes) -> Signature:
    """What `file` says, its layout and encoding checked, nothing believed.

    Raises CmsMalformed, CmsOtherCertificate or CmsNotCanonical.
    """
    try:
        signature = _taken_out(der.read(file))
    except (der.NotDer, ValueError, x509.InvalidVersion) as error:
        raise CmsMalformed from error
    if signature.to_bytes() != file:
        raise CmsNotCanonical
    return signature


def verify_detached(file: bytes, content_digest: bytes, roots: Sequence[x509.Certificate], at: datetime) -> Signature:
    """The signature in `file` over content of that digest, believed; `at` (UTC) is the time of this check.

    1. layout and encoding; 2. content; 3. not from the future; 4. signature value; 5. low s; 6. path at signing time.
    Raises a CmsRefused for the first that does not hold.
    """
    signature = read(file)  # 1
    if signature.content_digest != content_digest:  # 2
        raise CmsOtherContent
    if signature.signed_at > at:  # 3
        raise CmsFromTheFuture
    check_value(signature.chain.signer, signature.value, signature.signed_bytes())  # 4, 5
    try:
        check_path(signature.chain.signer, signature.chain.issuing, roots, signature.signed_at)  # 6
    except PathRefused as error:
        raise CmsNoPath(str(error)) from error
    return signature


def check_value(signer: x509.Certificate, value: bytes, attributes: bytes) -> None:
    """Refuse unless `value` is the signer's over attributes encoded as SET OF, with the smaller s (a CmsRefused)."""
    if is_sm2(signer):
        _check_sm2(signer, value, attributes)
        return
    try:
        public = signer.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CmsOtherCertificate from error
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise CmsOtherCertificate
    try:
        public.verify(value, attributes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise CmsSignatureWrong from None
    if value != low_s(value):
        raise CmsHighS


def _check_sm2(signer: x509.Certificate, value: bytes, attributes: bytes) -> None:
    try:
        public = key_of(signer)
    except NotSm2Key as error:
        raise CmsOtherCertificate from error
    if not public.verify(attributes, value):
        raise CmsSignatureWrong


def low_s(value: bytes) -> bytes:
    """The same ECDSA value (DER) with the smaller s. Raises ValueError if it is none (r or s outside 1 … n − 1)."""
    r, s = decode_dss_signature(value)
    if not (0 < r < P256_ORDER and 0 < s < P256_ORDER):
        raise ValueError("no ECDSA value")
    return der.sequence(der.integer(r), der.integer(min(s, P256_ORDER - s)))


def _taken_out(file: der.Element) -> Signature:
    """The values that vary. Only the way to them is looked at: writing them again judges the rest."""
    _, wrapped = file.fields(der.SEQUENCE, 2)
    (signed_data,) = wrapped.fields(der.CONTEXT_0, 1)
    _, _, _, certificates, infos = signed_data.fields(der.SEQUENCE, 5)
    (info,) = infos.fields(der.SET, 1)
    _, signer_id, _, attributes, _, value = info.fields(der.SEQUENCE, 6)
    found = dict(_attribute(member) for member in attributes.members(der.CONTEXT_0))
    if not found.keys() >= NEEDED:
        raise der.NotDer
    chain = _chain(certificates, signer_id)
    if found[SIGNING_CERTIFICATE_V2].raw != signing_certificate(chain):
        raise CmsOtherCertificate
    return Signature(
        chain,
        found[MESSAGE_DIGEST].value(der.OCTET_STRING),
        der.read_time(found[SIGNING_TIME]),
        _authorisation(found.get(AUTHORISATION)),
        value.value(der.OCTET_STRING),
    )


def _attribute(member: der.Element) -> tuple[bytes, der.Element]:
    name, values = member.fields(der.SEQUENCE, 2)
    (value,) = values.fields(der.SET, 1)
    return name.raw, value


def _authorisation(found: der.Element | None) -> bytes | None:
    return found.fields(der.SEQUENCE, 2)[1].value(der.OCTET_STRING) if found else None


def _chain(certificates: der.Element, signer_id: der.Element) -> Chain:
    pair = certificates.fields(der.CONTEXT_0, 2)
    others = [found for found in pair if _issuer_and_serial(found) != signer_id.raw]
    if len(others) != 1:
        raise CmsOtherCertificate
    pair.remove(others[0])
    return Chain(x509.load_der_x509_certificate(pair[0].raw), x509.load_der_x509_certificate(others[0].raw))


def _issuer_and_serial(certificate: der.Element) -> bytes:
    """IssuerAndSerialNumber with the certificate's own bytes (RFC 5280 §4.1: version, serial, signature, issuer, …)."""
    _, serial, _, issuer, *_ = certificate.fields(der.SEQUENCE, 3)[0].members(der.SEQUENCE)
    if not int.from_bytes(serial.value(der.INTEGER), signed=True) > 0:
        raise der.NotDer
    return der.sequence(issuer.raw, serial.raw)


@lru_cache(maxsize=CHAINS_KEPT)
def _about(chain: Chain) -> tuple[bytes, bytes]:
    """What every signature of a chain says of it: the signer's id, and both certificates."""
    signer, issuing = (certificate.public_bytes(Encoding.DER) for certificate in (chain.signer, chain.issuing))
    return _issuer_and_serial(der.read(signer)), der.set_of(signer, issuing, tag=der.CONTEXT_0)


@lru_cache(maxsize=CHAINS_KEPT)
def signing_certificate(chain: Chain) -> bytes:
    """SigningCertificateV2 (RFC 5035 §3): the digests of both certificates, the signer's first."""
    pair = (certificate.public_bytes(Encoding.DER) for certificate in (chain.signer, chain.issuing))
    return der.sequence(der.sequence(*map(chain.dialect.names, pair)))

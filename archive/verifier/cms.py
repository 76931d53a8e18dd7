"""Detached signatures (RFC 5652) in the one encoding of docs/cms.md: takes out what varies, writes it again, compares.

The signer's certificate says whether it is P-256's or the SM2 twin's (GB/T 35275, docs/sm2.md). Never signs.
"""

import time
from dataclasses import dataclass
from typing import Final, NoReturn

from archive.verifier import der, p256, suites, x509

DATA = suites.P256.data
CONTENT_TYPE, MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.3"), der.oid("1.2.840.113549.1.9.4")
SIGNING_TIME, SIGNING_CERTIFICATE = der.oid("1.2.840.113549.1.9.5"), der.oid("1.2.840.113549.1.9.16.2.47")
AUTHORISATION = der.oid("2.25.185672799979071685208814835671083791962")
CONTEXT_0: Final = 0xA0
SHA256_BYTES: Final = 32


class CmsRefused(ValueError):
    """`code` is one of the refusals at the end of docs/cms.md."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Signature:
    """What one file says: who signed which digest when, and under which authorisation record (SHA-256) if any."""

    signer: x509.Certificate
    issuing: x509.Certificate
    signed_at: int
    digest: bytes
    authorisation: bytes | None
    value: tuple[int, int]

    @property
    def attributes(self) -> bytes:
        """The signed attributes as they are hashed: SET OF, the tag `31` (RFC 5652 §5.4)."""
        return der.set_of(*_attributes(self))

    @property
    def is_intact(self) -> bool:
        """Whether the value is the signer's key's over the attributes."""
        return self.signer.suite.verify(self.signer.point, self.attributes, *self.value)


def _refuse(code: str, why: str) -> NoReturn:
    raise CmsRefused(code, why)


def read(file: bytes) -> Signature:
    """The signature in `file`: laid out as docs/cms.md says and byte for byte what its values give, or CmsRefused."""
    try:
        signature = _take_out(der.read(file))
    except (der.NotDer, x509.NotACertificate) as error:
        raise CmsRefused("cms-malformed", str(error)) from error
    if encode(signature) != file:
        _refuse("cms-not-canonical", "not the bytes its values give")
    return signature


def verify(file: bytes, digest: bytes, root: x509.Certificate, now: int) -> Signature:
    """The signature over content of `digest`, under `root`, made no later than `now`. Raises CmsRefused.

    Signer and issuing CA are of the root's suite, and so is the digest.
    """
    signature = read(file)
    if signature.digest != digest:
        _refuse("cms-content", "signs other content")
    if signature.signed_at > now:
        _refuse("cms-time", "signed after the time of this check")
    if not signature.is_intact:
        _refuse("cms-signature", "signature value does not verify")
    if signature.signer.suite is suites.P256 and not p256.is_low(signature.value[1]):
        _refuse("cms-high-s", "the other of the two values of s")
    try:
        x509.check_path(signature.signer, signature.issuing, root, signature.signed_at)
    except x509.NoPath as error:
        raise CmsRefused("cms-path", str(error)) from error
    return signature


def _take_out(file: der.Element) -> Signature:
    """The values that vary. Only what is needed to find them is looked at: `encode` judges the rest."""
    content = file.fields(der.SEQUENCE, 2)[1].fields(CONTEXT_0, 1)[0]
    _, _, _, certificates, infos = content.fields(der.SEQUENCE, 5)
    (info,) = infos.fields(der.SET, 1)
    _, sid, _, attributes, _, value = info.fields(der.SEQUENCE, 6)
    found = attributes_of(attributes)
    if not {CONTENT_TYPE, SIGNING_TIME, MESSAGE_DIGEST, SIGNING_CERTIFICATE} <= found.keys():
        _refuse("cms-malformed", "a signed attribute is missing")
    signer, issuing = certificates_of(certificates, sid, found[SIGNING_CERTIFICATE])
    return Signature(
        signer=signer,
        issuing=issuing,
        signed_at=x509.time_of(found[SIGNING_TIME]),
        digest=found[MESSAGE_DIGEST].of(der.OCTET_STRING).content,
        authorisation=authorisation_of(found.get(AUTHORISATION)),
        value=x509.signature_of(value.of(der.OCTET_STRING).content),
    )


def attributes_of(attributes: der.Element) -> dict[bytes, der.Element]:
    """The signed attributes by their OID's encoding, each with its one value."""
    found = {}
    for attribute in attributes.of(CONTEXT_0).children:
        name, values = attribute.fields(der.SEQUENCE, 2)
        (found[name.raw],) = values.fields(der.SET, 1)
    return found


def certificates_of(
    certificates: der.Element, sid: der.Element, named: der.Element
) -> tuple[x509.Certificate, x509.Certificate]:
    """(signer, issuing CA): told apart by issuer and serial number, and the pair signing-certificate-v2 names."""
    pair = [x509.read(certificate.raw) for certificate in certificates.fields(CONTEXT_0, 2)]
    signers = [c for c in pair if der.sequence(c.issuer, c.serial) == sid.raw]
    if len(signers) != 1:
        _refuse("cms-certificate", "the signer's certificate is not in the file")
    signer = signers[0]
    issuing = pair[1] if signer is pair[0] else pair[0]
    if named.raw != signing_certificate(signer, issuing):
        _refuse("cms-certificate", "the attribute names other certificates")
    return signer, issuing


def authorisation_of(value: der.Element | None) -> bytes | None:
    """The digest in an authorisation attribute, where there is one."""
    if value is None:
        return None
    version, digest = value.fields(der.SEQUENCE, 2)
    if der.integer_of(version) != 1 or len(digest.of(der.OCTET_STRING).content) != SHA256_BYTES:
        _refuse("cms-malformed", "authorisation attribute")
    return digest.content


def signing_certificate(signer: x509.Certificate, issuing: x509.Certificate) -> bytes:
    """The value of signing-certificate-v2 that names these two."""
    suite = signer.suite
    digests = (der.encode(der.OCTET_STRING, suite.digest(certificate.raw)) for certificate in (signer, issuing))
    return der.sequence(der.sequence(*(der.sequence(suite.named_by, digest) for digest in digests)))


def _time(seconds: int) -> bytes:
    moment = time.gmtime(seconds)
    if moment.tm_year < x509.GENERALIZED_FROM:
        return der.encode(der.UTC_TIME, time.strftime("%y%m%d%H%M%SZ", moment).encode())
    return der.encode(der.GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ", moment).encode())


def _attributes(signature: Signature) -> list[bytes]:
    values = [
        (CONTENT_TYPE, signature.signer.suite.data),
        (SIGNING_TIME, _time(signature.signed_at)),
        (MESSAGE_DIGEST, der.encode(der.OCTET_STRING, signature.digest)),
        (SIGNING_CERTIFICATE, signing_certificate(signature.signer, signature.issuing)),
    ]
    if signature.authorisation is not None:
        digest = der.encode(der.OCTET_STRING, signature.authorisation)
        values.append((AUTHORISATION, der.sequence(der.integer(1), digest)))
    return [der.sequence(name, der.set_of(value)) for name, value in values]


def encode(signature: Signature) -> bytes:
    """The file that these values give: the layout of docs/cms.md from top to bottom."""
    return signed_data(signature.signer, signature.issuing, _attributes(signature), signature.value)


def signed_data(
    signer: x509.Certificate,
    issuing: x509.Certificate,
    attributes: list[bytes],
    value: tuple[int, int],
    unsigned: bytes = b"",
) -> bytes:
    """A whole ContentInfo; `unsigned` is what stands behind the value inside a PDF."""
    certificates, suite = sorted((signer.raw, issuing.raw)), signer.suite
    info = der.sequence(
        der.integer(1),
        der.sequence(signer.issuer, signer.serial),
        suite.digest_algorithm,
        der.encode(CONTEXT_0, b"".join(sorted(attributes))),
        suite.value_algorithm,
        der.encode(der.OCTET_STRING, der.sequence(*map(der.integer, value))),
        unsigned,
    )
    content = der.sequence(
        der.integer(1),
        der.set_of(suite.digest_algorithm),
        der.sequence(suite.data),
        der.encode(CONTEXT_0, b"".join(certificates)),
        der.set_of(info),
    )
    return der.sequence(suite.signed_data, der.encode(CONTEXT_0, content))

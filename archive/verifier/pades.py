"""The signature in the hole of a PDF (docs/report-signatures.md): the CMS of docs/cms.md without a time, but stamped.

Takes out what varies, writes it again, compares. Never signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from archive.verifier import cms, der, p256, timestamp, x509
from archive.verifier.authorities import Authority
from archive.verifier.cms import CmsRefused

TIME_STAMP = der.oid("1.2.840.113549.1.9.16.2.14")
CONTEXT_1 = 0xA1


@dataclass(frozen=True, slots=True)
class Inner:
    """Who signed which digest, under which authorisation record (SHA-256), and the token over the value."""

    signer: x509.Certificate
    issuing: x509.Certificate
    digest: bytes
    authorisation: bytes
    value: tuple[int, int]
    token: bytes

    @property
    def attributes(self) -> list[bytes]:
        """The signed attributes."""
        values = (
            (cms.CONTENT_TYPE, cms.DATA),
            (cms.MESSAGE_DIGEST, der.encode(der.OCTET_STRING, self.digest)),
            (cms.SIGNING_CERTIFICATE, cms.signing_certificate(self.signer, self.issuing)),
            (cms.AUTHORISATION, der.sequence(der.integer(1), der.encode(der.OCTET_STRING, self.authorisation))),
        )
        return [der.sequence(name, der.set_of(value)) for name, value in values]

    @property
    def value_bytes(self) -> bytes:
        """The value as it is stamped: DER of r and s."""
        return der.sequence(*map(der.integer, self.value))


def read(content: bytes) -> Inner:
    """What a hole holds: laid out as said and byte for byte what its values give, or CmsRefused."""
    try:
        inner = _take_out(der.read(content))
    except (der.NotDer, x509.NotACertificate) as error:
        raise CmsRefused("cms-malformed", str(error)) from error
    stamped = der.encode(CONTEXT_1, der.sequence(TIME_STAMP, der.set_of(inner.token)))
    again = cms.signed_data(inner.signer, inner.issuing, inner.attributes, inner.value, stamped)
    if again != content:
        raise CmsRefused("cms-not-canonical", "not the bytes its values give")
    return inner


def verify(content: bytes, digest: bytes, root: x509.Certificate, signed_at: int) -> Inner:
    """The signature over a file of that digest, under `root` at the time it says it was made. Raises CmsRefused."""
    inner = read(content)
    if inner.digest != digest:
        raise CmsRefused("cms-content", "signs other bytes")
    if not p256.verify(inner.signer.point, der.set_of(*inner.attributes), *inner.value):
        raise CmsRefused("cms-signature", "signature value does not verify")
    if not p256.is_low(inner.value[1]):
        raise CmsRefused("cms-high-s", "the other of the two values of s")
    try:
        x509.check_path(inner.signer, inner.issuing, root, signed_at)
    except x509.NoPath as error:
        raise CmsRefused("cms-path", str(error)) from error
    return inner


def verify_token(token: bytes, imprint: bytes, trusted: Sequence[Authority], now: int) -> timestamp.Stamp:
    """A token as `timestamp` judges the response around it. Raises StampRefused, NotKnown."""
    return timestamp.verify(der.sequence(timestamp.GRANTED, token), imprint, tuple(trusted), now)


def verify_stamp(inner: Inner, trusted: Sequence[Authority], now: int) -> timestamp.Stamp:
    """The time stamp over the signature's value. Raises StampRefused, NotKnown."""
    return verify_token(inner.token, sha256(inner.value_bytes).digest(), trusted, now)


def _take_out(file: der.Element) -> Inner:
    content = file.fields(der.SEQUENCE, 2)[1].fields(cms.CONTEXT_0, 1)[0]
    _, _, _, certificates, infos = content.fields(der.SEQUENCE, 5)
    (info,) = infos.fields(der.SET, 1)
    _, sid, _, attributes, _, value, unsigned = info.fields(der.SEQUENCE, 7)
    found = cms.attributes_of(attributes)
    if not {cms.MESSAGE_DIGEST, cms.SIGNING_CERTIFICATE, cms.AUTHORISATION} <= found.keys():
        raise CmsRefused("cms-malformed", "a signed attribute is missing")
    signer, issuing = cms.certificates_of(certificates, sid, found[cms.SIGNING_CERTIFICATE])
    (stamped,) = unsigned.fields(CONTEXT_1, 1)
    (token,) = stamped.fields(der.SEQUENCE, 2)[1].fields(der.SET, 1)
    return Inner(
        signer=signer,
        issuing=issuing,
        digest=found[cms.MESSAGE_DIGEST].of(der.OCTET_STRING).content,
        authorisation=cms.authorisation_of(found[cms.AUTHORISATION]) or b"",
        value=x509.signature_of(value.of(der.OCTET_STRING).content),
        token=token.raw,
    )

"""Time stamps (RFC 3161) in the bytes of docs/timestamps.md: the request, and the stamp of the embedded authority.

It stamps whatever digest it is given at whatever time it is given; it keeps nothing and judges no stamp.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from signing import cms, der
from signing.keys import SigningKey

TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
POLICY = "2.25.219081320524893135786304930516458157283"
VERSION_3 = der.integer(3)
GRANTED = der.sequence(der.integer(0))


@dataclass(frozen=True, slots=True)
class Stamper:
    """An authority: its certificate with the issuing CA's, and its key."""

    chain: cms.Chain
    key: SigningKey

    def stamp(self, imprint: bytes, at: datetime, serial: int) -> bytes:
        """A TimeStampResp, DER, over data of that SHA-256; `at` is cut to whole seconds, `serial` never used before.

        It is verified before it is given. Raises CmsRefused where certificate and key are not a pair.
        """
        info = _info(imprint, at.astimezone(UTC), serial)
        attributes = [
            cms.attribute(cms.CONTENT_TYPE, TST_INFO),
            cms.attribute(cms.MESSAGE_DIGEST, der.octets(sha256(info).digest())),
            cms.attribute(cms.SIGNING_CERTIFICATE_V2, cms.signing_certificate(self.chain)),
        ]
        content = der.sequence(TST_INFO, der.element(der.CONTEXT_0, der.octets(info)))
        value = cms.sign_attributes(self.key, der.set_of(*attributes))
        cms.check_value(self.chain.signer, value, der.set_of(*attributes))
        return der.sequence(GRANTED, cms.signed_data(VERSION_3, content, self.chain, attributes, value))


def request(imprint: bytes, nonce: int, policy: str = "") -> bytes:
    """A TimeStampReq, DER, that wants the authority's certificate in the answer; `policy` is a dotted OID or empty."""
    wanted = der.oid(policy) if policy else b""
    with_certificates = der.element(der.BOOLEAN, b"\xff")
    return der.sequence(cms.VERSION_1, _imprint(imprint), wanted, der.integer(nonce), with_certificates)


def _info(imprint: bytes, at: datetime, serial: int) -> bytes:
    return der.sequence(
        cms.VERSION_1, der.oid(POLICY), _imprint(imprint), der.integer(serial), der.generalized_time(at)
    )


def _imprint(imprint: bytes) -> bytes:
    return der.sequence(cms.SHA_256, der.octets(imprint))

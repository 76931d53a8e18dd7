"""Time stamps (RFC 3161) in the bytes of docs/timestamps.md: the request, and the stamp of the embedded authority.

It stamps whatever imprint it is given at whatever time it is given; it keeps nothing and judges no stamp.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from signing import cms, der
from signing.dialects import SHA_256
from signing.keys import SigningKey

TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
POLICY = "2.25.219081320524893135786304930516458157283"
VERSION_3 = der.integer(3)
GRANTED = der.sequence(der.integer(0))
SHA_512 = der.sequence(der.oid("2.16.840.1.101.3.4.2.3"))
BY_LENGTH = {32: SHA_256, 64: SHA_512}
"""An imprint of the house is a SHA-256 or a SHA-512: its length says which."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a stamp shall hold: the MessageImprint and the nonce in the asker's own DER (no nonce: empty).

    `with_certificates`: whether the authority's and its issuer's go into the token.
    """

    imprint: bytes
    nonce: bytes = b""
    with_certificates: bool = True


@dataclass(frozen=True, slots=True)
class Stamper:
    """An authority: its certificate with the issuing CA's, and its key."""

    chain: cms.Chain
    key: SigningKey

    def stamp(self, imprint: bytes, at: datetime, serial: int) -> bytes:
        """A TimeStampResp, DER, over data of that SHA-256 or SHA-512; `at` and `serial` as for `grant`."""
        return self.grant(Wish(_imprint(imprint)), at, serial)

    def grant(self, wish: Wish, at: datetime, serial: int) -> bytes:
        """A TimeStampResp, DER; `at` is cut to whole seconds, `serial` never used before.

        It is verified before it is given. Raises CmsRefused where certificate and key are not a pair.
        """
        stated = _info(wish, at.astimezone(UTC), serial)
        attributes = [
            cms.attribute(cms.CONTENT_TYPE, TST_INFO),
            cms.attribute(cms.MESSAGE_DIGEST, der.octets(sha256(stated).digest())),
            cms.attribute(cms.SIGNING_CERTIFICATE_V2, cms.signing_certificate(self.chain)),
        ]
        content = der.sequence(TST_INFO, der.element(der.CONTEXT_0, der.octets(stated)))
        value = cms.sign_attributes(self.key, der.set_of(*attributes))
        cms.check_value(self.chain.signer, value, der.set_of(*attributes))
        certificates = cms.certificates_of(self.chain) if wish.with_certificates else b""
        info = cms.signer_info(self.chain, attributes, value)
        return der.sequence(GRANTED, cms.enveloped(VERSION_3, content, certificates, info))


def request(imprint: bytes, nonce: int, policy: str = "") -> bytes:
    """A TimeStampReq, DER, over a SHA-256 or SHA-512, that wants the authority's certificate in the answer.

    `policy` is a dotted OID or empty.
    """
    wanted = der.oid(policy) if policy else b""
    with_certificates = der.element(der.BOOLEAN, b"\xff")
    return der.sequence(cms.VERSION_1, _imprint(imprint), wanted, der.integer(nonce), with_certificates)


def _info(wish: Wish, at: datetime, serial: int) -> bytes:
    return der.sequence(
        cms.VERSION_1, der.oid(POLICY), wish.imprint, der.integer(serial), der.generalized_time(at), wish.nonce
    )


def _imprint(imprint: bytes) -> bytes:
    return der.sequence(BY_LENGTH[len(imprint)], der.octets(imprint))

"""What lies in the hole of a PDF signature: the house's CMS (docs/cms.md) as PAdES wants it, and the stamp over it.

The signing time stands in the PDF (`/M`), so it is no attribute here (EN 319 142-1); everything else is docs/cms.md's.
"""

from collections.abc import Sequence
from hashlib import sha256

from signing import cms, der
from signing.cms import Chain
from signing.keys import SigningKey

SIGNATURE_TIME_STAMP = der.oid("1.2.840.113549.1.9.16.2.14")
SIGNED = 2
"""Fields of a TimeStampResp: its status and the token."""


def attributes(digest: bytes, chain: Chain, authorisation_sha256: bytes) -> list[bytes]:
    """The signed attributes of a signature over a file whose ByteRange has this SHA-256."""
    return [
        cms.attribute(cms.CONTENT_TYPE, cms.DATA),
        cms.attribute(cms.MESSAGE_DIGEST, der.octets(digest)),
        cms.attribute(cms.SIGNING_CERTIFICATE_V2, cms.signing_certificate(chain)),
        cms.attribute(cms.AUTHORISATION, der.sequence(cms.VERSION_1, der.octets(authorisation_sha256))),
    ]


def sign(key: SigningKey, signed: Sequence[bytes]) -> bytes:
    """The signature value over these attributes, with the smaller s."""
    return cms.sign_attributes(key, der.set_of(*signed))


def check(chain: Chain, signed: Sequence[bytes], value: bytes) -> None:
    """Refuse a value that is not the signer's over these attributes (a CmsRefused)."""
    cms.check_value(chain.signer, value, der.set_of(*signed))


def container(chain: Chain, signed: Sequence[bytes], value: bytes, response: bytes) -> bytes:
    """The CMS with the time stamp over its value; `response` is a TimeStampResp over SHA-256 of `imprint`'s bytes."""
    stamp = cms.attribute(SIGNATURE_TIME_STAMP, token(response))
    return cms.signed_data(cms.VERSION_1, der.sequence(cms.DATA), chain, signed, value, stamp)


def imprint(value: bytes) -> bytes:
    """What the time stamp of a signature is over: SHA-256 of its value (RFC 5126 §6.1.1)."""
    return sha256(value).digest()


def token(response: bytes) -> bytes:
    """The TimeStampToken inside a TimeStampResp. Raises NotDer."""
    return der.read(response).fields(der.SEQUENCE, SIGNED)[1].raw

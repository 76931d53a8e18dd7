"""A request for a certificate (PKCS #10, RFC 2986) by a key that need not be in this process; no attributes.

CertificationRequest      ::= SEQUENCE { info, SEQUENCE { ecdsa-with-SHA256 }, BIT STRING signature }
CertificationRequestInfo  ::= SEQUENCE { INTEGER 0, Name, SubjectPublicKeyInfo, [0] {} }
"""

import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing import der
from signing.ca import Subject
from signing.keys import SigningKey

ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
BIT_STRING, NO_UNUSED_BITS = 0x03, b"\x00"


def request(subject: Subject, key: SigningKey) -> bytes:
    """The request (DER) for a certificate on this name, signed by its key."""
    spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    name = subject.to_external_name().public_bytes()
    info = der.sequence(der.integer(0), name, spki, der.element(der.CONTEXT_0))
    signature = key.sign_digest(hashlib.sha256(info).digest())
    return der.sequence(info, ECDSA_WITH_SHA256, der.element(BIT_STRING, NO_UNUSED_BITS, signature))

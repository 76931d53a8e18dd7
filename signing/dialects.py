"""The two dialects of a detached signature: P-256 with SHA-256 (RFC 5652), and SM2 with SM3 (GB/T 35275; docs/sm2.md).

Everything in which they differ stands here; the layout is one, in `cms`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509

from signing import der
from signing.sm2_python import sm3

SHA_256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
SM3 = der.sequence(der.oid("1.2.156.10197.1.401"))
SM2_SIGNATURE = der.sequence(der.oid("1.2.156.10197.1.301.1"))
SM2_WITH_SM3 = x509.ObjectIdentifier("1.2.156.10197.1.501")
"""What SM2 certificates and lists are signed with."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Object and algorithm identifiers (DER), the digest, and how an ESSCertIDv2 names that digest."""

    signed_data: bytes
    data: bytes
    digest_algorithm: bytes
    value_algorithm: bytes
    digest: Callable[[bytes], bytes]
    named_by: bytes

    def names(self, certificate: bytes) -> bytes:
        """ESSCertIDv2 of a certificate (RFC 5035 §4)."""
        return der.sequence(self.named_by, der.octets(self.digest(certificate)))


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()


P256 = Dialect(
    der.oid("1.2.840.113549.1.7.2"), der.oid("1.2.840.113549.1.7.1"), SHA_256, ECDSA_WITH_SHA256, _sha256, b""
)
"""SHA-256 is the default of an ESSCertIDv2, hence unnamed in DER."""
SM2 = Dialect(
    der.oid("1.2.156.10197.6.1.4.2.2"), der.oid("1.2.156.10197.6.1.4.2.1"), SM3, SM2_SIGNATURE, sm3, SM3
)  # fmt: skip


def is_sm2(certificate: x509.Certificate) -> bool:
    """Whether a certificate is of an SM2 authority."""
    return certificate.signature_algorithm_oid == SM2_WITH_SM3


def dialect_of(certificate: x509.Certificate) -> Dialect:
    """The dialect in which the owner of a certificate signs."""
    return SM2 if is_sm2(certificate) else P256

"""The two kinds of keys the house signs with: P-256 with SHA-256, and SM2 with SM3 (docs/cms.md, docs/sm2.md).

A suite is all in which certificates and signatures of the two kinds differ; the layouts are `x509`'s and `cms`'s.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from archive.verifier import der, p256, sm2
from archive.verifier.curve import Affine

EC_KEY: Final = der.oid("1.2.840.10045.2.1")
ECDSA_WITH_SHA256: Final = der.sequence(der.oid("1.2.840.10045.4.3.2"))
SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
SM3: Final = der.sequence(der.oid("1.2.156.10197.1.401"))


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """Identifiers are DER. `key` and `certificate` are AlgorithmIdentifiers of a public key and of who signed it.

    `named_by` stands before a certificate's digest in signing-certificate-v2; `ending`, `prefix` and `trust` name the
    files of its signatures, the keys of its certificates in an enrolment, and the files of its authorities.
    """

    key: bytes
    certificate: bytes
    signed_data: bytes
    data: bytes
    digest_algorithm: bytes
    value_algorithm: bytes
    named_by: bytes
    digest: Callable[[bytes], bytes]
    decode_point: Callable[[bytes], Affine | None]
    verify: Callable[[Affine, bytes, int, int], bool]
    ending: str
    prefix: str
    trust: str
    revoked: str


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


P256: Final = Suite(
    key=der.sequence(EC_KEY, der.oid("1.2.840.10045.3.1.7")),
    certificate=ECDSA_WITH_SHA256,
    signed_data=der.oid("1.2.840.113549.1.7.2"),
    data=der.oid("1.2.840.113549.1.7.1"),
    digest_algorithm=SHA256,
    value_algorithm=ECDSA_WITH_SHA256,
    named_by=b"",
    digest=_sha256,
    decode_point=p256.decode_point,
    verify=p256.verify,
    ending=".p7s",
    prefix="",
    trust="trust/",
    revoked="data/revoked.crl",
)
SM2: Final = Suite(
    key=der.sequence(EC_KEY, der.oid("1.2.156.10197.1.301")),
    certificate=der.sequence(der.oid("1.2.156.10197.1.501")),
    signed_data=der.oid("1.2.156.10197.6.1.4.2.2"),
    data=der.oid("1.2.156.10197.6.1.4.2.1"),
    digest_algorithm=SM3,
    value_algorithm=der.sequence(der.oid("1.2.156.10197.1.301.1")),
    named_by=SM3,
    digest=sm2.sm3,
    decode_point=sm2.decode_point,
    verify=sm2.verify,
    ending=".sm2.cms",
    prefix="sm2_",
    trust="trust/sm2-",
    revoked="data/revoked.sm2.crl",
)
BOTH: Final = (P256, SM2)
WANTED: Final = {"p256": (P256,), "sm2": (SM2,), "both": BOTH}
"""By the word of a rule profile."""

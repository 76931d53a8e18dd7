"""Certificates of outside time-stamp authorities: P-256 or RSA keys, read strictly, judged by what RFC 5280 §6 asks.

The house's own certificates are `x509`'s, which knows P-256 alone; nothing here lets an RSA key sign for the house.
"""

import functools
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from archive.verifier import der, p256, suites, x509
from archive.verifier.curve import Affine

RSA_ENCRYPTION = der.oid("1.2.840.113549.1.1.1")
NULL = der.encode(der.NULL, b"")
DIGEST_OIDS: Final = {
    "sha256": der.oid("2.16.840.1.101.3.4.2.1"),
    "sha384": der.oid("2.16.840.1.101.3.4.2.2"),
    "sha512": der.oid("2.16.840.1.101.3.4.2.3"),
}
DIGESTS: Final = {der.sequence(oid, rest): name for name, oid in DIGEST_OIDS.items() for rest in (b"", NULL)}
"""Algorithm identifiers without parameters, as RFC 5754 has them, and with NULL, as many write them."""
RSA_WITH: Final = {
    der.sequence(der.oid(f"1.2.840.113549.1.1.{arc}"), NULL): name
    for arc, name in ((11, "sha256"), (12, "sha384"), (13, "sha512"))
}
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192
LEAST_EXPONENT: Final = 3
MOST_ISSUERS: Final = 4
TBS_FIELDS: Final = 8


class NotKnown(ValueError):
    """An algorithm or a form of certificate that this program does not know: neither right nor wrong."""

    code = "not_known"


@dataclass(frozen=True, slots=True)
class RsaKey:
    """Modulus and public exponent."""

    modulus: int
    exponent: int

    def verify(self, digest_name: str, message: bytes, signature: bytes) -> bool:
        """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the padded digest is made anew and compared, never parsed."""
        size = (self.modulus.bit_length() + 7) // 8
        value = int.from_bytes(signature, "big")
        if len(signature) != size or value >= self.modulus:
            return False
        digest = der.encode(der.OCTET_STRING, hashlib.new(digest_name, message).digest())
        info = der.sequence(der.sequence(DIGEST_OIDS[digest_name], NULL), digest)
        padded = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
        return hmac.compare_digest(pow(value, self.exponent, self.modulus).to_bytes(size, "big"), padded)


@dataclass(frozen=True, slots=True)
class Authority:
    """What a path needs of a certificate; times are Unix seconds, names their DER encodings.

    `until`: stamps later than that are not believed under it, where the centre has another authority since; it is no
    part of the certificate.
    """

    raw: bytes
    tbs: bytes
    issuer: bytes
    subject: bytes
    not_before: int
    not_after: int
    key: Affine | RsaKey
    is_ca: bool
    path_length: int | None
    key_usage: frozenset[int]
    purposes: frozenset[bytes]
    algorithm: bytes
    signature: bytes
    until: int | None = field(default=None, compare=False)

    def verifies(self, algorithm: bytes, message: bytes, signature: bytes, digest_name: str = "") -> bool:
        """Whether a signature under an AlgorithmIdentifier is this key's; `digest_name` where that names none.

        Raises NotKnown.
        """
        if isinstance(self.key, RsaKey):
            named = RSA_WITH.get(algorithm) or (digest_name if algorithm == der.sequence(RSA_ENCRYPTION, NULL) else "")
            if not named:
                raise NotKnown("another algorithm")
            return self.key.verify(named, message, signature)
        if algorithm != suites.ECDSA_WITH_SHA256:
            raise NotKnown("another algorithm")
        try:
            return p256.verify(self.key, message, *x509.signature_of(signature))
        except der.NotDer:
            return False

    def is_valid(self, at: int) -> bool:
        """Whether Unix time `at` lies in its life, both ends included."""
        return self.not_before <= at <= self.not_after

    def may_issue(self, authorities_below: int) -> bool:
        """Whether it is an authority over so many others."""
        reaches = self.path_length is None or self.path_length >= authorities_below
        return self.is_ca and x509.KEY_CERT_SIGN in self.key_usage and reaches


@functools.lru_cache(maxsize=512)
def read(raw: bytes) -> Authority:
    """The certificate of that encoding. Raises NotKnown."""
    try:
        return _read(raw)
    except (der.NotDer, x509.NotACertificate) as error:
        raise NotKnown(str(error)) from error


def _read(raw: bytes) -> Authority:
    tbs, algorithm, signature = der.read(raw).fields(der.SEQUENCE, 3)
    version, _, inner, issuer, validity, subject, key, extensions = tbs.fields(der.SEQUENCE, TBS_FIELDS)
    if version.raw != der.encode(0xA0, der.integer(2)) or algorithm.raw != inner.raw:
        raise NotKnown("not version 3, or two algorithms")
    begin, end = validity.fields(der.SEQUENCE, 2)
    stated = x509.constraints(extensions)
    return Authority(
        raw=raw,
        tbs=tbs.raw,
        issuer=issuer.raw,
        subject=subject.raw,
        not_before=x509.time_of(begin),
        not_after=x509.time_of(end),
        key=_key(key),
        is_ca=stated.is_ca,
        path_length=stated.path_length,
        key_usage=stated.key_usage,
        purposes=stated.purposes,
        algorithm=algorithm.raw,
        signature=der.octets_of(signature),
    )


def _key(info: der.Element) -> Affine | RsaKey:
    """SubjectPublicKeyInfo (RFC 3279 §2.3)."""
    algorithm, bits = info.fields(der.SEQUENCE, 2)
    octets = der.octets_of(bits)
    if algorithm.raw == der.sequence(RSA_ENCRYPTION, NULL):
        modulus, exponent = (der.integer_of(one) for one in der.read(octets).fields(der.SEQUENCE, 2))
        if LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS and exponent >= LEAST_EXPONENT and exponent & 1:
            return RsaKey(modulus, exponent)
    point = p256.decode_point(octets) if algorithm.raw == suites.P256.key else None
    if point is None:
        raise NotKnown("neither P-256 nor RSA of 2048 bits and more")
    return point


@functools.lru_cache(maxsize=512)
def _is_signed_by(certificate: Authority, issuer: Authority) -> bool:
    named = certificate.issuer == issuer.subject
    return named and issuer.verifies(certificate.algorithm, certificate.tbs, certificate.signature)


def path_to(
    signer: Authority, carried: Sequence[Authority], trusted: Sequence[Authority], at: int
) -> tuple[Authority, ...]:
    """A path valid at Unix time `at` from the signer's by certificates carried along to a trusted one, or nothing.

    Raises NotKnown.
    """
    path = [signer]
    for depth in range(MOST_ISSUERS):
        current = path[-1]
        if not current.is_valid(at):
            return ()
        if current in trusted:
            return tuple(path)
        # Of two certificates of one name and key, as after a renewal, the one that lived then leads on.
        able = (one for one in (*trusted, *carried) if one.may_issue(depth) and one.is_valid(at))
        issuer = next((one for one in able if _is_signed_by(current, one)), None)
        if issuer is None:
            return ()
        path.append(issuer)
    return ()

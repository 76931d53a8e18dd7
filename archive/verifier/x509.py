"""X.509 certificates of the house (docs/cms.md): strict reading, and the path signer → issuing CA → root at a time.

Fetches nothing.
"""

import base64
import calendar
import functools
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.verifier import der, suites
from archive.verifier.curve import Affine
from archive.verifier.suites import Suite

BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE = der.oid("2.5.29.19"), der.oid("2.5.29.15"), der.oid("2.5.29.37")
UNDERSTOOD = {BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE}
DOCUMENT_SIGNING, TIME_STAMPING = der.oid("1.3.6.1.5.5.7.3.36"), der.oid("1.3.6.1.5.5.7.3.8")
DIGITAL_SIGNATURE, CONTENT_COMMITMENT, KEY_CERT_SIGN = 0, 1, 5
UTC_CHARACTERS: Final = 13
GENERALIZED_FROM: Final = 2050
MOST_SERIAL_OCTETS: Final = 20


class NotACertificate(ValueError):
    """The bytes are not a certificate of the kind docs/cms.md describes."""

    code = "not_a_certificate"


class NoPath(ValueError):
    """No valid path from the signer to the root at the time asked for."""

    code = "no_path"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the path check reads; times are Unix seconds, names and serial their DER encodings.

    `suite` is the kind of its own key and of who signed it: these are of one kind in this house.
    """

    suite: Suite
    raw: bytes
    tbs: bytes
    serial: bytes
    issuer: bytes
    subject: bytes
    not_before: int
    not_after: int
    point: Affine
    is_ca: bool
    path_length: int | None
    key_usage: frozenset[int]
    purposes: frozenset[bytes]
    signature: tuple[int, int]

    @property
    def sha256(self) -> str:
        """The fingerprint: SHA-256 of the encoding, hex."""
        return hashlib.sha256(self.raw).hexdigest()


def time_of(element: der.Element) -> int:
    """Unix seconds of a UTCTime (1950–2049) or a GeneralizedTime (from 2050), both in Z (RFC 5280 §4.1.2.5)."""
    text = element.content.decode("ascii", "replace")
    if element.tag == der.UTC_TIME and len(text) == UTC_CHARACTERS:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif element.tag != der.GENERALIZED_TIME or len(text) != UTC_CHARACTERS + 2 or text[:4] < str(GENERALIZED_FROM):
        raise der.NotDer("time not in its one form")
    if text[-1] != "Z" or not (text[:-1].isascii() and text[:-1].isdigit()):
        raise der.NotDer("time not in its one form")
    try:
        return calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ"))
    except ValueError as error:
        raise der.NotDer("no such time") from error


def signature_of(octets: bytes) -> tuple[int, int]:
    """(r, s) of a DER SEQUENCE of two integers."""
    r, s = der.read(octets).fields(der.SEQUENCE, 2)
    return der.integer_of(r), der.integer_of(s)


@functools.lru_cache(maxsize=512)
def read(raw: bytes) -> Certificate:
    """The certificate, or NotACertificate."""
    try:
        return _read(raw)
    except der.NotDer as error:
        raise NotACertificate(str(error)) from error


def _read(raw: bytes) -> Certificate:
    tbs, algorithm, signature = der.read(raw).fields(der.SEQUENCE, 3)
    version, serial, inner, issuer, validity, subject, key, extensions = tbs.fields(der.SEQUENCE, 8)
    if (
        version.raw != der.encode(0xA0, der.integer(2))
        or der.integer_of(serial) == 0
        or len(serial.content) > MOST_SERIAL_OCTETS
    ):
        raise NotACertificate("not version 3, or a serial number out of range")
    suite = next((one for one in suites.BOTH if one.certificate == algorithm.raw == inner.raw), None)
    if suite is None:
        raise NotACertificate("signed neither with ecdsa-with-SHA256 nor with SM2 and SM3")
    key_algorithm, bits = key.fields(der.SEQUENCE, 2)
    point = suite.decode_point(der.octets_of(bits))
    if key_algorithm.raw != suite.key or point is None:
        raise NotACertificate("not a key of the kind it is signed with")
    begin, end = validity.fields(der.SEQUENCE, 2)
    stated = constraints(extensions)
    return Certificate(
        suite=suite,
        raw=raw,
        tbs=tbs.raw,
        serial=serial.raw,
        issuer=issuer.of(der.SEQUENCE).raw,
        subject=subject.of(der.SEQUENCE).raw,
        not_before=time_of(begin),
        not_after=time_of(end),
        point=point,
        is_ca=stated.is_ca,
        path_length=stated.path_length,
        key_usage=stated.key_usage,
        purposes=stated.purposes,
        signature=signature_of(der.octets_of(signature)),
    )


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a certificate's extensions say of the use of its key."""

    is_ca: bool
    path_length: int | None
    key_usage: frozenset[int]
    purposes: frozenset[bytes]


def constraints(wrapped: der.Element) -> Constraints:
    """The extensions of a certificate, every critical one understood. Raises NotACertificate, NotDer."""
    found = dict(_extensions(wrapped))
    is_ca, path_length = _basic_constraints(found.get(BASIC_CONSTRAINTS))
    usage, purposes = _key_usage(found.get(KEY_USAGE)), _purposes(found.get(EXTENDED_KEY_USAGE))
    return Constraints(is_ca, path_length, usage, purposes)


def _extensions(wrapped: der.Element) -> Iterator[tuple[bytes, der.Element]]:
    """(OID, value) of each. A critical one that is not understood, and one that comes twice, are refused."""
    seen: set[bytes] = set()
    (listed,) = wrapped.fields(0xA3, 1)
    for extension in listed.of(der.SEQUENCE).children:
        name, *critical, value = extension.of(der.SEQUENCE).children
        if len(critical) > 1 or (critical and critical[0].raw != b"\x01\x01\xff"):
            raise NotACertificate("extension not in its one form")
        if name.of(der.OID).raw in seen or (critical and name.raw not in UNDERSTOOD):
            raise NotACertificate("extension repeated, or critical and not understood")
        seen.add(name.raw)
        octets = value.of(der.OCTET_STRING).content
        if name.raw in UNDERSTOOD:
            yield name.raw, der.read(octets)


def _basic_constraints(value: der.Element | None) -> tuple[bool, int | None]:
    if value is None or not value.of(der.SEQUENCE).children:
        return False, None
    flag, *length = value.children
    if flag.raw != b"\x01\x01\xff" or len(length) > 1:
        raise NotACertificate("basic constraints not in their one form")
    return True, der.integer_of(length[0]) if length else None


def _key_usage(value: der.Element | None) -> frozenset[int]:
    if value is None:
        return frozenset()
    octets = value.of(der.BIT_STRING).content[1:]
    return frozenset(i for i in range(8 * len(octets)) if octets[i // 8] >> (7 - i % 8) & 1)


def _purposes(value: der.Element | None) -> frozenset[bytes]:
    return frozenset(purpose.of(der.OID).raw for purpose in value.of(der.SEQUENCE).children) if value else frozenset()


def read_pem(text: bytes) -> Certificate:
    """The one certificate of a PEM file in its one spelling (RFC 7468: 64 columns, LF), or NotACertificate."""
    begin, end = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"
    body = text[len(begin) : -len(end)]
    try:
        raw = base64.b64decode(body.replace(b"\n", b""), validate=True)
    except ValueError as error:
        raise NotACertificate("not base64") from error
    if text != pem(raw):
        raise NotACertificate("not the one spelling of PEM")
    return read(raw)


def pem(raw: bytes) -> bytes:
    """The PEM file of a certificate (RFC 7468, strict form)."""
    encoded = base64.b64encode(raw)
    lines = [encoded[i : i + 64] for i in range(0, len(encoded), 64)]
    return b"\n".join((b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""))


@functools.lru_cache(maxsize=512)
def is_signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether a certificate names another as its issuer and is signed by that one's key."""
    if certificate.suite is not issuer.suite or certificate.issuer != issuer.subject:
        return False
    return issuer.suite.verify(issuer.point, certificate.tbs, *certificate.signature)


def _is_authority(certificate: Certificate, authorities_below: int) -> bool:
    reaches = certificate.path_length is None or certificate.path_length >= authorities_below
    return certificate.is_ca and KEY_CERT_SIGN in certificate.key_usage and reaches


def _signs_documents(certificate: Certificate) -> bool:
    may_sign = {DIGITAL_SIGNATURE, CONTENT_COMMITMENT} <= certificate.key_usage
    return not certificate.is_ca and may_sign and DOCUMENT_SIGNING in certificate.purposes


def check_path(signer: Certificate, issuing: Certificate, root: Certificate, at: int) -> None:
    """Raises NoPath unless the path held at Unix time `at` and the signer may sign documents (RFC 5280 §6)."""
    for certificate in (signer, issuing, root):
        if not certificate.not_before <= at <= certificate.not_after:
            raise NoPath("a certificate was not valid at the time of signing")
    if not (_is_authority(root, 1) and _is_authority(issuing, 0)):
        raise NoPath("an issuer may not issue this path")
    if not _signs_documents(signer):
        raise NoPath("the signer's certificate is not for signing documents")
    for certificate, issuer in ((root, root), (issuing, root), (signer, issuing)):
        if not is_signed_by(certificate, issuer):
            raise NoPath("certificate not signed by its issuer")

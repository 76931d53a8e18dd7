"""Time stamps (RFC 3161) as docs/timestamps.md has them: whose word it is that some bytes existed by a time.

Reads the stamps of any authority that writes DER; other algorithms than those of `authorities` are neither right nor
wrong here.
"""

import calendar
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NoReturn

from archive.verifier import authorities, cms, der, suites, x509
from archive.verifier.authorities import DIGESTS, Authority, NotKnown

TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
GRANTED = der.sequence(der.integer(0))
TST_INFO_VERSION, SIGNED_DATA_VERSION, SIGNER_VERSION = der.integer(1), der.integer(3), der.integer(1)
IMPRINTS: Final = {"sha256": 32, "sha512": 64}
"""Bytes of what a stamp may be over: a signature's SHA-256, a renewal's SHA-512. So its length names its digest."""
FIRST_FIELDS: Final = 5
LEAST_TIME: Final = len("20261122233320Z")


class StampRefused(ValueError):
    """`code` is one of the refusals at the end of docs/timestamps.md."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says: which SHA-256 or SHA-512 existed at which Unix second (cut), under which policy (OID).

    `signer` is the authority's certificate, `carried` those that came with it, `nonce` the request's or None.
    """

    imprint: bytes
    at: int
    policy: bytes
    nonce: int | None
    signer: bytes
    carried: tuple[bytes, ...]
    info: bytes
    attributes: der.Element
    digest_name: str
    algorithm: bytes
    value: bytes


def _refuse(code: str, why: str) -> NoReturn:
    raise StampRefused(code, why)


def read(response: bytes) -> Stamp:
    """What a TimeStampResp says, its layout checked, nothing believed. Raises StampRefused."""
    with _strictly():
        return _take_out(der.read(response))


def verify(response: bytes, imprint: bytes, trusted: tuple[Authority, ...], now: int) -> Stamp:
    """The stamp over data of that SHA-256 or SHA-512, believed; the steps are those of docs/timestamps.md.

    Raises StampRefused, and NotKnown for an algorithm or certificate that `authorities` does not know.
    """
    stamp = read(response)  # 2
    if stamp.imprint != imprint:  # 3
        _refuse("stamp-imprint", "a stamp over other bytes")
    if stamp.at > now:  # 4
        _refuse("stamp-time", "stamped after the time of this check")
    signer = authorities.read(stamp.signer)
    with _strictly():
        _check_attributes(stamp)  # 5
        signed = der.encode(der.SET, stamp.attributes.content)
        if not signer.verifies(stamp.algorithm, signed, stamp.value, stamp.digest_name):  # 6
            _refuse("stamp-signature", "signature value does not verify")
    _check_path(signer, stamp, trusted)  # 7
    return stamp


def path_at(stamp: Stamp, trusted: tuple[Authority, ...], at: int) -> tuple[Authority, ...]:
    """The certificates by which a stamp is believed at Unix time `at`, its signer's first; empty where it is not.

    Raises NotKnown.
    """
    carried = [one for one in map(_readable, stamp.carried) if one]
    believed = [one for one in trusted if one.until is None or stamp.at <= one.until]
    return authorities.path_to(authorities.read(stamp.signer), carried, believed, at)


@contextmanager
def _strictly() -> Iterator[None]:
    """Values of another shape than the layout's refuse the stamp."""
    try:
        yield
    except (StampRefused, NotKnown):
        raise
    except (ValueError, IndexError) as error:
        raise StampRefused("stamp-malformed", str(error)) from error


def _take_out(file: der.Element) -> Stamp:
    status, token = file.fields(der.SEQUENCE, 2)
    name, wrapped = token.fields(der.SEQUENCE, 2)
    if status.raw != GRANTED or name.raw != suites.P256.signed_data:
        _refuse("stamp-malformed", "not granted, or no token")
    version, digests, content, certificates, infos = wrapped.fields(cms.CONTEXT_0, 1)[0].fields(
        der.SEQUENCE, FIRST_FIELDS
    )
    kind, octets = content.fields(der.SEQUENCE, 2)
    (info,) = infos.fields(der.SET, 1)
    # An authority may add unsigned attributes behind the value; nothing of them is believed.
    signer_version, sid, digest, attributes, algorithm, value, *_ = info.of(der.SEQUENCE).children
    is_laid_out = (version.raw, kind.raw, signer_version.raw) == (SIGNED_DATA_VERSION, TST_INFO, SIGNER_VERSION)
    named = {one.raw for one in (*digests.fields(der.SET, 1), digest)}
    if not is_laid_out or len(named) != 1:
        _refuse("stamp-malformed", "not a token with one signer")
    if not named <= DIGESTS.keys():
        raise NotKnown("another digest")
    inner = octets.fields(cms.CONTEXT_0, 1)[0].of(der.OCTET_STRING).content
    carried = [one.raw for one in certificates.of(cms.CONTEXT_0).children]
    signer = _named(carried, sid)
    carried.remove(signer)
    return Stamp(
        *_stated(der.read(inner)),
        signer=signer,
        carried=tuple(carried),
        info=inner,
        attributes=attributes.of(cms.CONTEXT_0),
        digest_name=DIGESTS[digest.raw],
        algorithm=algorithm.raw,
        value=value.of(der.OCTET_STRING).content,
    )


def _named(carried: list[bytes], sid: der.Element) -> bytes:
    """The certificate that issuer and serial number name."""
    for raw in carried:
        _, serial, _, issuer, *_ = der.read(raw).of(der.SEQUENCE).children[0].children
        if der.sequence(issuer.raw, serial.raw) == sid.raw:
            return raw
    _refuse("stamp-certificate", "the signer's certificate is not in the token")


def _stated(info: der.Element) -> tuple[bytes, int, bytes, int | None]:
    """(imprint, time, policy, nonce) of a TSTInfo (RFC 3161 §2.4.2); accuracy, ordering and names are passed over."""
    version, policy, imprint, serial, at, *rest = info.of(der.SEQUENCE).children
    algorithm, digest = imprint.fields(der.SEQUENCE, 2)
    der.integer_of(serial)
    octets = digest.of(der.OCTET_STRING).content
    if version.raw != TST_INFO_VERSION or len(octets) != IMPRINTS.get(DIGESTS.get(algorithm.raw, "")):
        _refuse("stamp-malformed", "not a stamp over a SHA-256 or SHA-512")
    nonces = [der.integer_of(one) for one in rest if one.tag == der.INTEGER]
    return octets, _time(at), policy.of(der.OID).raw, nonces[0] if nonces else None


def _time(element: der.Element) -> int:
    """Unix seconds of a GeneralizedTime in Z; a fraction, which DER lets end in no zero, is cut off."""
    text = element.of(der.GENERALIZED_TIME).content.decode("ascii", "replace")
    whole, dot, fraction = text[:-1].partition(".")
    is_spelled = whole.isdigit() and (not dot or (fraction.isdigit() and not fraction.endswith("0")))
    if text[-1:] != "Z" or not text.isascii() or len(whole) != LEAST_TIME - 1 or not is_spelled:
        raise der.NotDer("time not in its one form")
    return calendar.timegm(time.strptime(whole, "%Y%m%d%H%M%S"))


def _check_attributes(stamp: Stamp) -> None:
    found = {}
    for attribute in stamp.attributes.children:
        name, values = attribute.fields(der.SEQUENCE, 2)
        (found[name.raw],) = values.fields(der.SET, 1)
    if not {cms.CONTENT_TYPE, cms.MESSAGE_DIGEST, cms.SIGNING_CERTIFICATE} <= found.keys():
        raise NotKnown("a signed attribute is missing or of another kind")
    digest = der.encode(der.OCTET_STRING, hashlib.new(stamp.digest_name, stamp.info).digest())
    if found[cms.CONTENT_TYPE].raw != TST_INFO or found[cms.MESSAGE_DIGEST].raw != digest:
        _refuse("stamp-signature", "signed over another TSTInfo")
    first = found[cms.SIGNING_CERTIFICATE].of(der.SEQUENCE).children[0].of(der.SEQUENCE).children[0]
    named = [one.content for one in first.of(der.SEQUENCE).children if one.tag == der.OCTET_STRING]
    if named != [sha256(stamp.signer).digest()]:
        _refuse("stamp-certificate", "signed for another certificate")


def _check_path(signer: Authority, stamp: Stamp, trusted: tuple[Authority, ...]) -> None:
    """From a certificate for time stamping alone, by those that came with it, to a trusted one."""
    if signer.is_ca or signer.purposes != {x509.TIME_STAMPING} or x509.DIGITAL_SIGNATURE not in signer.key_usage:
        _refuse("stamp-path", "the certificate is not for time stamping alone")
    if not path_at(stamp, trusted, stamp.at):
        _refuse("stamp-path", "no path to a published certificate")


def _readable(raw: bytes) -> Authority | None:
    try:
        return authorities.read(raw)
    except NotKnown:
        return None

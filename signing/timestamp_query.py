"""What a stranger asks of the embedded time-stamp authority (RFC 3161 §2.4.1), and each refusal as its answer.

It reads strictly, judges the question and nothing else; the stamp itself is `signing.timestamp`'s.
"""

from datetime import datetime
from enum import IntEnum
from typing import Final

from signing import cms, der
from signing.timestamp import POLICY, Stamper, Wish

NULL: Final = der.element(0x05)
BIT_STRING: Final = 0x03
EXTENSIONS: Final = 0xA0
POLICY_OID: Final = der.oid(POLICY)
TRUE: Final = der.element(der.BOOLEAN, b"\xff")
REJECTION: Final = der.integer(2)
SIZES: Final = {
    der.oid("2.16.840.1.101.3.4.2.1"): 32,
    der.oid("2.16.840.1.101.3.4.2.2"): 48,
    der.oid("2.16.840.1.101.3.4.2.3"): 64,
    der.oid("1.2.156.10197.1.401"): 32,
}
"""Bytes of a digest by its algorithm: SHA-256, SHA-384, SHA-512, SM3."""
MOST_NONCE_BYTES: Final = 34
"""Of a nonce with tag and length."""


class Failure(IntEnum):
    """PKIFailureInfo (RFC 3161 §2.4.2): the bit that says why."""

    BAD_ALGORITHM = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16


class QueryRefused(Exception):
    """A question that gets no stamp; `failure` is what the answer says."""

    code = "timestamp.query_refused"

    def __init__(self, failure: Failure, why: str) -> None:
        super().__init__(why)
        self.failure = failure


def answer(stamper: Stamper, query: bytes, at: datetime, serial: int) -> bytes:
    """The TimeStampResp, DER, to a TimeStampReq: a stamp, or a rejection with its reason. Never raises for a query."""
    try:
        wish = read(query)
        certificate = stamper.chain.signer
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise QueryRefused(Failure.TIME_NOT_AVAILABLE, "the clock stands outside the certificate's life")
    except QueryRefused as refused:
        return rejection(refused)
    return stamper.grant(wish, at, serial)


def read(query: bytes) -> Wish:
    """What a TimeStampReq wants: version 1, a known digest of its length, our policy or none, no extension.

    Raises QueryRefused.
    """
    try:
        version, imprint, *options = der.read(query).members(der.SEQUENCE)
        if version.raw != cms.VERSION_1:
            raise QueryRefused(Failure.BAD_REQUEST, "not version 1")
        _check_imprint(imprint)
        return _wish(imprint, options)
    except (der.NotDer, ValueError) as error:
        raise QueryRefused(Failure.BAD_DATA_FORMAT, "not a TimeStampReq in DER") from error


def rejection(refused: QueryRefused) -> bytes:
    """A TimeStampResp without a token: status 2, why in words, and the one bit of the failure."""
    words = der.sequence(der.element(0x0C, str(refused).encode()))
    return der.sequence(der.sequence(REJECTION, words, _bit(refused.failure)))


def _bit(number: int) -> bytes:
    """A BIT STRING of named bits in DER: nothing behind the last bit that is set (X.690 §11.2.2)."""
    size, place = divmod(number, 8)
    return der.element(BIT_STRING, bytes((7 - place,)), bytes(size), bytes((0x80 >> place,)))


def _check_imprint(imprint: der.Element) -> None:
    algorithm, digest = imprint.fields(der.SEQUENCE, 2)
    name, *parameters = algorithm.members(der.SEQUENCE)
    if name.raw not in SIZES or any(one.raw != NULL for one in parameters):
        raise QueryRefused(Failure.BAD_ALGORITHM, "neither SHA-256, SHA-384, SHA-512 nor SM3")
    if len(parameters) > 1 or len(digest.value(der.OCTET_STRING)) != SIZES[name.raw]:
        raise QueryRefused(Failure.BAD_DATA_FORMAT, "not a digest of this algorithm's length")


def _wish(imprint: der.Element, options: list[der.Element]) -> Wish:
    """Policy, nonce, certReq, extensions: each at most once and in this order."""
    order = (der.OBJECT_ID, der.INTEGER, der.BOOLEAN, EXTENSIONS)
    tags = [option.tag for option in options]
    if tags != [tag for tag in order if tag in tags]:
        raise der.NotDer
    found = {option.tag: option.raw for option in options}
    for option in options:
        if option.tag == der.INTEGER:
            der.check_integer(option.content)
    if found.get(der.OBJECT_ID, POLICY_OID) != POLICY_OID:
        raise QueryRefused(Failure.UNACCEPTED_POLICY, f"another policy than {POLICY}")
    if EXTENSIONS in found:
        raise QueryRefused(Failure.UNACCEPTED_EXTENSION, "no extension is understood")
    nonce = found.get(der.INTEGER, b"")
    # False is what is not written: DER spells no default.
    if len(nonce) > MOST_NONCE_BYTES or found.get(der.BOOLEAN, TRUE) != TRUE:
        raise der.NotDer
    return Wish(imprint.raw, nonce, der.BOOLEAN in found)

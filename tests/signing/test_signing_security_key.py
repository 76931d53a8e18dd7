"""A security key's answer releases an act only if everything it says is right; both judges name what is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import verify_authentication_response
from webauthn.helpers import encode_cbor
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

from archive.verifier import security_key as stranger
from archive.verifier.security_key import Registered
from signing.authorisation import Authorisation, parse_authorisation
from signing.canonical import parse
from signing.security_key import (
    Assertion,
    AssertionMissing,
    CounterWentBack,
    SecurityKey,
    SecurityKeyRefused,
    check_assertion,
    encoded,
    parse_assertion,
)
from tests.signing.world import CASE, SIGNED

PRIVATE = ec.derive_private_key(4711, ec.SECP256R1())
POINT = PRIVATE.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
ORIGIN = "https://bid.example:8443"
KEY = SecurityKey(b"key-1", POINT, ORIGIN, 6)
ACT = Authorisation(
    leaves=(sha256(b"sheet").digest(),),
    credential="E-2026-0001/m3/1",
    certificate_sha256=sha256(b"certificate").digest(),
    case=CASE,
    purpose="score-sheet",
    display=sha256(b"shown").digest(),
    nonce=bytes(16),
    issued_at=SIGNED,
)


def answer(**other: object) -> Assertion:
    """What a key says to the act, with other values where asked."""
    given: dict[str, object] = {
        "type": "webauthn.get",
        "challenge": encoded(ACT.challenge),
        "origin": ORIGIN,
        "crossOrigin": False,
        "host": "bid.example",
        "flags": 0x05,
        "counter": 7,
        "by": PRIVATE,
    }
    given |= other
    said = {name: given[name] for name in ("type", "challenge", "origin", "crossOrigin")}
    client = json.dumps(said, separators=(",", ":")).encode()
    host, flags, counter, by = given["host"], given["flags"], given["counter"], given["by"]
    assert isinstance(host, str)
    assert isinstance(flags, int)
    assert isinstance(counter, int)
    assert isinstance(by, ec.EllipticCurvePrivateKey)
    data = sha256(host.encode()).digest() + bytes((flags,)) + counter.to_bytes(4)
    return Assertion(data, client, by.sign(data + sha256(client).digest(), ec.ECDSA(SHA256())))


def judged(assertion: Assertion) -> str:
    """The refusal's code, "" if there is none."""
    try:
        check_assertion(assertion, KEY, ACT.challenge)
    except SecurityKeyRefused as refused:
        return refused.code
    return ""


def judged_by_the_stranger(assertion: Assertion) -> str:
    record = parse(replace(ACT, assertion=assertion).to_bytes())
    assert isinstance(record, dict)
    return stranger.fault(record, Registered(POINT, ORIGIN))


OTHER = replace(ACT, leaves=(sha256(b"another sheet").digest(),))
WRONG: dict[str, tuple[dict[str, object], str]] = {
    "another sheet's hash": ({"challenge": encoded(OTHER.challenge)}, "security-key-challenge"),
    "an answer of before": ({"challenge": encoded(replace(ACT, nonce=b"n" * 16).challenge)}, "security-key-challenge"),
    "a registration": ({"type": "webauthn.create"}, "security-key-challenge"),
    "another address": ({"origin": "https://bid.example.net"}, "security-key-origin"),
    "another relying party": ({"host": "bid.example.net"}, "security-key-origin"),
    "a frame of another site": ({"crossOrigin": True}, "security-key-origin"),
    "nobody there": ({"flags": 0x04}, "security-key-absent"),
    "nobody recognised": ({"flags": 0x01}, "security-key-unverified"),
    "another key": ({"by": ec.derive_private_key(4712, ec.SECP256R1())}, "security-key-signature"),
}


def test_a_right_answer_is_taken_by_all_three_judges() -> None:
    right = answer()
    assert judged(right) == judged_by_the_stranger(right) == ""
    x, y = POINT[1:33], POINT[33:]
    verified = verify_authentication_response(
        credential=AuthenticationCredential(
            id=encoded(KEY.id),
            raw_id=KEY.id,
            response=AuthenticatorAssertionResponse(right.client, right.authenticator, right.signature),
        ),
        expected_challenge=ACT.challenge,
        expected_rp_id="bid.example",
        expected_origin=ORIGIN,
        credential_public_key=encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y}),
        credential_current_sign_count=KEY.counter,
        require_user_verification=True,
    )
    assert verified.new_sign_count == 7


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_answer_is_refused_for_its_own_reason(name: str) -> None:
    other, code = WRONG[name]
    assert judged(answer(**other)) == code
    # The stranger calls both flags one thing.
    expected = code.replace("absent", "unverified")
    assert judged_by_the_stranger(answer(**other)) == expected


def test_a_changed_bit_anywhere_is_refused() -> None:
    right = answer()
    for part in ("authenticator", "client", "signature"):
        content = getattr(right, part)
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1
            other = replace(right, **{part: bytes(changed)})
            assert judged(other), (part, place)
            assert judged_by_the_stranger(other), (part, place)


@pytest.mark.parametrize(
    ("last", "counter", "is_taken"), [(6, 7, True), (7, 7, False), (8, 7, False), (0, 0, True), (1, 0, False)]
)
def test_a_counter_goes_on_or_is_not_kept_at_all(last: int, counter: int, is_taken: bool) -> None:
    key = replace(KEY, counter=last)
    if is_taken:
        check_assertion(answer(counter=counter), key, ACT.challenge)
    else:
        with pytest.raises(CounterWentBack):
            check_assertion(answer(counter=counter), key, ACT.challenge)


@pytest.mark.parametrize(
    "change",
    [
        lambda value: None,
        lambda value: [],
        lambda value: {},
        lambda value: value | {"more": ""},
        lambda value: value | {"signature": 5},
        lambda value: value | {"signature": value["signature"] + "="},
        lambda value: value | {"authenticatorData": "AAAA"},
        lambda value: value | {"clientDataJSON": "é"},
        lambda value: value | {"clientDataJSON": encoded(b" " * 5000)},
    ],
)
def test_what_cannot_be_read_counts_as_missing(change: Callable[[dict[str, str]], object]) -> None:
    with pytest.raises(AssertionMissing):
        parse_assertion(change(answer().to_json()))


def test_client_data_that_is_no_object_is_refused() -> None:
    for client in (b"", b"[]", b"{", b"[" * 3000):
        with pytest.raises(AssertionMissing):
            check_assertion(replace(answer(), client=client), KEY, ACT.challenge)


@pytest.mark.parametrize("client", [b"\xef\xbb\xbf{}", "{}".encode("utf-16"), "{}".encode("utf-16-le"), b"\xff{}"])
def test_client_data_in_another_encoding_cannot_be_read(client: bytes) -> None:
    assert judged(replace(answer(), client=client)) == "security-key-missing"
    assert judged_by_the_stranger(replace(answer(), client=client)) == "security-key-missing"


def test_a_record_with_an_answer_is_read_as_it_is_written() -> None:
    record = replace(ACT, assertion=answer())
    assert parse_authorisation(record.to_bytes()) == record
    assert record.challenge == ACT.challenge
    assert b'"method":"pin+key"' in record.to_bytes()

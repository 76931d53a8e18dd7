"""Registering a security key: an answer to the challenge of this moment is taken once and never again."""

import json
from hashlib import sha256
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

from conduct.ports import Tx
from conduct.security_keys import KeyNeeded
from evaluation.case import Case, CaseId
from signing.security_key import encoded
from tests.services.memory import Memory
from web import security_keys

CASE, WHO, ORIGIN = CaseId("E-2026-0001"), "m3", "https://bid.example"
IDENTITY = b"key-of-a-test-16"


def made(challenge: str, origin: str = ORIGIN) -> str:
    """What a browser posts when a key registers itself: without attestation, its owner recognised."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    public = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
    data = sha256(b"bid.example").digest() + b"\x45" + bytes(4 + 16) + len(IDENTITY).to_bytes(2) + IDENTITY + public
    client = json.dumps({"type": "webauthn.create", "challenge": challenge, "origin": origin}).encode()
    answer = {
        "attestationObject": encoded(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        "clientDataJSON": encoded(client),
    }
    return json.dumps({"id": encoded(IDENTITY), "rawId": encoded(IDENTITY), "type": "public-key", "response": answer})


@pytest.fixture
def tx() -> Tx:
    return cast(Tx, Memory(Case(CASE)))


def asked(tx: Tx) -> str:
    return str(security_keys.offer(tx, CASE, WHO, "评标", ORIGIN)["challenge"])


def test_an_answer_registers_a_key_once(tx: Tx) -> None:
    answer = made(asked(tx))
    assert security_keys.registered(tx, CASE, WHO, answer, ORIGIN).key.id == IDENTITY
    with pytest.raises(KeyNeeded):
        security_keys.registered(tx, CASE, WHO, answer, ORIGIN)


def test_what_a_key_computes_counts_where_it_computes_of_both_salts_and_can_be_forgotten(tx: Tx) -> None:
    computed = [encoded(bytes([n]) * 32) for n in (1, 2)]
    for said in ([], computed[:1]):
        answer = json.dumps(json.loads(made(asked(tx))) | {"prf": said})
        assert security_keys.registered(tx, CASE, WHO, answer, ORIGIN).prf is None
    answer = json.dumps(json.loads(made(asked(tx))) | {"prf": computed})
    prf = security_keys.registered(tx, CASE, WHO, answer, ORIGIN).prf
    assert prf is not None
    assert bytes(prf.now) == b"\x01" * 32
    prf.wipe()
    assert bytes(prf.now) == bytes(32)


def test_an_answer_of_endless_depth_registers_none(tx: Tx) -> None:
    asked(tx)
    with pytest.raises(security_keys.KeyNotRegistered):
        security_keys.registered(tx, CASE, WHO, "[" * 100_000, ORIGIN)


def test_an_answer_to_an_earlier_challenge_or_for_another_address_registers_none(tx: Tx) -> None:
    earlier = made(asked(tx))
    asked(tx)
    with pytest.raises(security_keys.KeyNotRegistered):
        security_keys.registered(tx, CASE, WHO, earlier, ORIGIN)
    with pytest.raises(security_keys.KeyNotRegistered):
        security_keys.registered(tx, CASE, WHO, made(asked(tx), "https://elsewhere.example"), ORIGIN)

"""Keys made, signatures released and refused, with and without a security key, all throw-away, before it serves.

It shows that this machine's libraries sign and refuse, and it has loaded whatever they load late: afterwards the
process can open no file.
"""

import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conduct.activation.keyholder import Keyholder, act_of
from conduct.activation.questions import Create, Sign, TwinPapers
from signing.ca import Authority, Subject, Term, make_issuing, make_root, make_signer
from signing.keys import load_public, new_key
from signing.keystore import Cost, EnvelopeKeyStore, PasswordWrong, Prf, PrfMissing
from signing.security_key import Assertion, AssertionMissing, SecurityKey, encoded
from signing.sm2 import new_sm2_key, parse_sm2_public
from signing.sm2_ca import Sm2Authority, make_sm2_issuing, make_sm2_root, make_sm2_signer

CREDENTIAL, PASSWORD, WRONG = "rehearsal", b"804517", b"804518"
ORIGIN, HOST = "https://rehearsal.invalid", b"rehearsal.invalid"
CHEAP = Cost(memory_kib=8, passes=1)


def rehearse() -> None:
    """Sign once with the password alone, once with a security key; ends the process where that does not go right."""
    now = datetime.now(UTC).replace(microsecond=0)
    since = now - timedelta(minutes=1)
    root = make_root(Subject(CREDENTIAL, CREDENTIAL), new_key(), 1, since)
    issuing = make_issuing(root, Subject(CREDENTIAL, CREDENTIAL), new_key(), 2, since)
    sm2_root = make_sm2_root(Subject(CREDENTIAL, CREDENTIAL), new_sm2_key(), 1, since)
    sm2_issuing = make_sm2_issuing(sm2_root, Subject(CREDENTIAL, CREDENTIAL), new_sm2_key(), 2, since)
    roots = [root.certificate, sm2_root.certificate]
    keyholder = Keyholder(EnvelopeKeyStore(os.urandom(32), CHEAP), roots, lambda: now)
    asked = _asked(keyholder, issuing, now, None)
    keyholder.sign(asked)
    _demand_refused(keyholder, replace(asked, password=memoryview(WRONG)), PasswordWrong)
    keyholder.sign(_asked_for_both(keyholder, issuing, sm2_issuing, now))
    touched = ec.generate_private_key(ec.SECP256R1())
    asked = _asked(keyholder, issuing, now, touched)
    _demand_refused(keyholder, asked, AssertionMissing)
    asked = replace(asked, assertion=_answer(touched, act_of(asked)[1].challenge))
    resealed = keyholder.sign(asked).resealed
    _demand_refused(keyholder, replace(asked, prf=None), PrfMissing)
    _demand_refused(keyholder, replace(asked, sealed=resealed), PasswordWrong)


def _demand_refused(keyholder: Keyholder, asked: Sign, why: type[Exception]) -> None:
    try:
        keyholder.sign(asked)
    except why:
        return
    sys.exit("a wrong password, or a security key that did not answer, opened a key: this machine must not sign")


def _asked(keyholder: Keyholder, issuing: Authority, now: datetime, touched: ec.EllipticCurvePrivateKey | None) -> Sign:
    """What is asked of a fresh key, under a security key or none, with the right password and nobody's touch."""
    key = SecurityKey(CREDENTIAL.encode(), _point(touched), ORIGIN) if touched else None
    prf = Prf(memoryview(os.urandom(32)), memoryview(os.urandom(32)), os.urandom(32)) if touched else None
    made = keyholder.create(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32), key, prf=prf))
    term = Term(3, now - timedelta(minutes=1), now + timedelta(minutes=1))
    signer = make_signer(issuing, Subject(CREDENTIAL, CREDENTIAL), load_public(made.public_key), term)
    return Sign(
        credential=CREDENTIAL,
        sealed=made.sealed,
        password=memoryview(PASSWORD),
        certificate=signer.public_bytes(Encoding.DER),
        issuing=issuing.certificate.public_bytes(Encoding.DER),
        case=CREDENTIAL,
        purpose=CREDENTIAL,
        leaves=(os.urandom(32), os.urandom(32)),
        display=os.urandom(32),
        nonce=os.urandom(16),
        issued_at=now,
        security_key=key,
        prf=prf,
    )


def _asked_for_both(keyholder: Keyholder, issuing: Authority, sm2_issuing: Sm2Authority, now: datetime) -> Sign:
    """The same of a key with an SM2 key beside it: this machine's libcrypto is loaded, if it has one."""
    made = keyholder.create(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32), algorithms="both"))
    term, subject = Term(3, now - timedelta(minutes=1), now + timedelta(minutes=1)), Subject(CREDENTIAL, CREDENTIAL)
    signer = make_signer(issuing, subject, load_public(made.public_key), term).public_bytes(Encoding.DER)
    twin = make_sm2_signer(sm2_issuing, subject, parse_sm2_public(made.twin), term).public_bytes(Encoding.DER)
    content = os.urandom(32)
    asked = _asked(keyholder, issuing, now, None)
    return replace(
        asked,
        sealed=made.sealed,
        certificate=signer,
        leaves=(sha256(content).digest(),),
        algorithms="both",
        twin=TwinPapers(twin, sm2_issuing.certificate.public_bytes(Encoding.DER), (content,)),
    )


def _point(touched: ec.EllipticCurvePrivateKey) -> bytes:
    return touched.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _answer(touched: ec.EllipticCurvePrivateKey, challenge: bytes) -> Assertion:
    """What a security key says when it is touched and knows by whom (docs/security-keys.md)."""
    client = json.dumps({"type": "webauthn.get", "challenge": encoded(challenge), "origin": ORIGIN}).encode()
    data = sha256(HOST).digest() + b"\x05" + bytes((0, 0, 0, 1))
    return Assertion(data, client, touched.sign(data + sha256(client).digest(), ec.ECDSA(SHA256())))

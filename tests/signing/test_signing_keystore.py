"""Sealed keys: opened by the right password, share and credential, by nothing else, and laid out as the module says."""

from hashlib import sha256
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signing import cms
from signing.ca import Subject, make_signer
from signing.keys import MemoryKey, NotOurKey, load_key
from signing.keystore import (
    BESIDE_PRF,
    Beside,
    Cost,
    EnvelopeKeyStore,
    KeyStore,
    KeystoreRefused,
    PasswordWrong,
    Prf,
    PrfMissing,
    SealedKeyMalformed,
    is_under_prf,
    salt_of,
)
from signing.password import PasswordRefused
from signing.sm2 import new_sm2_key
from tests.signing.touch import Touch
from tests.signing.world import CASE, CENTRE, SIGNED, WORLD, fixed_key, term

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
SHARE, SALT = bytes(range(32)), bytes(range(32, 64))
CREDENTIAL, PASSWORD = "E-2026-0001/m3/1", b"804517"


@pytest.fixture(name="store")
def _store() -> KeyStore:
    return EnvelopeKeyStore(SHARE, CHEAP)


def test_the_right_password_opens_a_key_that_signs_under_its_public_half(store: KeyStore) -> None:
    made = store.create(CREDENTIAL, PASSWORD, SALT)
    key = store.open(CREDENTIAL, PASSWORD, made.sealed).key
    assert key.public_key == made.public_key
    assert isinstance(made.public_key.curve, ec.SECP256R1)
    value = key.sign_digest(sha256(b"content").digest())
    made.public_key.verify(value, b"content", ec.ECDSA(SHA256()))


def test_two_keys_are_never_the_same(store: KeyStore) -> None:
    first, second = store.create(CREDENTIAL, PASSWORD, SALT), store.create(CREDENTIAL, PASSWORD, SALT[::-1])
    assert first.public_key != second.public_key
    assert first.sealed[39:] != second.sealed[39:]


def test_r_30_nothing_but_share_and_password_opens_a_members_key(store: KeyStore) -> None:
    sealed = store.create(CREDENTIAL, PASSWORD, SALT).sealed
    tries = [
        (store, CREDENTIAL, b"804518", sealed),
        (store, CREDENTIAL, b"", sealed),
        (store, "E-2026-0001/m4/1", PASSWORD, sealed),
        (EnvelopeKeyStore(SHARE[::-1], CHEAP), CREDENTIAL, PASSWORD, sealed),
        (store, CREDENTIAL, PASSWORD, sealed[:-1]),
        (store, CREDENTIAL, PASSWORD, sealed[:39]),
        *((store, CREDENTIAL, PASSWORD, _flipped(sealed, place)) for place in range(7, len(sealed))),
    ]
    for by, credential, password, blob in tries:
        with pytest.raises(PasswordWrong):
            by.open(credential, password, blob)


def _flipped(sealed: bytes, place: int) -> bytes:
    changed = bytearray(sealed)
    changed[place] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x02" + bytes((0, 0, 0, 64, 1, 1)),
        b"\x01" + bytes((255, 255, 255, 255, 1, 1)),
        b"\x01" + bytes((0, 0, 0, 64, 255, 1)),
        b"\x01" + bytes((0, 0, 0, 64, 0, 1)),
        b"\x01" + bytes((0, 0, 0, 64, 1, 0)),
        b"\x01" + bytes((0, 0, 0, 64, 1, 9)),
    ],
)
def test_bytes_that_would_exhaust_the_machine_or_are_no_sealed_key_are_refused_unopened(
    store: KeyStore, head: bytes
) -> None:
    sealed = store.create(CREDENTIAL, PASSWORD, SALT).sealed
    with pytest.raises(SealedKeyMalformed):
        store.open(CREDENTIAL, PASSWORD, (head + sealed[7:]) if head else sealed[:38])


def test_a_key_sealed_at_another_cost_still_opens(store: KeyStore) -> None:
    made = store.create(CREDENTIAL, PASSWORD, SALT)
    dearer = EnvelopeKeyStore(SHARE, Cost(128, 2, 1))
    assert dearer.open(CREDENTIAL, PASSWORD, made.sealed).key.public_key == made.public_key


def test_the_bytes_are_laid_out_as_the_module_says(store: KeyStore) -> None:
    """Sealed here by hand, from the description alone."""
    head = b"\x01" + (64).to_bytes(4) + b"\x01\x01" + SALT
    stretched = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=64).derive(PASSWORD)
    info = b"bid/keystore/v1|" + CREDENTIAL.encode()
    material = HKDF(SHA256(), 44, SALT, info).derive(SHARE + stretched)
    aad = CREDENTIAL.encode() + b"|1|" + head
    sealed = head + AESGCM(material[:32]).encrypt(material[32:], fixed_key(5).private_bytes(), aad)
    assert store.open(CREDENTIAL, PASSWORD, sealed).key.public_key == fixed_key(5).public_key


def test_a_weak_password_makes_no_key(store: KeyStore) -> None:
    with pytest.raises(PasswordRefused) as refusal:
        store.create(CREDENTIAL, b"123456", SALT)
    assert refusal.value.code == "password-weak"


def test_a_share_or_salt_of_another_length_is_refused(store: KeyStore) -> None:
    with pytest.raises(KeystoreRefused):
        EnvelopeKeyStore(SHARE[:31], CHEAP)
    with pytest.raises(KeystoreRefused):
        store.create(CREDENTIAL, PASSWORD, SALT[:16])


def test_a_key_reads_back_from_its_bytes_and_other_bytes_are_none() -> None:
    assert load_key(fixed_key(5).private_bytes()).public_key == fixed_key(5).public_key
    p384 = ec.generate_private_key(ec.SECP384R1())
    other = MemoryKey(p384).private_bytes()
    for wrong in (b"", b"\x30\x00", other):
        with pytest.raises(NotOurKey):
            load_key(wrong)


def test_the_opened_key_signs_a_file_that_is_believed(store: KeyStore) -> None:
    made = store.create(CREDENTIAL, PASSWORD, SALT)
    certificate = make_signer(WORLD.issuing, Subject("评委5", CENTRE, CASE), made.public_key, term(5))
    chain = cms.Chain(certificate, WORLD.issuing.certificate)
    file = cms.sign_detached(bytes(32), store.open(CREDENTIAL, PASSWORD, made.sealed).key, chain, SIGNED)
    assert cms.verify_detached(file, bytes(32), WORLD.roots, SIGNED).chain == chain


def test_with_a_security_keys_prf_each_opening_seals_anew_and_what_was_computed_before_opens_nothing(
    store: KeyStore,
) -> None:
    touch, salts = Touch(), [bytes((n,)) * 32 for n in range(4)]
    made = store.create(CREDENTIAL, PASSWORD, salts[0], Beside(prf=Prf(touch.computed(salts[0]))))
    sealed, captured = made.sealed, touch.prf(salts[0], salts[1])
    for now, then in pairwise(salts):
        assert is_under_prf(sealed)
        assert salt_of(sealed) == now
        opened = store.open(CREDENTIAL, PASSWORD, sealed, touch.prf(now, then))
        assert opened.key.public_key == made.public_key
        sealed = opened.resealed
        assert len(sealed) == len(made.sealed)
    for stale in (captured, Prf(captured.then)):
        with pytest.raises(PasswordWrong):
            store.open(CREDENTIAL, PASSWORD, sealed, stale)


def test_no_password_opens_a_key_without_the_prf_that_seals_it_and_a_plain_key_takes_none(store: KeyStore) -> None:
    touch = Touch()
    prf, other = Prf(touch.computed(SALT)), Prf(Touch().computed(SALT))
    sealed = store.create(CREDENTIAL, PASSWORD, SALT, Beside(prf=prf)).sealed
    plain = store.create(CREDENTIAL, PASSWORD, SALT).sealed
    assert not is_under_prf(plain)
    for blob, wrong in ((sealed, None), (sealed, Prf(prf.now[:31])), (sealed, Prf(prf.now[:0])), (plain, prf)):
        with pytest.raises(PrfMissing):
            store.open(CREDENTIAL, PASSWORD, blob, wrong)
    # Said to be sealed without, it opens with neither.
    for blob, wrong in ((sealed, other), (b"\x01" + sealed[1:], None), (b"\x05" + plain[1:], prf)):
        with pytest.raises(PasswordWrong):
            store.open(CREDENTIAL, PASSWORD, blob, wrong)
    with pytest.raises(PasswordWrong):
        store.open(CREDENTIAL, b"804518", sealed, prf)
    with pytest.raises(PrfMissing):
        store.create(CREDENTIAL, PASSWORD, SALT, Beside(prf=Prf(prf.now[:16])))


def test_an_sm2_key_beside_is_sealed_anew_with_the_other(store: KeyStore) -> None:
    touch, twin = Touch(), new_sm2_key()
    made = store.create(CREDENTIAL, PASSWORD, SALT, Beside(twin, Prf(touch.computed(SALT))))
    first = store.open(CREDENTIAL, PASSWORD, made.sealed, touch.prf(SALT, SHARE))
    again = store.open(CREDENTIAL, PASSWORD, first.resealed, touch.prf(SHARE, SALT))
    assert again.key.public_key == made.public_key
    assert again.twin is not None
    assert again.twin.public_key.spki == twin.public_key.spki


def test_the_bytes_with_a_prf_are_laid_out_as_the_module_says(store: KeyStore) -> None:
    """Sealed here by hand, from the description alone; the PRF costs less beside it."""
    touch = Touch()
    head = b"\x05" + (8192).to_bytes(4) + b"\x01\x01" + SALT
    stretched = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=8192).derive(PASSWORD)
    info = b"bid/keystore/v5|" + CREDENTIAL.encode()
    material = HKDF(SHA256(), 44, SALT, info).derive(SHARE + stretched + touch.computed(SALT))
    aad = CREDENTIAL.encode() + b"|5|" + head
    sealed = head + AESGCM(material[:32]).encrypt(material[32:], fixed_key(5).private_bytes(), aad)
    opened = store.open(CREDENTIAL, PASSWORD, sealed, Prf(touch.computed(SALT)))
    assert (opened.key.public_key, opened.resealed) == (fixed_key(5).public_key, b"")
    assert (BESIDE_PRF.memory_kib, BESIDE_PRF.passes, BESIDE_PRF.lanes) == (8192, 1, 1)

"""P-256, SM2 and Ed25519 of the verifier, held against other implementations and against hand-picked edge cases."""

import hashlib
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.verifier import der, p256, sm2, x509
from archive.verifier import ed25519 as ours
from archive.verifier.curve import Affine
from signing.sm2 import Sm2Key

PRIVATE = st.integers(1, p256.N - 1)


def point_of(key: ec.EllipticCurvePrivateKey) -> Affine:
    numbers = key.public_key().public_numbers()
    return numbers.x, numbers.y


def judged_by_pyca(key: ec.EllipticCurvePublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(PRIVATE, st.binary(max_size=80))
def test_what_pyca_signs_on_p256_verifies_and_nothing_else_does(private: int, message: bytes) -> None:
    key = ec.derive_private_key(private, ec.SECP256R1())
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    assert p256.verify(point_of(key), message, r, s)
    assert p256.verify(point_of(key), message, r, p256.N - s)
    assert p256.is_low(s) != p256.is_low(p256.N - s)
    assert not p256.verify(point_of(key), message + b".", r, s)
    assert not p256.verify(point_of(key), message, (r + 1) % p256.N, s)
    assert not p256.verify(point_of(key), message, r, (s + 1) % p256.N)


@pytest.mark.parametrize("bad", [0, -1, p256.N, p256.N + 1, 2**256])
def test_r_and_s_outside_their_range_are_refused(bad: int) -> None:
    key = ec.derive_private_key(7, ec.SECP256R1())
    r, s = utils.decode_dss_signature(key.sign(b"m", ec.ECDSA(hashes.SHA256())))
    assert not p256.verify(point_of(key), b"m", bad, s)
    assert not p256.verify(point_of(key), b"m", r, bad)
    assert not p256.verify(point_of(key), b"m", r + p256.N, s)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, sm2.SM2.n - 2), st.binary(max_size=80))
def test_what_the_house_signs_by_sm2_verifies_and_nothing_else_does(private: int, message: bytes) -> None:
    key, n = Sm2Key(private), sm2.SM2.n
    r, s = x509.signature_of(key.sign(message))
    assert sm2.verify(key.public_key.point, message, r, s)
    assert not sm2.verify(key.public_key.point, message + b".", r, s)
    for bad in ((r + 1, s), (r, s + 1), (s, r), (r, n - s), (r + n, s), (0, s), (r, 0), (r, n - r)):
        assert not sm2.verify(key.public_key.point, message, *bad)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_sm3_in_python_is_sm3(data: bytes) -> None:
    assert sm2.sm3_in_python(data) == sm2.sm3(data) == hashlib.new("sm3", data).digest()


def edge_case_signature(private: int, u1_is_minus_u2_d: bool, message: bytes) -> tuple[int, int]:
    """(r, s) chosen so that u1·G + u2·Q meets a special case: infinity, or a doubling in the last addition."""
    e = int.from_bytes(sha256(message).digest(), "big")
    sign = -1 if u1_is_minus_u2_d else 1
    r = sign * e * pow(private, -1, p256.N) % p256.N
    return r, 1


@pytest.mark.parametrize("private", [1, 2, 3, 15, 16, p256.N - 1, p256.N - 2, 2**255])
@pytest.mark.parametrize("to_infinity", [True, False])
def test_special_sums_are_answered_as_pyca_answers_them(private: int, to_infinity: bool) -> None:
    key = ec.derive_private_key(private, ec.SECP256R1())
    r, s = edge_case_signature(private, to_infinity, b"edge")
    stated = utils.encode_dss_signature(r, s)
    assert p256.verify(point_of(key), b"edge", r, s) == judged_by_pyca(key.public_key(), b"edge", stated)


@pytest.mark.parametrize("private", [1, 2, 3, 5, 16, p256.N - 1, p256.N - 3])
def test_small_and_large_keys_with_small_sums_verify(private: int) -> None:
    """Signatures with chosen nonces 1, 2, 3 … exercise the additions where both points are equal or opposite."""
    key = ec.derive_private_key(private, ec.SECP256R1())
    e = int.from_bytes(sha256(b"small").digest(), "big")
    for nonce in (1, 2, 3, 4, 8, 15, 16, 17, p256.N - 1):
        r = ec.derive_private_key(nonce, ec.SECP256R1()).public_key().public_numbers().x % p256.N
        s = pow(nonce, -1, p256.N) * (e + r * private) % p256.N
        assert p256.verify(point_of(key), b"small", r, s)
        assert judged_by_pyca(key.public_key(), b"small", utils.encode_dss_signature(r, s))


def test_a_point_off_the_curve_or_in_another_form_is_no_key() -> None:
    x, y = p256.P256.g
    good = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    assert p256.decode_point(good) == p256.P256.g
    for bad in (good[:-1], good + b"\0", b"\x02" + good[1:33], b"\x06" + good[1:], bytes(65), b"\x00"):
        assert p256.decode_point(bad) is None
    assert p256.decode_point(good[:-1] + bytes((good[-1] ^ 1,))) is None
    assert p256.decode_point(b"\x04" + p256.P256.p.to_bytes(32, "big") + good[33:]) is None


@pytest.mark.parametrize(
    "octets",
    [
        "3006020101020101ff",  # a byte after the value
        "308006020101020101",  # indefinite length
        "30810602010102 0101",  # length not minimal
        "3007020200010201 01",  # integer not minimal
        "3006020181020101",  # negative
        "3004020002 00",  # empty integer
        "30090201010201010 20101",  # a third integer
        "3003020101",  # only one
        "3106020101020101",  # a set
        "0500",
        "30",
        "",
    ],
)
def test_a_signature_value_has_one_encoding(octets: str) -> None:
    with pytest.raises(der.NotDer):
        x509.signature_of(bytes.fromhex(octets.replace(" ", "")))


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_what_pyca_signs_with_ed25519_verifies_and_nothing_else_does(seed: bytes, message: bytes) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert ours.verify(public, message, signature)
    assert not ours.verify(public, message + b".", signature)
    assert not ours.verify(public, message, signature[:63] + bytes((signature[63] ^ 1,)))
    assert not ours.verify(public, message, bytes((signature[0] ^ 1,)) + signature[1:])


def test_ed25519_has_one_spelling_of_each_signature() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"m")
    again = int.from_bytes(signature[32:], "little") + ours.L
    assert not ours.verify(public, b"m", signature[:32] + again.to_bytes(32, "little"))
    for bad in (signature[:-1], signature + b"\0", b""):
        assert not ours.verify(public, b"m", bad)


def test_an_ed25519_key_in_another_spelling_is_refused() -> None:
    for y in (ours.P, ours.P + 1, 2**255 - 1):
        assert not ours.verify(y.to_bytes(32, "little"), b"m", bytes(64))
    minus_zero = (1 | 1 << 255).to_bytes(32, "little")
    assert not ours.verify(minus_zero, b"m", minus_zero + bytes(32))


def test_the_rfc_8032_vectors_verify() -> None:
    """RFC 8032 §7.1, tests 1 to 3."""
    for public, message, signature in RFC_8032:
        assert ours.verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]

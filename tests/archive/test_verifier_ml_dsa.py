"""ML-DSA-44 of the verifier, held against pyca/cryptography: it accepts and refuses the same signatures."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.verifier import ml_dsa

KEY = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
SIGNED = KEY.sign(b"a checkpoint")
HINTS = ml_dsa.SIGNATURE_BYTES - ml_dsa.OMEGA - ml_dsa.ROWS


def judged_by_pyca(message: bytes, signature: bytes) -> bool:
    try:
        KEY.public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_pyca_signs_verifies_for_its_message_and_key_alone(seed: bytes, message: bytes) -> None:
    key = MLDSA44PrivateKey.from_seed_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert ml_dsa.verify(public, message, signature)
    assert not ml_dsa.verify(public, message + b".", signature)
    assert not ml_dsa.verify(PUBLIC, message, signature)


def test_a_signature_made_for_a_context_is_none_without_it() -> None:
    assert not ml_dsa.verify(PUBLIC, b"a checkpoint", KEY.sign(b"a checkpoint", context=b"other"))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, ml_dsa.SIGNATURE_BYTES - 1), st.integers(0, 255))
@example(HINTS, 255)
@example(ml_dsa.SIGNATURE_BYTES - 1, 81)
@example(ml_dsa.SIGNATURE_BYTES - 5, 1)
def test_a_changed_byte_is_judged_as_pyca_judges_it(place: int, value: int) -> None:
    changed = SIGNED[:place] + bytes((value,)) + SIGNED[place + 1 :]
    assert ml_dsa.verify(PUBLIC, b"a checkpoint", changed) == judged_by_pyca(b"a checkpoint", changed)


@pytest.mark.parametrize("signature", [b"", SIGNED[:-1], SIGNED + b"\x00"])
def test_another_length_is_no_signature(signature: bytes) -> None:
    assert not ml_dsa.verify(PUBLIC, b"a checkpoint", signature)
    assert not ml_dsa.verify(PUBLIC[:-1], b"a checkpoint", SIGNED)


def test_hints_have_one_order() -> None:
    """Two hints of one polynomial exchanged say the same to a lax reader (FIPS 204, Algorithm 21)."""
    ends = SIGNED[-ml_dsa.ROWS :]
    first = next(at for at, (begin, end) in enumerate(zip((0, *ends), ends, strict=False)) if end - begin > 1)
    at = HINTS + (ends[first - 1] if first else 0)
    turned = SIGNED[:at] + SIGNED[at : at + 2][::-1] + SIGNED[at + 2 :]
    assert turned != SIGNED
    assert not ml_dsa.verify(PUBLIC, b"a checkpoint", turned)
    assert not judged_by_pyca(b"a checkpoint", turned)

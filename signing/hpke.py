"""Sealing a few bytes to one public key: HPKE base mode (RFC 9180) in the one suite this house uses.

DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, single shot. What a box is for stands in its `info`; nothing is
sent beside it.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from signing.canonical import canonical

KEY_BYTES = 32
OVERHEAD = KEY_BYTES + 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class NotForThis(Exception):
    """The box does not open: another key, another purpose, or damaged on its way."""

    code = "hpke.not_for_this"


def info(**said: str | int) -> bytes:
    """What a box is for, as canonical JSON; `v` names the purpose."""
    return canonical(dict(said))


def seal(plain: bytes, key: bytes, purpose: bytes) -> bytes:
    """enc (32 bytes) ‖ ciphertext, to a raw X25519 public key. Raises `ValueError` for a key that is none."""
    return _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(key), purpose)


def unseal(box: bytes, key: X25519PrivateKey, purpose: bytes) -> bytes:
    """The bytes that `seal` was given for this key and purpose. Raises `NotForThis`."""
    try:
        return _SUITE.decrypt(box, key, purpose)
    except (InvalidTag, ValueError) as closed:
        raise NotForThis from closed


def raw_public(key: X25519PrivateKey) -> bytes:
    """The 32 bytes of the public key."""
    return key.public_key().public_bytes_raw()

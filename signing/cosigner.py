"""A witness's private keys, Ed25519 and ML-DSA-44 (FIPS 204), and the judge of such signatures.

It signs whatever checkpoint it is given: whether one may be cosigned is decided in `witness`.
"""

from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from signing.cosignature import ED25519_COSIGNATURE, ML_DSA_44, cosign
from signing.note import Checkpoint, Signature, VerifierKey

SEED_BYTES = 32


class _Public(Protocol):
    def verify(self, signature: bytes, data: bytes) -> None: ...


class Cosigner:
    """One private key of a witness under its name. `kind` is ED25519_COSIGNATURE or ML_DSA_44, `seed` 32 bytes."""

    __slots__ = ("_private", "verifier_key")

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        self._private = (
            Ed25519PrivateKey.from_private_bytes(seed)
            if kind == ED25519_COSIGNATURE
            else MLDSA44PrivateKey.from_seed_bytes(seed)
        )
        self.verifier_key = VerifierKey(name, kind, self._private.public_key().public_bytes_raw())

    def cosign(self, checkpoint: Checkpoint, time: int) -> Signature:
        """The line under a checkpoint, at a time in seconds since 1970 (UTC)."""
        return cosign(self.verifier_key, time, checkpoint, self._private.sign)


def is_cosigned(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is `key`'s over `message`; False for keys of another type. Fits signing.note.Verify."""
    try:
        _public(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(key: VerifierKey) -> _Public:
    if key.type == ED25519_COSIGNATURE:
        return Ed25519PublicKey.from_public_bytes(key.key)
    if key.type == ML_DSA_44:
        return MLDSA44PublicKey.from_public_bytes(key.key)
    raise ValueError(key.type)

"""Private P-256 keys: the shape every holder of one has, and the one in this process's memory.

It never writes a key down: who stores the bytes of `private_bytes` answers for them.
"""

from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

PublicKey = ec.EllipticCurvePublicKey


class NotOurKey(Exception):
    """Bytes that are not a P-256 key in PKCS #8."""

    code = "key-malformed"


class SigningKey(Protocol):
    """A private key wherever it lives: in memory, in a token, behind a service."""

    @property
    def public_key(self) -> PublicKey:
        """The public half."""

    def sign_digest(self, sha256: bytes) -> bytes:
        """ECDSA over a SHA-256 digest: DER `SEQUENCE { r, s }`, either value of s."""


class MemoryKey:
    """A P-256 key in memory. It signs with the nonce of RFC 6979, so no bad random number can betray it."""

    __slots__ = ("_private",)

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self._private.public_key()

    @property
    def private(self) -> ec.EllipticCurvePrivateKey:
        """The key itself, for what signs certificates or serves TLS."""
        return self._private

    def sign_digest(self, sha256: bytes) -> bytes:
        """ECDSA over a SHA-256 digest: DER `SEQUENCE { r, s }`, either value of s."""
        return self._private.sign(sha256, ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True))

    def private_bytes(self) -> bytes:
        """The key as PKCS #8 DER, in the clear."""
        return self._private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def new_key() -> MemoryKey:
    """A fresh key; the one place where randomness is drawn, by the library itself."""
    return MemoryKey(ec.generate_private_key(ec.SECP256R1()))


def load_key(private: bytes | bytearray | memoryview) -> MemoryKey:
    """The key whose `private_bytes` these are. Raises NotOurKey."""
    try:
        key = serialization.load_der_private_key(private, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotOurKey from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NotOurKey
    return MemoryKey(key)


def load_public(spki: bytes) -> PublicKey:
    """The public key in a SubjectPublicKeyInfo (DER). Raises NotOurKey."""
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotOurKey from error
    if not isinstance(key, PublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NotOurKey
    return key

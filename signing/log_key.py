"""The Ed25519 key of a log: signs checkpoints as signed notes, and checks them (C2SP signed-note, type 0x01).

It never asks whether a tree extends the one signed before: whoever keeps the log does.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from signing.note import ED25519, Checkpoint, Note, VerifierKey, sign


class LogKey:
    """A log's private key under the log's name, which is its checkpoints' origin."""

    __slots__ = ("_private", "verifier_key")

    def __init__(self, name: str, private: bytes) -> None:
        """`private` is the 32-byte seed of RFC 8032. Raises ValueError or NoteRefused (the name)."""
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.verifier_key = VerifierKey(name, ED25519, self._private.public_key().public_bytes_raw())

    def private_bytes(self) -> bytes:
        """The 32-byte seed, in the clear."""
        return self._private.private_bytes_raw()

    def sign_checkpoint(self, size: int, root: bytes) -> Note:
        """The signed checkpoint of the tree of `size` leaves."""
        text = str(Checkpoint(self.verifier_key.name, size, root))
        return Note(text, (sign(text, self.verifier_key, self._private.sign),))


def new_log_key(name: str) -> LogKey:
    """A fresh key; randomness is drawn by the library itself."""
    return LogKey(name, Ed25519PrivateKey.generate().private_bytes_raw())


def is_signed(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is `key`'s over `message`; False for keys of another type. Fits signing.note.Verify."""
    if key.type != ED25519:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True

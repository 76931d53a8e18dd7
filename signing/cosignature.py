"""Cosignatures of witnesses under a checkpoint (C2SP tlog-cosignature), as messages and note lines.

Signing and verifying come in as functions, as in `note`: this module never holds a key. Standard library only.
"""

from collections.abc import Callable
from dataclasses import dataclass

from signing.note import Checkpoint, NoteRefused, NoteSignatureWrong, Signature, VerifierKey, Verify

ED25519_COSIGNATURE = 4
ML_DSA_44 = 6
TIME_BYTES = 8
TIME_LIMIT = 2**63
SUBTREE = b"subtree/v1\n\x00"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A verified cosignature: whose key, and the witness's time in seconds since 1970 (UTC)."""

    key: VerifierKey
    time: int


def message(key: VerifierKey, time: int, checkpoint: Checkpoint) -> bytes:
    """What the holder of `key` signs at `time`. Raises NoteRefused for a key that is none of a witness."""
    if key.type == ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{checkpoint}".encode()
    if key.type == ML_DSA_44:
        name, origin = key.name.encode(), checkpoint.origin.encode()
        about = _sized(name) + time.to_bytes(8, "big") + _sized(origin)
        return SUBTREE + about + bytes(8) + checkpoint.size.to_bytes(8, "big") + checkpoint.root
    raise NoteRefused("key type")


def cosign(key: VerifierKey, time: int, checkpoint: Checkpoint, sign: Callable[[bytes], bytes]) -> Signature:
    """The line of `key` under a checkpoint; `sign` signs a message with the private half."""
    value = time.to_bytes(TIME_BYTES, "big") + sign(message(key, time, checkpoint))
    return Signature(key.name, key.id, value)


def open_cosignature(line: Signature, key: VerifierKey, checkpoint: Checkpoint, verify: Verify) -> Cosigned:
    """The cosignature in a line that claims to be by `key` (`Signature.is_by`). Raises NoteSignatureWrong."""
    time = int.from_bytes(line.value[:TIME_BYTES], "big")
    if len(line.value) <= TIME_BYTES or time >= TIME_LIMIT:
        raise NoteSignatureWrong(line.name)
    if not verify(key, message(key, time, checkpoint), line.value[TIME_BYTES:]):
        raise NoteSignatureWrong(line.name)
    return Cosigned(key, time)


def _sized(text: bytes) -> bytes:
    return bytes((len(text),)) + text

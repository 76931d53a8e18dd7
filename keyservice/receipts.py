"""A statement shown to stand in a log: the checkpoint's signature by the published key, the path from leaf to root.

Formats: C2SP tlog-proof, signed-note and tlog-checkpoint; the proof is RFC 9162 §2.1.3.2. Everything here refuses.
"""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keyservice.refusals import NotLogged

KEY_ID = 4
DASH = "— "


@dataclass(frozen=True, slots=True)
class LogKey:
    """The centre's published log key (`log.vkey`): its logs' names begin with `origin`, its Ed25519 key signs them."""

    origin: str
    public: bytes

    @classmethod
    def read(cls, vkey: str) -> "LogKey":
        """`<name>+<8 hex>+<base64 of 0x01 and 32 bytes>`."""
        name, _, encoded = vkey.strip().split("+", 2)
        return cls(name, b64decode(encoded)[1:])


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement as a row of `GET /draws` shows it, with its proof."""

    statement: bytes
    proof: str


def logged(shown: Shown, key: LogKey) -> dict[str, Any]:
    """What the statement says, once it is shown to be logged. Raises `NotLogged`."""
    try:
        head, _, note = shown.proof.partition("\n\n")
        _, index, *path = head.split("\n")
        text, _, signatures = note.rpartition("\n\n")
        _check_signature(text + "\n", signatures, key)
        _, size, root, *_ = text.split("\n")
        siblings = [b64decode(line) for line in path if line]
        led = _root(shown.statement, int(index.removeprefix("index ")), int(size), siblings)
        stated: dict[str, Any] = json.loads(shown.statement)
    except (ValueError, NotBase64) as unreadable:
        raise NotLogged from unreadable
    if led != b64decode(root):
        raise NotLogged
    return stated


def _check_signature(text: str, signatures: str, key: LogKey) -> None:
    name = text.split("\n", maxsplit=1)[0]
    key_id = sha256(name.encode() + b"\n\x01" + key.public).digest()[:KEY_ID]
    for line in signatures.splitlines():
        signer, _, encoded = line.removeprefix(DASH).rpartition(" ")
        raw = b64decode(encoded)
        if signer == name and raw[:KEY_ID] == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(raw[KEY_ID:], text.encode())
            except InvalidSignature as forged:
                raise NotLogged from forged
            return
    raise NotLogged


def _root(statement: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    node = sha256(b"\x00" + sha256(statement).digest()).digest()
    place, last = index, size - 1
    if not 0 <= place <= last:
        return None
    for sibling in path:
        if not last:
            return None
        if place % 2 or place == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        place, last = place >> 1, last >> 1
    return None if last else node

"""A case's log outside the house, for the party's modules to judge: statements, proofs, a context that is logged."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing.canonical import canonical
from signing.merkle import Tree
from signing.note import ED25519, Checkpoint, Note, Proof, VerifierKey, sign

NAME = "bid.example"
CASE = "E-2026-0001"


@dataclass
class Log:
    """A log of statements under a key; `origin` is the name its checkpoints bear."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    case: str = CASE
    statements: list[bytes] = field(default_factory=list)

    @property
    def vkey(self) -> str:
        """The deployment's published key."""
        return str(VerifierKey(NAME, ED25519, self.key.public_key().public_bytes_raw()))

    def state(self, kind: str, body: Mapping[str, Any]) -> int:
        """Put a statement at the end; its index."""
        salt = "AAAAAAAAAAAAAAAAAAAAAA"
        stated = {"at": "2026-11-23T01:02:03.456Z", "body": dict(body), "case": self.case, "kind": kind}
        self.statements.append(canonical(stated | {"salt": salt, "v": "bid/1"}))
        return len(self.statements) - 1

    def logged(self, index: int, size: int = 0) -> dict[str, Any]:
        """A statement with its place and proof, as the server tells them."""
        return {"index": index, "statement": self.statements[index].decode(), "proof": self.proof(index, size)}

    def proof(self, index: int, size: int = 0, origin: str = "") -> str:
        """The proof of one statement in a checkpoint over the first `size` of them, all without a size."""
        tree = Tree()
        size = size or len(self.statements)
        for data in self.statements[:size]:
            tree.append(sha256(data).digest())
        origin = origin or f"{NAME}/{self.case}"
        key = VerifierKey(origin, ED25519, self.key.public_key().public_bytes_raw())
        text = str(Checkpoint(origin, size, tree.root()))
        note = Note(text, (sign(text, key, self.key.sign),))
        return Proof(index, tuple(tree.inclusion(index)), note).to_bytes().decode()


def cosigned(proof: str) -> str:
    """The same with a line of somebody the party does not know, as witnesses add theirs."""
    return f"{proof}— witness.example {b64encode(bytes(68)).decode()}\n"


def context(commits: Mapping[str, str], attempt: int = 1) -> str:
    """A canonical context that holds these commitments."""
    made = {
        "attempt": attempt,
        "beacon": None,
        "commits": dict(commits),
        "pool": {"root": "ab" * 32, "size": 12},
        "request": "cd" * 32,
        "v": "bid-draw/1",
    }
    return canonical(made).decode()

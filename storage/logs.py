"""Logs in the database and their Merkle trees in memory: append, checkpoint, prove.

A tree is loaded once from the entries and grows only after a commit, so what it proves is always on disk.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, bindparam, insert, select, update

from evaluation.fold import Logged
from signing import note
from signing.log_key import LogKey
from signing.merkle import Tree
from storage.tables import checkpoint, log_head, statement

DEPLOYMENT = "deployment"

# Made once, as in `shelves.py`: each entry of each log runs them.
_SIZE = select(log_head.c.size).where(log_head.c.log == bindparam("of_log")).with_for_update()
_FIRST = insert(log_head)
_GROWN = update(log_head).where(log_head.c.log == bindparam("of_log")).values(size=bindparam("grown_to"))
_ENTRY = select(statement.c.entry).where(statement.c.log == bindparam("of_log"), statement.c.idx == bindparam("at"))
_STATEMENT = insert(statement)
_CHECKPOINT_OF = select(checkpoint.c.size).where(
    checkpoint.c.log == bindparam("of_log"), checkpoint.c.size == bindparam("at")
)
_CHECKPOINT = insert(checkpoint)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A committed entry with its inclusion proof in a signed checkpoint (C2SP tlog-proof)."""

    log: str
    index: int
    entry: str
    proof: str


class LogKeys:
    """The deployment's Ed25519 log key: one seed, for each log under the log's own name (its checkpoints' origin)."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.name = name
        self._seed = seed
        self._keys: dict[str, LogKey] = {}

    def of(self, log: str) -> LogKey:
        """The key of a log: `<name>` for the deployment's, `<name>/<case>` for a case's."""
        if log not in self._keys:
            self._keys[log] = LogKey(self.name if log == DEPLOYMENT else f"{self.name}/{log}", self._seed)
        return self._keys[log]


def logged(index: int, data: bytes) -> Logged:
    """A stored statement as the fold wants it. The bytes were checked when they were made."""
    value = json.loads(data)
    return Logged(index, hashlib.sha256(data).hexdigest(), value["kind"], value["at"], value["body"])


def size(connection: Connection, log: str) -> int | None:
    """Entries in a log, None when there is no such log. Locks the head row where the database can."""
    return connection.scalar(_SIZE, {"of_log": log})


def append(connection: Connection, log: str, data: bytes, kind: str) -> tuple[int, bytes]:
    """Put a statement's bytes at the end of a log; returns its index and entry."""
    index = size(connection, log)
    if index is None:
        index = 0
        connection.execute(_FIRST, {"log": log, "size": 1})
    else:
        connection.execute(_GROWN, {"of_log": log, "grown_to": index + 1})
    entry = hashlib.sha256(data).digest()
    connection.execute(_STATEMENT, {"log": log, "idx": index, "entry": entry, "kind": kind, "bytes": data})
    return index, entry


class Trees:
    """The trees of all logs in use. Only the writer lets them grow; proofs may be asked from any thread."""

    def __init__(self, keys: LogKeys) -> None:
        self._keys = keys
        self._trees: dict[str, Tree] = {}
        self._notes: dict[str, tuple[int, str]] = {}
        self._lock = Lock()

    def grow(self, connection: Connection, log: str, entries: list[bytes]) -> tuple[int, bytes]:
        """Bring a tree up to entries this transaction has written; returns the new size and root."""
        with self._lock:
            tree = self._trees.get(log)
            if tree is None:
                tree = self._load(connection, log)
            else:
                for entry in entries:
                    tree.append(entry)
            return tree.size, tree.root()

    def forget(self, log: str) -> None:
        """Drop a tree that may be ahead of the database; it is read again when needed."""
        with self._lock:
            self._trees.pop(log, None)
            self._notes.pop(log, None)

    def last_note(self, connection: Connection, log: str) -> tuple[int, str]:
        """Size and text of the newest checkpoint, (0, "") before the first."""
        with self._lock:
            if log not in self._notes:
                rows = select(checkpoint.c.size, checkpoint.c.note).where(checkpoint.c.log == log)
                newest = connection.execute(rows.order_by(checkpoint.c.size.desc()).limit(1)).first()
                self._notes[log] = (newest[0], newest[1]) if newest else (0, "")
            return self._notes[log]

    def _load(self, connection: Connection, log: str) -> Tree:
        tree = Tree()
        rows = select(statement.c.entry).where(statement.c.log == log).order_by(statement.c.idx)
        for entry in connection.scalars(rows):
            tree.append(entry)
        self._trees[log] = tree
        return tree

    def origin(self, log: str) -> str:
        """The origin line of a log's checkpoints."""
        return self._keys.of(log).verifier_key.name

    def sign(self, log: str, tree_size: int, root: bytes) -> str:
        """A signed checkpoint."""
        return self._keys.of(log).sign_checkpoint(tree_size, root).to_bytes().decode()

    def publish(self, log: str, tree_size: int, text: str) -> None:
        """Make a committed checkpoint the one that receipts speak of."""
        with self._lock:
            self._notes[log] = (tree_size, text)

    def receipt(self, connection: Connection, log: str, index: int) -> Receipt | None:
        """The receipt of an entry, None while no checkpoint covers it."""
        covered, text = self.last_note(connection, log)
        if index >= covered:
            return None
        with self._lock:
            tree = self._trees.get(log) or self._load(connection, log)
            path = tree.inclusion(index, covered)
        entry = connection.scalar(_ENTRY, {"of_log": log, "at": index})
        return Receipt(log, index, entry.hex() if entry else "", _proof(index, path, text))

    def consistency(self, connection: Connection, log: str, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes of a log."""
        with self._lock:
            tree = self._trees.get(log) or self._load(connection, log)
            return tree.consistency(old, new)

    def inclusion(self, connection: Connection, log: str, index: int, size: int) -> list[bytes]:
        """The inclusion path of an entry in the tree of a size."""
        with self._lock:
            tree = self._trees.get(log) or self._load(connection, log)
            return tree.inclusion(index, size)

    def fresh_proof(self, log: str, index: int) -> str | None:
        """The proof of an entry just committed with its checkpoint, from memory; None if this is not known there."""
        with self._lock:
            tree, (covered, text) = self._trees.get(log), self._notes.get(log, (0, ""))
            if tree is None or index >= covered:
                return None
            path = tree.inclusion(index, covered)
        return _proof(index, path, text)


def _proof(index: int, path: Iterable[bytes], text: str) -> str:
    return note.Proof(index, tuple(path), note.parse_note(text.encode())).to_bytes().decode()


def store_checkpoint(connection: Connection, log: str, tree_size: int, text: str) -> None:
    """Keep a checkpoint; the same size is kept once."""
    if connection.scalar(_CHECKPOINT_OF, {"of_log": log, "at": tree_size}) is None:
        connection.execute(_CHECKPOINT, {"log": log, "size": tree_size, "note": text})

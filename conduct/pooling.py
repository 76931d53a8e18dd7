"""An owner's pool from a file to an edition that stands: hand in, read what would change, take over, undo.

An edition is written in batches, each a transaction of its own, so that an import of 100,000 rows never keeps a score
waiting; it is invisible until it is taken over, which is one short transaction. An owner changes its own rows alone.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from conduct import directory
from conduct.directory import DEPLOYMENT, OWNERS, POOL
from conduct.ports import SERVER, Actor, Json, Tx, stamp
from expert_pool import pool_import
from expert_pool.comparison import Comparison, compare
from expert_pool.expert import Enrolment
from signing.merkle import root_of_hashes

T = TypeVar("T")
BATCH = 1000
# A line and its fingerprint.
Printed = tuple[Enrolment, bytes]


class PoolRefused(Exception):
    """The file has problems; nothing of it was taken over."""

    code = "pool.refused"

    def __init__(self, problems: tuple[pool_import.Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class NotPending(Exception):
    """No such edition waits to be taken over: it was discarded, taken over, or another file came after it."""

    code = "pool.not_pending"


class NothingToRestore(Exception):
    """This pool has no edition before the one that stands."""

    code = "pool.nothing_to_restore"


class Storage(Protocol):
    """Transactions one after another, as the store runs them."""

    def act(self, act: Callable[[Any], T]) -> Awaitable[T]:
        """One transaction that writes."""
        ...

    def read(self, look: Callable[[Any], T]) -> Awaitable[T]:
        """A look at the last committed state, beside the loop."""
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A checked file: its digest (SHA-256, hex) and its lines."""

    sha256: str
    enrolments: tuple[Enrolment, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How an edition comes about: what changes, the fingerprints' root, and the changes in batches."""

    comparison: Comparison
    root: str
    batches: tuple["Batch", ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows with their fingerprints that come, and codes whose rows end, in one transaction."""

    comes: tuple[Printed, ...] = ()
    ends: tuple[str, ...] = ()


def check(data: bytes) -> File:
    """The lines of a file (docs/pool-csv.md). Raises `PoolRefused` with every problem by line and column."""
    read = pool_import.read(data)
    if read.problems:
        raise PoolRefused(read.problems)
    return File(hashlib.sha256(data).hexdigest(), read.accepted)


async def hand_in(storage: Storage, owner: str, file: File) -> int:
    """Keep a checked file as the owner's pending edition, its number is returned; one pending before is discarded."""
    edition = await storage.act(lambda tx: begin(tx, owner, file.sha256))
    made = await storage.read(lambda tx: plan(tx, owner, file.enrolments))
    for batch in made.batches:
        await storage.act(partial(write, owner=owner, edition=edition, batch=batch))
    await storage.act(lambda tx: finish(tx, owner, edition, made))
    return edition


def hand_in_at_once(tx: Tx, owner: str, file: File) -> int:
    """The same within one transaction: for a pool that nobody waits behind."""
    edition = begin(tx, owner, file.sha256)
    made = plan(tx, owner, file.enrolments)
    for batch in made.batches:
        write(tx, owner, edition, batch)
    finish(tx, owner, edition, made)
    return edition


def begin(tx: Tx, owner: str, sha256: str) -> int:
    """Number a new pending edition. A number is given once, whatever becomes of its edition."""
    discard(tx, owner)
    row = _row(tx, owner)
    edition = int(row["last"]) + 1
    row |= {"last": edition, "pending": {"edition": edition, "file": sha256, "done": 0, "ready": False}}
    tx.shelf(DEPLOYMENT, OWNERS).put(owner, row)
    return edition


def plan(tx: Tx, owner: str, enrolments: Sequence[Enrolment]) -> Plan:
    """Hold a file against the edition that stands; only reads."""
    current = _row(tx, owner)["edition"]
    printed = [(one, tx.pool.fingerprint(owner, one)) for one in enrolments]
    standing = tx.pool.fingerprints(owner, current)
    found = compare(standing, printed, lambda code: tx.pool.enrolment(owner, current, code))
    root = root_of_hashes(sorted(fingerprint for _, fingerprint in printed)).hex()
    return Plan(found, root, tuple(_batches(found, printed)))


def write(tx: Tx, owner: str, edition: int, batch: Batch) -> None:
    """Write one batch of a pending edition. Raises `NotPending` when another file came in between."""
    row = _pending(tx, owner, edition)
    tx.pool.end(owner, edition, batch.ends)
    tx.pool.add(owner, edition, batch.comes)
    row["pending"]["done"] += len(batch.comes)
    tx.shelf(DEPLOYMENT, OWNERS).put(owner, row)


def finish(tx: Tx, owner: str, edition: int, made: Plan) -> None:
    """The edition is whole: keep what is told of it until somebody takes it over. Raises `NotPending`."""
    row = _pending(tx, owner, edition)
    found = made.comparison
    row["pending"] |= {
        "ready": True,
        "at": stamp(tx.now),
        "root": made.root,
        "size": len(found.new) + len(found.changed) + found.unchanged,
        "counts": found.counts(),
        "columns": [list(pair) for pair in found.changes_by_column()],
        "changed": [[one.code, list(one.columns)] for one in found.changed[:SHOWN]],
        "gone": list(found.gone[:SHOWN]),
        "new": list(found.new[:SHOWN]),
    }
    tx.shelf(DEPLOYMENT, OWNERS).put(owner, row)


# So many rows of each kind are named on the page; the counts are whole.
SHOWN = 200


def take_over(tx: Tx, actor: Actor, owner: str, edition: int) -> int:
    """Make a pending edition the one that stands; returns its size. Raises `NotPending`."""
    row = _pending(tx, owner, edition)
    waits = row["pending"]
    if not waits["ready"]:
        raise NotPending
    stands = {"edition": edition, "file": waits["file"], "size": waits["size"], "root": waits["root"]}
    _stand(tx, owner, row, stands)
    body = {"by": actor.as_by(), "pool": owner, "edition": edition, "file": waits["file"]}
    counts = {name: waits["counts"][name] for name in ("new", "changed", "gone")}
    tx.record(DEPLOYMENT, "pool.imported", body | {"accepted": waits["size"], "root": waits["root"]} | counts)
    return int(waits["size"])


def discard(tx: Tx, owner: str) -> None:
    """Forget a pending edition; when none is pending nothing happens."""
    row = _row(tx, owner)
    if row["pending"]:
        tx.pool.discard(owner, row["pending"]["edition"])
        tx.shelf(DEPLOYMENT, OWNERS).put(owner, row | {"pending": None})


def restore(tx: Tx, actor: Actor, owner: str) -> int:
    """Bring back the edition that stood before, as a new one; returns its size. Raises `NothingToRestore`."""
    discard(tx, owner)
    row = _row(tx, owner)
    before = row["before"]
    if before is None:
        raise NothingToRestore
    edition = row["last"] + 1
    tx.pool.repeat(owner, edition, row["edition"], before["edition"])
    _stand(tx, owner, row | {"last": edition}, before | {"edition": edition})
    body = {"by": actor.as_by(), "pool": owner, "edition": edition, "again": before["edition"]}
    tx.record(DEPLOYMENT, "pool.restored", body | {"file": before["file"], "root": before["root"]})
    return int(before["size"])


def move_old_pools(tx: Tx) -> None:
    """Move a pool that lies whole on a shelf (schema 1) into rows, and every pool frozen for an open case with it."""
    newest = tx.shelf(DEPLOYMENT, POOL).get("current")
    if newest is None:
        return
    owner = _old_owner(tx)
    frozen = {case: tx.shelf(case, POOL).get("current") for case in tx.cases()}
    for kept in (*(row for row in frozen.values() if row and "csv" in row), newest):
        edition = hand_in_at_once(tx, owner, File(kept["sha256"], check(kept["csv"].encode()).enrolments))
        take_over(tx, SERVER, owner, edition)
        for case, row in frozen.items():
            if row and row.get("sha256") == kept["sha256"]:
                tx.shelf(case, POOL).put("current", {"editions": directory.editions(tx)})
    tx.shelf(DEPLOYMENT, POOL).delete("current")


def _old_owner(tx: Tx) -> str:
    """Who handed the pool in, as the log says it."""
    *_, (_, last) = tx.statements(DEPLOYMENT, "pool.imported")
    return str(json.loads(last)["body"]["pool"])


def _batches(found: Comparison, printed: Sequence[Printed]) -> Iterator[Batch]:
    """Changed rows end and come in the same batch: nothing else orders the two."""
    changed = {one.code for one in found.changed}
    touched = changed | set(found.new)
    comes = [row for row in printed if str(row[0].expert.id) in touched]
    for begins in range(0, len(comes), BATCH):
        some = comes[begins : begins + BATCH]
        yield Batch(tuple(some), tuple(code for one, _ in some if (code := str(one.expert.id)) in changed))
    for begins in range(0, len(found.gone), BATCH):
        yield Batch(ends=found.gone[begins : begins + BATCH])


def _stand(tx: Tx, owner: str, row: Json, stands: Json) -> None:
    """Let an edition stand, and delete what neither it, the one before, nor an open case needs."""
    before = {name: row[name] for name in ("edition", "file", "size", "root")} if row["edition"] else None
    kept = row | stands | {"before": before, "pending": None, "at": stamp(tx.now)}
    tx.shelf(DEPLOYMENT, OWNERS).put(owner, kept)
    needed = [stands["edition"], *([before["edition"]] if before else [])]
    for case in tx.cases():
        frozen = (tx.shelf(case, POOL).get("current") or {}).get("editions", {})
        needed += [frozen[owner]["edition"]] if owner in frozen else []
    tx.pool.forget(owner, min(needed))


def _pending(tx: Tx, owner: str, edition: int) -> Json:
    row = _row(tx, owner)
    if not row["pending"] or row["pending"]["edition"] != edition:
        raise NotPending
    return row


def _row(tx: Tx, owner: str) -> Json:
    fresh = {"edition": 0, "file": "", "size": 0, "root": "", "at": "", "last": 0, "before": None, "pending": None}
    return tx.shelf(DEPLOYMENT, OWNERS).get(owner) or fresh

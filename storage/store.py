"""The store as the server sees it: open it, act, read, ask for receipts, checkpoint, close it."""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, create_engine, event, func, insert, inspect, select, text, update

from conduct.ports import Json
from evaluation.case import Case, CaseId
from storage import cosigned, logs, outgoing, stamped
from storage.objects import Objects
from storage.shelves import Vault
from storage.tables import (
    SCHEMA,
    authorisation,
    checkpoint,
    index_segment,
    log_head,
    metadata,
    schema_version,
    signature,
)
from storage.transaction import Ground, Overlay, Transaction
from storage.writer import Writer

T = TypeVar("T")


class NewerSchema(Exception):
    """The database was written by a newer version of the program; it is left untouched."""

    code = "storage.newer_schema"


@dataclass(frozen=True, slots=True)
class Signature:
    """A stored signature: the log index of its statement, the detached CMS, the authorisation record's digest.

    `twin` is the SM2 signature beside it; either is empty where the case's profile does not want it.
    """

    index: int
    cms: bytes
    authorisation: str
    twin: bytes = b""

    @property
    def files(self) -> tuple[bytes, ...]:
        """Those that there are."""
        return tuple(one for one in (self.cms, self.twin) if one)


class Store:
    """Everything durable but footage. `url` is an SQLAlchemy URL, `key` seals private values (32 bytes)."""

    def __init__(self, url: str, objects: Path, key: bytes, log_keys: logs.LogKeys) -> None:
        self.engine = _engine(url)
        _prepare(self.engine)
        self.objects = Objects(objects)
        self.ground = Ground(Vault(key), self.objects, {})
        self.trees = logs.Trees(log_keys)
        self.writer = Writer(self.engine, self.ground, self.trees)
        self.writer.start()

    def close(self) -> None:
        """Finish queued work and close the database."""
        self.writer.close()
        self.engine.dispose()

    async def act(self, act: Callable[[Transaction], T]) -> T:
        """One transaction; see `Writer.act`."""
        return await self.writer.act(act)

    async def read(self, look: Callable[[Transaction], T]) -> T:
        """Run a function that only looks, beside the writer, on the last committed state."""
        return await asyncio.to_thread(self.look, look)

    def look(self, look: Callable[[Transaction], T]) -> T:
        """`read` for threads."""
        with self.engine.connect() as connection:
            transaction = Transaction(connection, self.writer.now(), self.ground, Overlay())
            seen = look(transaction)
        # A whole log is folded once, not at each look until somebody writes. What the writer has put there meanwhile is
        # newer and stays; it puts what it changed over whatever stands.
        for case, state in transaction.overlay.cases.items():
            self.ground.committed.setdefault(case, state)
        return seen

    def case(self, case: CaseId) -> Case:
        """The committed state of a case. Raises `UnknownCase`."""
        known = self.ground.committed.get(case)
        return known if known is not None else self.look(lambda tx: tx.case(case))

    def get_object(self, sha256: str) -> bytes:
        """See `conduct.ports.Tx`; here outside of any transaction."""
        return self.objects.get(sha256)

    def put_object(self, data: bytes) -> str:
        """See `conduct.ports.Tx`; here outside of any transaction."""
        return self.objects.put(data)

    def receipt(self, log: str, index: int) -> logs.Receipt | None:
        """The receipt of an entry, None while no checkpoint covers it."""
        with self.engine.connect() as connection:
            return self.trees.receipt(connection, log, index)

    def fresh_proof(self, log: str, index: int) -> str:
        """The proof of an entry that was just committed with a checkpoint; "" while no checkpoint covers it."""
        found = self.trees.fresh_proof(log, index)
        if found is not None:
            return found
        receipt = self.receipt(log, index)
        return receipt.proof if receipt else ""

    def newest_checkpoint(self, log: str) -> tuple[int, bytes]:
        """Size and note of a log's newest checkpoint, (0, b"") before the first."""
        with self.engine.connect() as connection:
            size, text = self.trees.last_note(connection, log)
        return size, text.encode()

    def consistency(self, log: str, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes of a log. Raises `OutsideTree`."""
        with self.engine.connect() as connection:
            return self.trees.consistency(connection, log, old, new)

    def inclusion(self, log: str, index: int, size: int) -> list[bytes]:
        """The inclusion path of an entry in the tree of a size. Raises `OutsideTree`."""
        with self.engine.connect() as connection:
            return self.trees.inclusion(connection, log, index, size)

    async def keep_cosignatures(self, log: str, size: int, lines: Sequence[str]) -> None:
        """Keep verified lines of witnesses under a checkpoint."""
        await self.act(lambda tx: cosigned.keep(tx, log, size, lines))

    def cosigned(self, log: str, above: int) -> list[tuple[int, str, list[str]]]:
        """Size, note and witnesses' lines of each cosigned checkpoint that covers index `above`, smallest first."""
        return self.look(lambda tx: cosigned.notes(tx, log, above))

    def timestamp(self, sha256: str) -> bytes | None:
        """The time stamp over the bytes of this digest, None while there is none."""
        with self.engine.connect() as connection:
            return stamped.of(connection, sha256)

    async def checkpoint(self, log: str) -> int:
        """Sign a checkpoint of a case's log if it has grown and state it in the deployment's log; returns its size."""
        await self.act(lambda tx: tx.want_receipt(log))
        with self.engine.connect() as connection:
            size, text = self.trees.last_note(connection, log)
        root = b64decode(text.split("\n")[2]).hex()
        origin = self.trees.origin(log)

        def state(tx: Transaction) -> None:
            tx.record(logs.DEPLOYMENT, "case.checkpoint", {"origin": origin, "size": size, "root": root})
            tx.want_receipt(logs.DEPLOYMENT)

        await self.act(state)
        return size

    async def due(self, channels: tuple[str, ...]) -> list[outgoing.Message]:
        """Messages of these channels in the outbox whose time has come."""
        return await self.read(lambda tx: outgoing.due(tx, channels))

    async def done(self, message: int) -> None:
        """A message was taken."""
        await self.act(lambda tx: outgoing.done(tx, message))

    async def later(self, message: int, due_at: str) -> None:
        """A message was refused; keep it until then."""
        await self.act(lambda tx: outgoing.later(tx, message, due_at))

    def grown(self) -> list[str]:
        """Logs of cases that have entries beyond their newest checkpoint."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(log_head.c.log, log_head.c.size)).all()
            return [
                log for log, size in rows if log != logs.DEPLOYMENT and size > self.trees.last_note(connection, log)[0]
            ]

    def signatures(self, log: str) -> list[Signature]:
        """All signatures over a log's statements, in log order."""
        table = signature
        columns = (table.c.idx, table.c.cms, table.c.authorisation, table.c.twin)
        rows = select(*columns).where(table.c.log == log).order_by(table.c.idx)
        with self.engine.connect() as connection:
            found = connection.execute(rows).all()
        return [Signature(index, cms, record, twin or b"") for index, cms, record, twin in found]

    def signature_endings(self, log: str) -> dict[int, tuple[str, ...]]:
        """Which signatures lie beside each signed statement of a log, by the endings of their names in a bag."""
        table = signature
        columns = (table.c.idx, func.length(table.c.cms) > 0, table.c.twin.is_not(None))
        with self.engine.connect() as connection:
            rows = connection.execute(select(*columns).where(table.c.log == log)).all()
        return {
            index: tuple(ending for ending, is_there in ((".p7s", plain), (".sm2.cms", twin)) if is_there)
            for index, plain, twin in rows
        }

    def authorisation(self, sha256: str) -> bytes:
        """An authorisation record by its digest. Raises `KeyError`."""
        with self.engine.connect() as connection:
            data = connection.scalar(select(authorisation.c.bytes).where(authorisation.c.sha256 == sha256))
        if data is None:
            raise KeyError(sha256)
        return bytes(data)

    def checkpoints(self, log: str) -> list[tuple[int, str]]:
        """Size and text of every checkpoint of a log, smallest first."""
        rows = select(checkpoint.c.size, checkpoint.c.note).where(checkpoint.c.log == log).order_by(checkpoint.c.size)
        with self.engine.connect() as connection:
            return [(size, text) for size, text in connection.execute(rows).all()]

    def segments(self, case: str, seat: str | None = None) -> list[Json]:
        """The recorded segments of a case in time order, for replay; one dict per row of `index_segment`."""
        rows = select(index_segment).where(index_segment.c.case == case).order_by(index_segment.c.t0, index_segment.c.n)
        if seat is not None:
            rows = rows.where(index_segment.c.seat == seat)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(rows).mappings().all()]


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connected)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _sqlite_connected(connection: object, _: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined] # SAVEPOINT needs the driver's own BEGIN off
    # secure_delete: what is forgotten is written over, so that a destroyed key is in no page of the file.
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def _prepare(engine: Engine) -> None:
    with engine.begin() as connection:
        metadata.create_all(connection)
        version = connection.scalar(select(schema_version.c.version))
        if version is None:
            connection.execute(insert(schema_version).values(version=SCHEMA))
        elif version > SCHEMA:
            raise NewerSchema(f"the database has schema {version}, this program knows {SCHEMA}: run the newer program")
        elif version < SCHEMA:
            # Schema 2 brought `pool_row`; what lay on shelves is moved by `conduct.pooling.move_old_pools`. Schema 3
            # brought `timestamp`; what was signed before is stamped before its case is sealed. Schema 4 brought
            # `index_segment.sent`, empty for what was recorded before. Schema 5 brought `signature.twin`.
            if "sent" not in {column["name"] for column in inspect(connection).get_columns("index_segment")}:
                connection.execute(text("ALTER TABLE index_segment ADD COLUMN sent VARCHAR(24) NOT NULL DEFAULT ''"))
            if "twin" not in {column["name"] for column in inspect(connection).get_columns("signature")}:
                kind = signature.c.twin.type.compile(engine.dialect)
                connection.execute(text(f"ALTER TABLE signature ADD COLUMN twin {kind}"))
            connection.execute(update(schema_version).values(version=SCHEMA))

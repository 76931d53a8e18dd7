"""One transaction: `conduct.ports.Tx` on a database connection.

What it changes in memory (states, new entries) lies in an overlay that is thrown away with the savepoint.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from conduct.ports import Json, Recorded, Shelf, UnknownCase, Waiting
from conduct.rulebook import frozen_profile
from evaluation import life
from evaluation.case import Case, CaseId
from evaluation.fold import apply, fold
from signing.canonical import digest
from signing.statement import Statement
from storage import index, logs, stamped
from storage.objects import Objects
from storage.pool import TablePool
from storage.shelves import TableShelf, Vault
from storage.tables import authorisation, index_case, outbox, private_value, signature, statement

OUTBOX = "outbox"

# Made once, as in `shelves.py`.
_SIGNATURE = insert(signature)
_AUTHORISATION = insert(authorisation)
_KNOWN_AUTHORISATION = select(authorisation.c.sha256).where(authorisation.c.sha256 == bindparam("digest"))


@dataclass(slots=True)
class Overlay:
    """States and entries that are not committed yet."""

    cases: dict[CaseId, Case] = field(default_factory=dict)
    entries: dict[str, list[bytes]] = field(default_factory=dict)
    receipts_wanted: set[str] = field(default_factory=set)

    def absorb(self, later: "Overlay") -> None:
        """Take over what a transaction that succeeded has done."""
        self.cases.update(later.cases)
        for log, entries in later.entries.items():
            self.entries.setdefault(log, []).extend(entries)
        self.receipts_wanted |= later.receipts_wanted


@dataclass(frozen=True, slots=True)
class Ground:
    """What a transaction stands on: the parts of the store that outlive it."""

    vault: Vault
    objects: Objects
    committed: dict[CaseId, Case]


class Transaction:
    """See `conduct.ports.Tx`."""

    def __init__(self, connection: Connection, now: datetime, ground: Ground, batch: Overlay) -> None:
        self.connection = connection
        self.overlay = Overlay()
        self._now = now
        self._ground = ground
        self._batch = batch

    @property
    def now(self) -> datetime:
        """See `conduct.ports.Tx`."""
        return self._now

    def random(self, size: int) -> bytes:
        """See `conduct.ports.Tx`."""
        return os.urandom(size)

    def case(self, case: CaseId) -> Case:
        """See `conduct.ports.Tx`."""
        for known in (self.overlay.cases, self._batch.cases, self._ground.committed):
            if case in known:
                return known[case]
        state = fold(case, (logs.logged(place, data) for place, data in self.statements(case)))
        if state.info is None:
            raise UnknownCase(case)
        self.overlay.cases[case] = state
        return state

    def cases(self) -> list[CaseId]:
        """See `conduct.ports.Tx`."""
        rows = select(index_case.c.case).order_by(index_case.c.created_at, index_case.c.case)
        return [CaseId(case) for case in self.connection.scalars(rows)]

    def statement_bytes(self, log: str, kind: str, body: Mapping[str, Any]) -> bytes:
        """See `conduct.ports.Tx`."""
        return Statement(kind, log, self._now, self.random(16), dict(body)).to_bytes()

    def record(self, log: str, kind: str, body: Mapping[str, Any]) -> Recorded:
        """See `conduct.ports.Tx`."""
        return self._append(log, self.statement_bytes(log, kind, body))

    def record_signed(self, log: str, statement: bytes, cms: bytes, authorisation: str, twin: bytes = b"") -> Recorded:
        """See `conduct.ports.Tx`."""
        recorded = self._append(log, statement)
        row = {"log": log, "idx": recorded.index, "cms": cms, "authorisation": authorisation, "twin": twin or None}
        self.connection.execute(_SIGNATURE, row)
        self.want_receipt(log)
        return recorded

    def keep_timestamp(self, sha256: str, response: bytes) -> None:
        """See `conduct.ports.Tx`."""
        stamped.keep(self.connection, sha256, response)

    def want_receipt(self, log: str) -> None:
        """See `conduct.ports.Tx`."""
        self.overlay.receipts_wanted.add(log)

    def keep_authorisation(self, record: bytes) -> str:
        """See `conduct.ports.Tx`."""
        sha256 = digest(record).hex()
        if self.connection.scalar(_KNOWN_AUTHORISATION, {"digest": sha256}) is None:
            self.connection.execute(_AUTHORISATION, {"sha256": sha256, "bytes": record})
        return sha256

    def statements(self, log: str, kind: str | None = None) -> Iterator[tuple[int, bytes]]:
        """See `conduct.ports.Tx`."""
        rows = select(statement.c.idx, statement.c.bytes).where(statement.c.log == log).order_by(statement.c.idx)
        if kind is not None:
            rows = rows.where(statement.c.kind == kind)
        yield from ((place, data) for place, data in self.connection.execute(rows).all())

    def shelf(self, case: str, name: str) -> Shelf:
        """See `conduct.ports.Tx`."""
        return TableShelf(self.connection, self._ground.vault, case, name)

    @property
    def pool(self) -> TablePool:
        """See `conduct.ports.Tx`."""
        return TablePool(self.connection, self._ground.vault)

    def forget_shelves(self, case: str, names: tuple[str, ...]) -> None:
        """See `conduct.ports.Tx`."""
        table = private_value
        self.connection.execute(table.delete().where(table.c.case == case, table.c.shelf.in_(names)))

    def has_object(self, sha256: str) -> bool:
        """See `conduct.ports.Tx`."""
        return sha256 in self._ground.objects

    def get_object(self, sha256: str) -> bytes:
        """See `conduct.ports.Tx`."""
        return self._ground.objects.get(sha256)

    def put_object(self, data: bytes) -> str:
        """See `conduct.ports.Tx`."""
        return self._ground.objects.put(data)

    def send(self, channel: str, payload: Json) -> None:
        """See `conduct.ports.Tx`."""
        sealed = self._ground.vault.seal(payload, OUTBOX)
        row = {"channel": channel, "payload": sealed, "due": self._now.isoformat(timespec="milliseconds"), "tries": 0}
        self.connection.execute(insert(outbox).values(row))

    def waiting(self, channel: str) -> tuple[Waiting, ...]:
        """See `conduct.ports.Tx`."""
        rows = select(outbox.c.id, outbox.c.payload, outbox.c.tries).where(outbox.c.channel == channel)
        found = self.connection.execute(rows.order_by(outbox.c.id)).all()
        return tuple(Waiting(number, self.opened_message(sealed), tries) for number, sealed, tries in found)

    def taken(self, message: int) -> None:
        """See `conduct.ports.Tx`."""
        self.connection.execute(delete(outbox).where(outbox.c.id == message))

    def opened_message(self, sealed: bytes) -> Json:
        """The payload of a message that waits in the outbox: telephone numbers and links lie there sealed."""
        return self._ground.vault.open(sealed, OUTBOX)

    def _append(self, log: str, data: bytes) -> Recorded:
        said = json.loads(data)
        if log == logs.DEPLOYMENT:
            place, entry = logs.append(self.connection, log, data, said["kind"])
        else:
            before = self._state_or_new(CaseId(log))
            if before.info is not None:  # Rules that cannot be read take no statement: nothing is lost by waiting.
                frozen_profile(self, before)
            life.check(before, said["kind"])
            place, entry = logs.append(self.connection, log, data, said["kind"])
            logged = logs.logged(place, data)
            after = apply(before, logged)
            self.overlay.cases[after.id] = after
            index.project(self.connection, before, after, logged)
        self.overlay.entries.setdefault(log, []).append(entry)
        return Recorded(log, place, entry.hex(), said["kind"])

    def _state_or_new(self, case: CaseId) -> Case:
        try:
            return self.case(case)
        except UnknownCase:
            return Case(id=case)

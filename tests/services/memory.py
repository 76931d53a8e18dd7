"""A transaction in memory: the flows of one case without a database or keys, for walks of many thousand steps."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from conduct.ports import Json, Recorded, StaleRevision, UnknownCase, Waiting, stamp
from evaluation import life
from evaluation.case import Case, CaseId
from evaluation.fold import Logged, apply


class MemoryShelf:
    """See `conduct.ports.Shelf`."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Json, int]] = {}

    def get(self, key: str) -> Json | None:
        return self.rows[key][0] if key in self.rows else None

    def revision(self, key: str) -> int:
        return self.rows[key][1] if key in self.rows else 0

    def put(self, key: str, value: Json, expected: int | None = None) -> int:
        current = self.revision(key)
        if expected is not None and expected != current:
            if current and self.get(key) == value:
                return current
            raise StaleRevision(current)
        self.rows[key] = (value, current + 1)
        return current + 1

    def delete(self, key: str) -> None:
        self.rows.pop(key, None)

    def items(self) -> Iterator[tuple[str, Json]]:
        return iter([(key, value) for key, (value, _) in sorted(self.rows.items())])

    def under(self, beginning: str) -> Iterator[tuple[str, Json, int]]:
        return iter([(key, *row) for key, row in sorted(self.rows.items()) if key.startswith(beginning)])


class Memory:
    """See `conduct.ports.Tx`; each statement is a second after the one before."""

    def __init__(self, start: Case) -> None:
        self.start = start
        self.state = start
        self.log: list[Logged] = []
        self.shelves: dict[str, MemoryShelf] = {}
        self.objects: dict[str, bytes] = {}
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        self.drawn = 0

    def random(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.sha512(str(self.drawn).encode()).digest()[:size]

    def case(self, case: CaseId) -> Case:
        if case != self.state.id:
            raise UnknownCase
        return self.state

    def record(self, log: str, kind: str, body: Mapping[str, Any]) -> Recorded:
        life.check(self.state, kind)
        said = json.loads(json.dumps(body, ensure_ascii=False))
        entry = hashlib.sha256(f"{len(self.log)}{kind}{json.dumps(said, sort_keys=True)}".encode()).hexdigest()
        logged = Logged(self.start.size + len(self.log), entry, kind, stamp(self.now), said)
        self.log.append(logged)
        self.state = apply(self.state, logged)
        self.now += timedelta(seconds=1)
        return Recorded(log, logged.index, entry, kind)

    def kept(self) -> dict[str, MemoryShelf]:
        """A copy of all shelves, to go back to."""
        copies = {}
        for name, shelf in self.shelves.items():
            copies[name] = MemoryShelf()
            copies[name].rows = dict(shelf.rows)
        return copies

    def statements(self, _log: str, kind: str | None = None) -> Iterator[tuple[int, bytes]]:
        for one in self.log:
            if kind is None or one.kind == kind:
                yield one.index, json.dumps({"kind": one.kind, "at": one.at, "body": one.body}).encode()

    def shelf(self, _case: str, name: str) -> MemoryShelf:
        return self.shelves.setdefault(name, MemoryShelf())

    def forget_shelves(self, _case: str, names: tuple[str, ...]) -> None:
        for name in names:
            self.shelves.pop(name, None)

    def want_receipt(self, _log: str) -> None:
        """No log is signed here."""

    def waiting(self, _channel: str) -> tuple[Waiting, ...]:
        return ()

    def put_object(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.objects[digest] = data
        return digest

    def get_object(self, sha256: str) -> bytes:
        if sha256 not in self.objects:
            raise FileNotFoundError(sha256)
        return self.objects[sha256]

"""Hand-written fakes of what `web` stands on: shelves in dictionaries, a writer that runs each act at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
Json = dict[str, Any]


@dataclass
class DictShelf:
    """`conduct.ports.Shelf` in memory, with its revisions."""

    rows: dict[str, Json] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def get(self, key: str) -> Json | None:
        return self.rows.get(key)

    def revision(self, key: str) -> int:
        return self.revisions.get(key, 0)

    def put(self, key: str, value: Json, expected: int | None = None) -> int:
        assert expected in {None, self.revision(key)}
        self.rows[key] = value
        self.revisions[key] = self.revision(key) + 1
        return self.revisions[key]

    def delete(self, key: str) -> None:
        self.rows.pop(key, None)

    def items(self) -> Iterator[tuple[str, Json]]:
        return iter(sorted(self.rows.items()))

    def under(self, beginning: str) -> Iterator[tuple[str, Json, int]]:
        found = [key for key in sorted(self.rows) if key.startswith(beginning)]
        return iter([(key, self.rows[key], self.revision(key)) for key in found])

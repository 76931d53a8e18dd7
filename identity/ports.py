"""What identity asks to be remembered: named values under keys, inside the caller's transaction."""

from collections.abc import Iterator
from typing import Any, Protocol

Json = dict[str, Any]


class Shelf(Protocol):
    """Private values of the deployment under one name; `conduct.ports.Shelf` is one."""

    def get(self, key: str) -> Json | None:
        """The value under a key, or None."""
        ...

    def put(self, key: str, value: Json) -> int:
        """Write a value."""
        ...

    def delete(self, key: str) -> None:
        """Forget a key; forgetting what is not there is no error."""
        ...

    def items(self) -> Iterator[tuple[str, Json]]:
        """All pairs in the order of their keys."""
        ...

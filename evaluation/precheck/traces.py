"""Traces of the making of files: what two bids' files have in common that two bidders should not.

An author, a moment of creation to the second, an identity of the document, a machine. That both used the same program
says nothing and is not looked at.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LOOKED_AT: Final = ("author", "created", "document_id", "mac", "disk", "board", "cpu")
# Made by tools where nobody filled anything in.
_EMPTY: Final = frozenset({"", "admin", "administrator", "user", "unknown", "anonymous", "微软用户", "微软中国"})


@dataclass(frozen=True, slots=True)
class Shared:
    """A trace that several bids share: its kind, its value, the bids in their order."""

    what: str
    value: str
    bids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For the findings."""
        return {"what": self.what, "value": self.value, "bids": list(self.bids)}


def compare(traces: Mapping[str, Sequence[Mapping[str, str]]]) -> tuple[Shared, ...]:
    """What the files of different bids share; `traces`: bid → the traces of each of its files, and of its machine."""
    holders: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for bid, files in traces.items():
        for file in files:
            for what in LOOKED_AT:
                value = file.get(what, "").strip()
                if value.lower() not in _EMPTY:
                    holders[what, value][bid] = None
    shared = [Shared(what, value, tuple(bids)) for (what, value), bids in holders.items() if len(bids) > 1]
    return tuple(sorted(shared, key=lambda one: (LOOKED_AT.index(one.what), one.value)))

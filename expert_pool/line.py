"""One line of a pool's file as it was read, whatever kind of file it was, and one thing that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line from 1, its cells as text, and the cells that were damaged before they came here: column →
    reason code."""

    number: int
    cells: tuple[str, ...]
    damaged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place: physical line from 1, column by its header ("" for the whole line), reason code."""

    line: int
    column: str
    reason: str

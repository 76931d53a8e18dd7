"""What the visitor of the demo sees in the terminal: stages with a bar, a table, the verdict."""

import sys
import time
from collections.abc import Sequence

BAR = 24


class Progress:
    """Prints each stage once, with a bar where the output is a terminal."""

    def __init__(self, stages: int) -> None:
        self._stages = stages
        self._done = 0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def stage(self, words: str) -> None:
        """A stage is done."""
        self._done += 1
        filled = BAR * self._done // self._stages
        bar = "█" * filled + "░" * (BAR - filled)
        print(f"{bar} {self._done:2d}/{self._stages}  {self.seconds:5.1f} s  {words}", flush=True)

    def note(self, words: str) -> None:
        """Something worth knowing within a stage."""
        print(f"{'':{BAR}}          {words}", flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a terminal; Chinese characters count twice."""
    widths = [max(_width(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in (header, *rows)
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def fail(words: str) -> None:
    """Say why the demo did not hold."""
    print(f"✗ {words}", file=sys.stderr, flush=True)


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)  # noqa: PLR2004 - where wide scripts begin


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))

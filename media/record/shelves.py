"""The two folders of recordings: one is written, the other follows it; where the written one fails, they change places.

Nothing is lost by it: the bytes that the other lacks are still in the page cache, and what failed is done once more.
"""

import logging
from pathlib import Path

from media.record.copyist import Copyist

log = logging.getLogger(__name__)


class Shelves:
    """`written` is where takes are begun and lines are read; without a copy always the footage. Any thread may ask."""

    def __init__(self, footage: Path, copy: Path | None = None) -> None:
        self.footage = footage
        self.copyist = Copyist(footage, copy) if copy is not None else None

    @property
    def written(self) -> Path:
        """The folder that is written now."""
        return self.copyist.source if self.copyist is not None else self.footage

    def turn(self, failed: Path, failure: OSError) -> bool:
        """Write the other folder from now on, if it has everything; whether another than `failed` is written now."""
        if self.copyist is None:
            return False
        if self.copyist.turn(failed, failure.strerror or "failed"):
            log.error("%s cannot be written (%s): recording goes on in %s", failed, failure.strerror, self.written)
        return self.written != failed

    def settle(self, case: str) -> None:
        """After a restart: give the footage what only the copy has, or go on writing the copy."""
        if self.copyist is not None:
            self.copyist.restore(case)

    def close(self) -> None:
        """Copy what can be copied now."""
        if self.copyist is not None:
            self.copyist.close()

"""SHA-256 of every file and of every named range, on two threads beside the steps that need no footage.

A recorded byte goes into two digests, its file's (for the manifest) and its segment's (for the log). hashlib lets go of
the interpreter's lock for large blocks, so the two cost the time of one, and reading the log costs hardly any.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from hashlib import sha256
from mmap import mmap
from pathlib import Path
from typing import BinaryIO, Final

from archive.verifier.bag import Bag

BLOCK: Final = 1 << 22
THREADS: Final = 2
SWITCH_S: Final = 0.0005
"""How long a step may hold the interpreter while a thread with a block hashed waits for it."""
LOOK_S: Final = 0.25

Range = tuple[int, int]
"""Offset and length in bytes."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, how much there is."""


class Hashes:
    """Hex digests of files by path and of ranges by path and range; asking for one waits until it is there."""

    def __init__(self, bag: Bag, pool: ThreadPoolExecutor) -> None:
        self._bag = bag
        self._pool = pool
        self._hashed = 0
        self._total = 0
        self._files: dict[str, Future[str]] = {}
        self._parts: dict[str, Future[dict[Range, str]]] = {}

    def begin_files(self) -> None:
        """Start on the large files; a small one is hashed when it is asked for, quicker than handed to a thread."""
        large = (path for path, size in self._bag.sizes.items() if size > BLOCK)
        for path in sorted(large, key=lambda path: (-self._bag.sizes[path], path)):
            self._files[path] = self._pool.submit(self._whole, self._bag.root / path)
            self._total += self._bag.sizes[path]

    def begin_parts(self, ranges: Mapping[str, Sequence[Range]]) -> None:
        """Go on with the segments that are named in footage files."""
        for path in sorted(ranges.keys() & self._bag.sizes.keys(), key=lambda path: -self._bag.sizes[path]):
            self._parts[path] = self._pool.submit(self._parts_of, self._bag.root / path, ranges[path])
            self._total += sum(length for _, length in ranges[path])

    def finish(self, progress: Progress) -> None:
        """Wait for all of it, telling how many bytes are done."""
        running: set[Future[object]] = {*self._files.values(), *self._parts.values()}  # type: ignore[arg-type]
        while running:
            running = wait(running, LOOK_S).not_done
            progress("hashing", self._hashed, self._total)

    def of(self, path: str) -> str:
        """The digest of a file, "" if there is none."""
        if path in self._files:
            return self._files[path].result()
        return sha256(self._bag.read(path)).hexdigest() if path in self._bag.sizes else ""

    def of_part(self, path: str, part: Range) -> str:
        """The digest of a named range, "" if it reaches beyond the file's end."""
        return self._parts[path].result().get(part, "") if path in self._parts else ""

    def _whole(self, file: Path) -> str:
        size = file.stat().st_size
        with file.open("rb", buffering=0) as stream:
            return self._digest(stream, size, _block(size))[0]

    def _parts_of(self, file: Path, parts: Sequence[Range]) -> dict[Range, str]:
        found: dict[Range, str] = {}
        block = _block(max((length for _, length in parts), default=0))
        with file.open("rb", buffering=0) as stream:
            for offset, length in parts:
                stream.seek(offset)
                digest, missing = self._digest(stream, length, block)
                if not missing:
                    found[offset, length] = digest
        return found

    def _digest(self, stream: BinaryIO, length: int, block: memoryview) -> tuple[str, int]:
        """The digest of the next `length` bytes, and how many of them are missing."""
        running = sha256()
        while length and (got := stream.readinto(block[: min(length, BLOCK)])):  # type: ignore[attr-defined]
            running.update(block[:got])
            length -= got
            self._hashed += got  # Two threads may lose a few: it is for the eye alone.
        return running.hexdigest(), length


def _block(longest: int) -> memoryview:
    # Memory of its own pages: into a buffer that begins 16 bytes after a page, as large objects of Python do, some
    # processors copy a file's bytes four times as slowly.
    return memoryview(mmap(-1, min(BLOCK, max(longest, 1))))


@contextmanager
def hashing(bag: Bag) -> Iterator[Hashes]:
    """Digests of a bag while its threads live; what was not begun has none."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            yield Hashes(bag, pool)
    finally:
        sys.setswitchinterval(before)

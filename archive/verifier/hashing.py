"""SHA-256 of every file and of every named range, on two threads: a range and the file around it are read side by side.

hashlib lets go of the interpreter's lock for large blocks, so the two digests that a recorded byte goes into (its
file's, for the manifest, and its segment's, for the log) cost the time of one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from archive.verifier.bag import Bag

BLOCK: Final = 1 << 18
THREADS: Final = 2

Range = tuple[int, int]
"""Offset and length in bytes."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, how much there is."""


@dataclass(frozen=True, slots=True)
class Hashes:
    """Hex digests of files by path, and of ranges by path and range; a range beyond the end has none."""

    files: dict[str, str]
    ranges: dict[tuple[str, Range], str]


def hash_bag(bag: Bag, ranges: Mapping[str, Sequence[Range]], progress: Progress) -> Hashes:
    """Read the bag once. `ranges` names the segments of footage files; `progress` counts bytes."""
    total, done = sum(bag.sizes.values()), 0
    files: dict[str, str] = {}
    inside: dict[tuple[str, Range], str] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        for path, whole, parts in _submitted(pool, bag, ranges):
            files[path] = whole.result()
            inside.update(((path, part), digest) for part, digest in parts.result().items())
            done += bag.sizes[path]
            progress("hashing", done, total)
    return Hashes(files, inside)


_Job = tuple[str, "Future[str]", "Future[dict[Range, str]]"]


def _submitted(pool: ThreadPoolExecutor, bag: Bag, ranges: Mapping[str, Sequence[Range]]) -> Iterator[_Job]:
    """Largest files first, one ahead of the one waited for, so that both threads stay at work on neighbouring bytes."""
    waiting: _Job | None = None
    for path in sorted(bag.sizes, key=lambda name: (-bag.sizes[name], name)):
        file = bag.root / path
        job = (path, pool.submit(_whole, file), pool.submit(_parts, file, ranges.get(path, ())))
        if waiting:
            yield waiting
        waiting = job
    if waiting:
        yield waiting


def _whole(file: Path) -> str:
    with file.open("rb", buffering=0) as stream:
        return _digest(stream, file.stat().st_size)[0]


def _parts(file: Path, parts: Sequence[Range]) -> dict[Range, str]:
    found: dict[Range, str] = {}
    if parts:
        with file.open("rb", buffering=0) as stream:
            for offset, length in parts:
                stream.seek(offset)
                digest, missing = _digest(stream, length)
                if not missing:
                    found[offset, length] = digest
    return found


def _digest(stream: BinaryIO, length: int) -> tuple[str, int]:
    """The digest of the next `length` bytes, and how many of them are missing."""
    running, block = sha256(), memoryview(bytearray(min(BLOCK, max(length, 1))))
    while length and (got := stream.readinto(block[: min(length, BLOCK)])):  # type: ignore[attr-defined]
        running.update(block[:got])
        length -= got
    return running.hexdigest(), length

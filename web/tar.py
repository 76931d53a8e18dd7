"""A folder as one tar stream, in blocks: nothing of it is copied on disk, and no file is read whole."""

import asyncio
import tarfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

BLOCK = 1 << 20


async def blocks(folder: Path, name: str) -> AsyncIterator[bytes]:
    """The tar of a folder under the name `name`, files in the order of their paths (POSIX pax)."""
    made = _blocks(folder, name)
    while block := await asyncio.to_thread(next, made, b""):
        yield block


def _blocks(folder: Path, name: str) -> Iterator[bytes]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        stat = path.stat()
        entry = tarfile.TarInfo(f"{name}/{path.relative_to(folder).as_posix()}")
        entry.size, entry.mtime, entry.mode = stat.st_size, int(stat.st_mtime), 0o644
        yield entry.tobuf(tarfile.PAX_FORMAT)
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
        if padding := -stat.st_size % tarfile.BLOCKSIZE:
            yield bytes(padding)
    yield bytes(2 * tarfile.BLOCKSIZE)

"""Folders as one tar stream, in blocks: nothing of it is copied on disk, and no file is read whole."""

import asyncio
import tarfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

BLOCK = 1 << 20


async def blocks(*folders: Path) -> AsyncIterator[bytes]:
    """The tar of folders under their own names, files in the order of their paths (POSIX pax); one may be missing."""
    made = _blocks(folders)
    while block := await asyncio.to_thread(next, made, b""):
        yield block


def _blocks(folders: Sequence[Path]) -> Iterator[bytes]:
    for folder, path in ((one, path) for one in folders for path in sorted(one.rglob("*")) if path.is_file()):
        stat = path.stat()
        entry = tarfile.TarInfo(path.relative_to(folder.parent).as_posix())
        entry.size, entry.mtime, entry.mode = stat.st_size, int(stat.st_mtime), 0o644
        yield entry.tobuf(tarfile.PAX_FORMAT)
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
        if padding := -stat.st_size % tarfile.BLOCKSIZE:
            yield bytes(padding)
    yield bytes(2 * tarfile.BLOCKSIZE)

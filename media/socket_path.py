"""Unix sockets in folders of any depth: `sun_path` holds 108 bytes, a path through an open folder is short."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SUN_PATH_BYTES = 100


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A spelling of `path` that fits, valid inside the block; its folder must exist."""
    if len(os.fsencode(path)) <= _SUN_PATH_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)

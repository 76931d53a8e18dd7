"""Files that are replaced while others read them: whoever reads, also after a crash, finds the old or the new."""

import os
from pathlib import Path

from archive.durable import sync_folder


def replace(path: Path, content: bytes) -> None:
    """Give a file this content: written beside it, flushed, renamed, the folder flushed.

    One writer at a time: what is begun has one name, so that a crash leaves one file at most. Raises OSError.
    """
    making = path.with_name(f".{path.name}.new")
    with making.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)
    sync_folder(path.parent)

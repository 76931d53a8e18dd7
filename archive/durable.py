"""What is written once and kept: on the disk, and changed by nobody, before anything is said of it."""

import os
from pathlib import Path
from typing import BinaryIO


def settle(file: BinaryIO) -> None:
    """Have a file's bytes on the disk, and take away everybody's right to write it. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())
    os.fchmod(file.fileno(), 0o444)


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on the disk: without it a file that is there may be gone after a power cut. Raises
    OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

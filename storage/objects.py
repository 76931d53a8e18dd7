"""Content-addressed files: a document's SHA-256 is its name. Flushed before any statement names it."""

import hashlib
import os
import tempfile
from pathlib import Path


class Objects:
    """A folder of files `ab/cd/<sha256>`, each written once, and again only where it was damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where an object lies or would lie."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def __contains__(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def get(self, sha256: str) -> bytes:
        """The bytes of an object. Raises `FileNotFoundError`."""
        return self.path(sha256).read_bytes()

    def put(self, data: bytes) -> str:
        """Write bytes durably under their digest and return it; where they lie already they are read back and compared.

        A file with other bytes is replaced whole: the right ones are in hand. Raises `OSError` (a full disk among
        others) with nothing left behind.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.is_file() and _digest(target) == sha256:
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).rename(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

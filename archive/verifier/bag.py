"""The bag as it lies on the disk: its files by path and size, and their bytes. Follows no link, changes nothing."""

import os
from dataclasses import dataclass
from pathlib import Path

from archive.verifier.findings import Unusable


@dataclass(frozen=True, slots=True)
class Bag:
    """`sizes` maps each file's path (`data/log/log.jsonl`) to its size; `strange` are links, devices, empty folders."""

    root: Path
    sizes: dict[str, int]
    strange: tuple[str, ...]

    def read(self, path: str) -> bytes:
        """A file's bytes; nothing if there is no such file (step 1 reports what is missing)."""
        return (self.root / path).read_bytes() if path in self.sizes else b""

    def under(self, folder: str) -> list[str]:
        """The paths below a folder, ascending."""
        return sorted(path for path in self.sizes if path.startswith(f"{folder}/"))


def open_bag(root: Path) -> Bag:
    """List a bag's files. Raises Unusable if the path is no bag."""
    if not (root / "bagit.txt").is_file():
        raise Unusable(str(root), "no-bag")
    return Bag(root, *files_under(root))


def files_under(root: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """The files below a folder by path and size, and what is none: links, devices, empty folders."""
    sizes: dict[str, int] = {}
    strange: list[str] = []
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        entries = [here / name for name in files]
        entries += [here / name for name in folders if (here / name).is_symlink()]
        for entry in entries:
            path = entry.relative_to(root).as_posix()
            if entry.is_file() and not entry.is_symlink():
                sizes[path] = entry.stat().st_size
            else:
                strange.append(path)
        if not folders and not files:
            strange.append(here.relative_to(root).as_posix())
    return sizes, tuple(sorted(strange))

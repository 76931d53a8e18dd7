"""State out and in: `python -m storage.backup backup|restore DIR`, while the server runs or not, and verified.

The state is the folder that `BID_STATE` names, `var` without it.

The database by SQLite's own online backup, then objects, keys, footage and bags; `SHA256SUMS` lists every file, so a
copy can also be checked by `sha256sum -c`. Restoring writes into a folder that does not exist yet, never over one.
"""

import hashlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

SUMS = "SHA256SUMS"
DATABASE = Path("db") / "bid.sqlite"
FOLDERS = ("keys", "objects", "footage", "bags", "trust")
BLOCK = 1 << 20


class BackupRefused(Exception):
    """The copy is not made or not taken back; the message names the file or folder."""

    code = "backup.refused"


def save(state: Path, target: Path) -> int:
    """Copy a deployment's state into a new folder; returns how many files. Raises `BackupRefused`, `OSError`."""
    if target.exists():
        raise BackupRefused(f"{target} exists")
    if not (state / DATABASE).is_file():
        raise BackupRefused(f"{state / DATABASE} is not there")
    making = target.with_name(f".{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    # The database first: whatever it names was on disk before it was named, so later copies of the files hold it.
    _copy_database(state / DATABASE, making / DATABASE)
    for folder in FOLDERS:
        if (state / folder).is_dir():
            shutil.copytree(state / folder, making / folder)
    lines = [f"{_digest(path)}  {path.relative_to(making)}" for path in _files(making)]
    (making / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    check(making)
    making.rename(target)
    return len(lines)


def check(copy: Path) -> None:
    """Hold a copy against its list and its database against itself. Raises `BackupRefused` naming the first fault."""
    try:
        lines = (copy / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BackupRefused(f"{copy / SUMS} cannot be read") from error
    listed: dict[str, str] = {}
    for line in lines:
        digest, _, name = line.partition("  ")
        listed[name] = digest
    found = {str(path.relative_to(copy)) for path in _files(copy)} - {SUMS}
    if differing := found ^ listed.keys():
        raise BackupRefused(min(differing))
    for name, digest in listed.items():
        if _digest(copy / name) != digest:
            raise BackupRefused(name)
    with sqlite3.connect(f"file:{copy / DATABASE}?immutable=1", uri=True) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupRefused(str(DATABASE))


def load(state: Path, copy: Path) -> int:
    """Take a copy back as a new state folder; returns how many files. Raises `BackupRefused`."""
    if state.exists():
        raise BackupRefused(f"{state} exists")
    check(copy)
    making = state.with_name(f".{state.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(copy, making, ignore=shutil.ignore_patterns(SUMS))
    making.chmod(0o700)
    making.rename(state)
    return sum(1 for _ in _files(state))


def _copy_database(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
    copy.close()
    live.close()


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            yield Path(root) / name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: list[str]) -> int:
    """`backup DIR` or `restore DIR`; 0 done and verified, 1 refused, 2 unusable call."""
    acts = {"backup": save, "restore": load}
    if len(arguments) != 2 or arguments[0] not in acts:  # noqa: PLR2004 - verb and folder
        print("usage: python -m storage.backup backup|restore DIR", file=sys.stderr)
        return 2
    try:
        count = acts[arguments[0]](Path(os.environ.get("BID_STATE", "var")), Path(arguments[1]))
    except (BackupRefused, OSError) as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 1
    print(f"{count} files, verified")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

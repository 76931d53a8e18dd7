"""One folder that follows another byte by byte, in a thread of its own: late or broken, it holds nothing up.

It reads what the source has and appends what the target lacks. Nothing in the target is ever thrown away. Which of the
two is which may change: when the source cannot be written, the target becomes the source.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_RETRY_S = 2.0
_PIECE = 1 << 20
LINES = ".jsonl"


def tracks_below(root: Path, case: str = "*") -> set[Path]:
    """The tracks that have a folder below a root, as paths from there."""
    return {folder.relative_to(root) for folder in root.glob(f"{case}/*/*")}


def take_files(folder: Path) -> list[Path]:
    """The files of a track's takes, lines after the bytes that they name; what is set aside is none of them."""
    found = [path for path in folder.glob("take*") if not path.name.endswith(".aside")]
    return sorted(found, key=lambda path: (path.stem, path.suffix == LINES))


def is_ahead(folder: Path, other: Path) -> bool:
    """Whether a track's folder has whole lines that the other lacks: then the other was not written for a while."""
    return any(_goes_further(path, other / path.name) for path in folder.glob(f"take*{LINES}"))


def _goes_further(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):  # missing, or on a disk that cannot be read: then it says nothing
        if path.stat().st_size <= other.stat().st_size:
            return False
    mine, theirs = _whole_lines(path), _whole_lines(other)
    return len(mine) > len(theirs) and mine.startswith(theirs)


def _whole_lines(path: Path) -> bytes:
    try:
        return path.read_bytes().rpartition(b"\n")[0]
    except OSError:
        return b""


def is_alike(folder: Path, copy: Path) -> bool:
    """Whether the copy of a track's folder has all files of it at their length."""
    return all(_size(copy / path.name) == _size(path) for path in take_files(folder))


def bring_up(folder: Path, copy: Path) -> None:
    """Append to the copy of a track's folder what it lacks, and flush it. Raises OSError."""
    copy.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Lines as far as they go now, and only then bytes: a copied line is never without what it names.
    ends = {path: _size(path) for path in take_files(folder) if path.suffix == LINES}
    for path in take_files(folder):
        _append(path, copy / path.name, ends.get(path) if path.suffix == LINES else _size(path))


def _append(path: Path, target: Path, end: int | None) -> None:
    had = _size(target)
    if end is None or had == end:
        return
    if had > end:
        # The master was cut after a crash: what stood behind the cut is kept beside, and the copy begins again.
        target.rename(next(name for name in _asides(target) if not name.exists()))
        had = 0
    source, sink = os.open(path, os.O_RDONLY), os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.lseek(source, had, os.SEEK_SET)
        while had < end and (piece := os.read(source, min(_PIECE, end - had))):
            had += os.write(sink, piece)
            os.lseek(source, had, os.SEEK_SET)
        os.fdatasync(sink)
    finally:
        os.close(source)
        os.close(sink)


def _asides(target: Path) -> Iterator[Path]:
    return (target.with_name(f"{target.name}.{number}.aside") for number in count(1))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Copyist:
    """Copies tracks in the order in which they were written to; a failed copy is tried again until it succeeds.

    Tracks are named by their folders below `source` and `target`.
    """

    def __init__(self, source: Path, target: Path) -> None:
        self.source = source
        self.target = target
        self._known: set[Path] = set()
        # Held by whoever copies, or changes what is copied where.
        self._copying = threading.Lock()
        self._news = threading.Condition()
        self._waiting: dict[Path, float] = {}
        self._busy_since: float | None = None
        self._is_closing = False
        # Why the last try failed, empty when it did not.
        self.failure = ""
        self._thread = threading.Thread(target=self._run, name="footage copy", daemon=True)
        self._thread.start()

    def notify(self, track: Path) -> None:
        """Something was written to a track's folder below the source."""
        with self._news:
            self._known.add(track)
            self._waiting.setdefault(track, time.monotonic())
            self._news.notify()

    def bring_up(self, track: Path) -> None:
        """Copy a track now. Raises OSError."""
        with self._copying:
            bring_up(self.source / track, self.target / track)

    def turn(self, failed: Path, why: str) -> bool:
        """Let the source follow the target, if the source is what failed and the target lacks nothing; whether it was.

        Then `why` is this copyist's failure, until what failed has been brought up.
        """
        with self._copying:
            if failed != self.source or self.failure:
                return False
            with self._news:
                known = tuple(self._known)
            try:
                for track in known:
                    bring_up(self.source / track, self.target / track)
            except OSError:
                return False
            self._turn(why)
        return True

    def _turn(self, why: str) -> None:
        self.source, self.target = self.target, self.source
        self.failure = why

    def restore(self, case: str) -> None:
        """After a restart: give the source what was written to the target alone; if it cannot be had, turn."""
        with self._copying:
            tracks = tracks_below(self.source, case) | tracks_below(self.target, case)
            ahead = {track for track in tracks if is_ahead(self.target / track, self.source / track)}
            try:
                for track in ahead:
                    bring_up(self.target / track, self.source / track)
            except OSError as failure:
                for track in tracks - ahead:
                    with contextlib.suppress(OSError):
                        bring_up(self.source / track, self.target / track)
                self._turn(failure.strerror or "failed")

    def behind_s(self, now: float) -> float:
        """For how long the oldest of what is not copied has been waiting."""
        with self._news:
            waiting = [*self._waiting.values(), *([] if self._busy_since is None else [self._busy_since])]
        return now - min(waiting, default=now)

    def close(self) -> None:
        """Copy what can be copied now, and end."""
        with self._news:
            self._is_closing = True
            self._news.notify()
        self._thread.join()

    def _run(self) -> None:
        while (found := self._next()) is not None:
            track, since = found
            try:
                self.bring_up(track)
                with self._news:
                    self.failure = self.failure if self._waiting else ""
            except OSError as failure:
                self.failure = failure.strerror or "failed"
                if self._is_closing:
                    return
                with self._news:
                    # Behind the others: one folder that cannot be copied must not keep them waiting.
                    self._waiting.pop(track, None)
                    self._waiting[track] = since
                    self._news.wait_for(lambda: self._is_closing, _RETRY_S)

    def _next(self) -> tuple[Path, float] | None:
        with self._news:
            self._busy_since = None
            self._news.wait_for(lambda: self._waiting or self._is_closing)
            if not self._waiting:
                return None
            track = next(iter(self._waiting))
            self._busy_since = self._waiting.pop(track)
            return track, self._busy_since

"""Makes a copy: ffmpeg in a process of its own, at the end of every queue, within limits of time, memory and size.

Owns the process and the copy's folder; knows nothing of who may ask. Where ffmpeg is not installed it says so.
"""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.export import graph
from media.export.sources import Source, Stretch, gather

MEMORY_BYTES = 3 << 30
FILE_BYTES = 8 << 30
OPEN_FILES = 256
# Of processor. A grid of nine is made faster than it lasts on two idle cores; whoever is last in every queue may wait.
LEAST_S, TIMES_ITS_LENGTH = 120, 8
TIMES_WAITED = 5
COPY, NOTE = "copy.mp4", "copy.json"
_COMPLAINT = 2000


class Refused(Exception):
    """Why a copy is not made."""

    code = "export.failed"


class NoFfmpeg(Refused):
    """ffmpeg is not installed on this machine."""

    code = "export.no_ffmpeg"


class NothingRecorded(Refused):
    """None of the seats was recorded in this stretch of time."""

    code = "export.nothing_recorded"


class ExportFailed(Refused):
    """ffmpeg took too long, too much, or found something that is no recording; `detail` is for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail[-_COMPLAINT:])


@dataclass(frozen=True, slots=True)
class Order:
    """A copy to be made: of these seats of a case's footage (`<footage>/<case>`), in this stretch, looking so."""

    case: Path
    seats: tuple[str, ...]
    stretch: Stretch
    look: graph.Look


def check_installed() -> str:
    """The path of ffmpeg. Raises `NoFfmpeg`."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise NoFfmpeg
    return program


async def make(order: Order, target: Path, progress: Callable[[float], None]) -> str:
    """Make `target`/copy.mp4 and its note beside it, in a folder that does not exist yet; the copy's SHA-256.

    `progress` is told the part that is done, 0 to 1. Raises `NoFfmpeg`, `NothingRecorded`, `NotMedia`, `ExportFailed`,
    OSError; then nothing is left.
    """
    program = check_installed()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as name:
        folder = Path(name)
        sources = await asyncio.to_thread(gather, order.case, order.seats, order.stretch, folder)
        if not sources:
            raise NothingRecorded
        words = graph.arguments(sources, order.stretch, order.look, folder, COPY)
        await run([program, *words], folder, order.stretch.duration_ms, progress)
        digest = await asyncio.to_thread(_digest, folder / COPY)
        note = json.dumps(_note(order, sources, digest), ensure_ascii=False, indent=1, sort_keys=True)
        await asyncio.to_thread(_lay_down, folder, target, note)
    return digest


async def run(command: Sequence[str], folder: Path, length_ms: int, progress: Callable[[float], None]) -> None:
    """Run ffmpeg in a folder and tell how far it is. Raises `ExportFailed`; killed with whoever waits for it."""
    seconds = max(LEAST_S, TIMES_ITS_LENGTH * length_ms // 1000)
    limits = (f"--as={MEMORY_BYTES}", f"--fsize={FILE_BYTES}", f"--nofile={OPEN_FILES}", f"--cpu={seconds}", "--core=0")
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", "19", "prlimit", *limits, *command),
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMES_WAITED * seconds), asyncio.TaskGroup() as tasks:
            complaint = tasks.create_task(_last_words(process))
            await _follow(process, length_ms, progress)
            await process.wait()
    except TimeoutError:
        raise ExportFailed(f"no end after {TIMES_WAITED * seconds} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ExportFailed(f"ffmpeg ended with {process.returncode}: {complaint.result()}")


async def _follow(process: asyncio.subprocess.Process, length_ms: int, progress: Callable[[float], None]) -> None:
    async for line in _pipe(process.stdout):
        key, _, value = line.decode(errors="replace").strip().partition("=")
        if key == "out_time_us" and value.lstrip("-").isdigit():
            progress(min(max(int(value) / (1000 * length_ms), 0.0), 1.0))


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """The end of what it complains of, however much that is."""
    kept, pipe = b"", _pipe(process.stderr)
    while said := await pipe.read(4096):
        kept = (kept + said)[-_COMPLAINT:]
    return kept.decode(errors="replace")


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if stream is None:
        raise ExportFailed("ffmpeg has no pipe")
    return stream


def _lay_down(folder: Path, target: Path, note: str) -> None:
    target.mkdir(mode=0o700)
    (target / NOTE).write_text(note + "\n", encoding="utf-8")
    (folder / COPY).rename(target / COPY)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _note(order: Order, sources: Sequence[Source], digest: str) -> dict[str, object]:
    """The note beside a copy (docs/exports.md)."""

    def listed(segments: tuple[tuple[str, int, str], ...]) -> list[dict[str, object]]:
        return [{"take": take, "n": n, "sha256": sha256} for take, n, sha256 in segments]

    return {
        "v": 1,
        "what": "derivative: an access copy, re-encoded; the masters are the evidence",
        "case": order.case.name,
        "seats": list(order.seats),
        "from": order.stretch.begin.isoformat(),
        "to": order.stretch.end.isoformat(),
        "mark": order.look.mark,
        "sha256": digest,
        "sources": [part for source in sources for part in listed(source.used)],
        "left_out": [part for source in sources for part in listed(source.left_out)],
    }

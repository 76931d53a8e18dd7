"""The whole demo once: how long it takes, and what the room with its five seats costs the media worker meanwhile."""

import asyncio
import os
import sys
import time
from pathlib import Path

from bench.figures import say

ROOT = Path(__file__).parent.parent
SEATED, LEAVING = " 6/12", "11/12"
"""The demo's own lines between which all five seats are in the room."""
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
USER, SYSTEM, PARENT = 11, 12, 1
"""Places in /proc/PID/stat after the command's name (proc(5))."""


async def measure(folder: Path) -> None:
    """Run the demo in a process of its own and watch its media worker. Raises `RuntimeError` if it does not hold."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "demo", "--once", cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    words = asyncio.gather(process.stderr.read())
    marks: dict[str, tuple[float, float]] = {}
    while line := (await process.stdout.readline()).decode():
        for mark in (SEATED, LEAVING):
            if mark in line:
                marks[mark] = (time.monotonic(), cpu_seconds(media_worker(process.pid)))
    if await process.wait() != 0:
        raise RuntimeError(f"the demo did not hold:\n{(await words)[0].decode()[-2000:]}")
    await words
    say("demo.once_s", time.monotonic() - began, "s")
    (seated_at, cpu_before), (leaving_at, cpu_after) = marks[SEATED], marks[LEAVING]
    say("demo.room_cpu_share", (cpu_after - cpu_before) / (leaving_at - seated_at), "cores")


def media_worker(ancestor: int) -> int:
    """Process id of the media worker below a process. Raises `RuntimeError` if there is none."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"media.worker" in command and is_below(int(folder.name), ancestor):
            return int(folder.name)
    raise RuntimeError("no media worker")


def is_below(pid: int, ancestor: int) -> bool:
    """Whether a process descends from another."""
    while pid > 1:
        if pid == ancestor:
            return True
        pid = int(_stat(pid)[PARENT])
    return False


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used, user and system."""
    stat = _stat(pid)
    return (int(stat[USER]) + int(stat[SYSTEM])) / TICKS_PER_S


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2].split()

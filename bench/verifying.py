"""The verifier over a bag with more than a gigabyte of footage, against `openssl dgst` over the same bytes."""

import asyncio
import sys
import time
from pathlib import Path

from bench.figures import say

ROOT = Path(__file__).parent.parent
LAUNCH = Path(__file__).parent / "launch" / "large_bag.py"
SEGMENT_MB, SEGMENTS = 1, 720
"""Four seconds at two megabits a second, so many for each of three seats; a whole day has ten times that."""
MB = 1_000_000
VERIFIER = (sys.executable, "-m", "archive.verifier")
ROUNDS = 3


async def measure(folder: Path) -> None:
    """Three rounds of each in turn; the best of each counts, so that neither pays for a cold cache."""
    await _run(sys.executable, str(LAUNCH), str(folder), str(SEGMENT_MB * MB), str(SEGMENTS))
    bag, files = await asyncio.to_thread(bag_in, folder)
    size = sum(files.values()) / MB
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(await _timed("openssl", "dgst", "-sha256", *files))
        ours.append(await _timed(sys.executable, "-m", "archive.verifier", str(bag), "--trust", str(folder / "trust")))
    say("demo.verify_bag_mb", size, "MB")
    say("demo.verify_mb_s", size / min(ours), "MB/s")
    say("demo.openssl_mb_s", size / min(theirs), "MB/s")
    say("demo.verify_ratio", min(theirs) / min(ours), "ratio")


def bag_in(folder: Path) -> tuple[Path, dict[str, int]]:
    """The bag below a folder, and the size of each of its files."""
    [bag] = [path.parent for path in folder.glob("*/bagit.txt")]
    return bag, {str(path): path.stat().st_size for path in sorted(bag.rglob("*")) if path.is_file()}


async def _timed(*command: str) -> float:
    began = time.monotonic()
    await _run(*command)
    return time.monotonic() - began


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, words = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}: {(said + words).decode()[-1000:]}")

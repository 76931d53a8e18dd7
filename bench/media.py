"""The media worker beside Janus: processor time a packet, delay, memory, joining, recording, the most rooms.

Everything runs in a network namespace of its own, the server on one core and the load on another; the rounds are
`launch/media_rounds.py`, here their results become figures.
"""

import asyncio
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.figures import say

ROOT = Path(__file__).parent.parent
ROUNDS = ROOT / "bench" / "launch" / "media_rounds.py"
NEEDED = {"janus": "janus", "ip": "iproute2", "unshare": "util-linux", "taskset": "util-linux"}
REPETITIONS, ROOMS = 3, 8
QUICK_REPETITIONS, QUICK_ROOMS = 1, 4
# A network and processes of their own: when this ends, by whatever signal, the kernel ends them all.
APART = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
RECEIVED_PER_S_OF_EACH = 80 * 8
MIX = "each publisher 15 frames of 2 packets of 750 bytes and 50 packets of 80 bytes a second, everyone receives all"

Json = dict[str, Any]


async def measure(folder: Path) -> None:
    """All figures, in some nine minutes."""
    await _measure(folder, REPETITIONS, ROOMS, search=True)


async def measure_quickly(folder: Path) -> None:
    """One repetition with half the rooms, for who works on the worker; the figures' names say so."""
    await _measure(folder, QUICK_REPETITIONS, QUICK_ROOMS, search=False)


async def _measure(folder: Path, repetitions: int, rooms: int, *, search: bool) -> None:
    _prepare()
    _tell_machine()
    measuring = asyncio.current_task()
    assert measuring is not None  # noqa: S101
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    process = await asyncio.create_subprocess_exec(
        *APART, *([] if os.getuid() == 0 else ["--map-root-user"]), sys.executable, str(ROUNDS),
        str(folder), str(repetitions), str(rooms), str(int(search)),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None  # noqa: S101
    results: list[Json] = []
    try:
        while line := await process.stdout.readline():
            print(line.decode().rstrip(), file=sys.stderr, flush=True)
            results.append(json.loads(line))
        if await process.wait():
            raise RuntimeError("the rounds did not hold")
    finally:
        if process.returncode is None:
            process.kill()  # unshare itself heeds nothing less
            await process.wait()
    _say(results, repetitions, rooms)


def _prepare() -> None:
    """Every program that is needed. Raises `RuntimeError` with the line that installs what is missing."""
    packages = sorted({package for program, package in NEEDED.items() if shutil.which(program) is None})
    if len(os.sched_getaffinity(0)) < 2:  # noqa: PLR2004
        raise RuntimeError("two cores are needed: one for the server, one for the load")
    if not packages:
        return
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if os.getuid() != 0:
        raise RuntimeError(f"missing programs; on Debian: sudo {' '.join(install)}")
    subprocess.run(["apt-get", "update", "-qq"], check=True)  # noqa: S607
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(install, check=True, env=quiet, stdout=subprocess.DEVNULL)  # noqa: S603


def _tell_machine() -> None:
    model = next(line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if "model name" in line)
    told = subprocess.run(["janus", "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S607
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("aiortc", "pylibsrtp", "cffi"))
    for line in (
        f"{model.partition(':')[2].strip()}, {os.cpu_count()} cores, Linux {platform.release()}",
        f"Python {platform.python_version()}, {versions}, {told.partition(chr(10))[0]}",
        f"load before: {os.getloadavg()[0]:.1f}; {MIX}",
    ):
        print(line, file=sys.stderr, flush=True)


def _say(results: list[Json], repetitions: int, rooms: int) -> None:
    def of(engine: str, load: str, key: str) -> float:
        seen: list[float] = [row[key] for row in results if (row["engine"], row.get("load")) == (engine, load)]
        return statistics.median(seen)

    large, small = f"{rooms}x9", "1x9"
    loops = sorted({row["engine"] for row in results if row["engine"].startswith("janus")})

    def best(load: str, key: str) -> float:
        return min(of(engine, load, key) for engine in loops)

    say("media.repetitions", repetitions, "runs")
    for load in (large, small):
        _say_cpu(of, best, load)
    say(f"media.core_share_{large}", 100 * of("ours", large, "core_share"), "%")
    say(f"media.core_share_{large}_recorded", 100 * of("recorded", large, "core_share"), "%")
    more_us = of("recorded", large, "cpu_us") - of("ours", large, "cpu_us")
    say("media.record_share_per_publisher", 100 * more_us * RECEIVED_PER_S_OF_EACH / 1e6, "%")
    say("media.join_cpu_ms", of("recorded", large, "join_ms"), "ms")
    say("media.join_cpu_ms_janus", best(large, "join_ms"), "ms")
    direct = of("direct", "direct", "p50_ms")
    say("media.delay_added_p50_ms", of("ours", large, "p50_ms") - direct, "ms")
    say("media.delay_added_p50_ms_janus", best(large, "p50_ms") - direct, "ms")
    say("media.delay_p99_ms", of("ours", large, "p99_ms"), "ms")
    say("media.delay_p99_ratio", of("ours", large, "p99_ms") / best(large, "p99_ms"), "ratio")
    say("media.rss_per_participant_mb", max(_of_recorded(results, "rss_mb_each")), "MB")
    delivered = [row["delivered"] for row in results if row["engine"] in ("ours", "recorded") and "load" in row]
    say("media.delivered", 100 * min(delivered), "%")
    say("media.load_core_share", 100 * of("ours", large, "load_share"), "%")
    for row in results:
        if "rooms" in row:
            suffix = {"ours": "", "load": "_load"}.get(row["engine"], "_janus")
            say(f"media.rooms_at_999{suffix}", row["rooms"], "rooms")


def _say_cpu(of: Callable[[str, str, str], float], best: Callable[[str, str], float], load: str) -> None:
    say(f"media.cpu_us_{load}", of("ours", load, "cpu_us"), "us")
    say(f"media.cpu_us_{load}_janus", best(load, "cpu_us"), "us")
    say(f"media.cpu_ratio_{load}", of("ours", load, "cpu_us") / best(load, "cpu_us"), "ratio")


def _of_recorded(results: list[Json], key: str) -> list[float]:
    return [row[key] for row in results if row["engine"] == "recorded"]

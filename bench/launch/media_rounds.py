"""Every round of the media bench, in a network namespace of its own; each result is one JSON line on standard output.

`media_rounds.py FOLDER REPETITIONS ROOMS SEARCH`: how often each load is measured, how many rooms the large one has,
and whether (1) to look for the most rooms at the end.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiortc.rtcdtlstransport import RTCCertificate

from bench import media_direct
from bench.figures import percentile
from bench.media_engines import LOAD_CORE, Engine, Ours
from bench.media_janus import Janus
from bench.media_peer import Connection
from bench.media_traffic import Traffic

HOST = "10.77.0.1"
SEATS = 9
WARM_S, WINDOW_S, LONG_S, SEARCH_S = 1.5, 4.0, 20.0, 3.0
FULL, MOST_ROOMS, STEP = 0.999, 40, 2
EVENT_LOOPS = (0, 1, 2)

Json = dict[str, Any]
Start = Callable[[Path, asyncio.TaskGroup], Awaitable[Engine]]


@dataclass(slots=True)
class Meeting:
    """A server with its rooms; what joining cost, and the memory with the first two there."""

    engine: Engine
    traffic: Traffic = field(default_factory=Traffic)
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)
    rooms: int = 0
    profile: str = ""
    rss_of_two_kb: int = 0
    join_ns: int = 0

    async def add_rooms(self, count: int) -> None:
        """Rooms of nine, everybody publishing and receiving everybody else; nothing flows meanwhile."""
        for _ in range(count):
            before = cpu_ns(self.engine.pid)
            await self._add_room(self.rooms)
            self.join_ns += cpu_ns(self.engine.pid) - before
            self.rooms += 1

    async def _add_room(self, room: int) -> None:
        await self.engine.open_room(room)
        publishers: list[tuple[Connection, int, int]] = []
        subscribers: list[Connection] = []

        async def publish(seat: int) -> None:
            connection = Connection(HOST, self.certificate)
            video, audio = random.randrange(1, 1 << 31), random.randrange(1, 1 << 31)  # noqa: S311
            await connection.connect(await self.engine.publish(room, seat, connection.offer(video, audio)))
            publishers.append((connection, video, audio))

        async def subscribe(seat: int) -> None:
            connection = Connection(HOST, self.certificate)
            others = [other for other in range(SEATS) if other != seat and other < len(publishers)]
            await connection.connect(await self.engine.subscribe(room, seat, others, connection.answer))
            subscribers.append(connection)

        if not self.rss_of_two_kb:
            # Two who see nobody else yet: their connections stay, the room goes on with all nine.
            await asyncio.gather(publish(0), publish(1))
            self.rss_of_two_kb = rss_kb(self.engine.pid)
        await asyncio.gather(*(publish(seat) for seat in range(len(publishers), SEATS)))
        await asyncio.gather(*(subscribe(seat) for seat in range(SEATS)))
        self.profile = subscribers[0].profile
        self.traffic.add_room(publishers, subscribers)


@asynccontextmanager
async def a_meeting(start: Start) -> AsyncIterator[Meeting]:
    """A fresh server; ended with everything it wrote."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as folder:
        async with asyncio.TaskGroup() as tasks:
            meeting = Meeting(await start(Path(folder), tasks))
            try:
                yield meeting
            finally:
                await meeting.engine.stop()
                for connection in meeting.traffic.connections():
                    connection.close()


def cpu_ns(pid: int) -> int:
    """Run time of all threads of a process, by the scheduler's own count."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text("ascii").split()[0])
    return total


def rss_kb(pid: int) -> int:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    return int(status.partition("VmRSS:")[2].split()[0])


async def meet(name: str, start: Start, rooms: int, window_s: float = WINDOW_S) -> Json:
    """One server under one load, from its start to its end."""
    async with a_meeting(start) as meeting:
        await meeting.add_rooms(rooms)
        await meeting.traffic.flow(WARM_S)
        before = cpu_ns(meeting.engine.pid)
        window = await meeting.traffic.flow(window_s)
        cpu = cpu_ns(meeting.engine.pid) - before
        return {
            "engine": name, "load": f"{rooms}x{SEATS}", "profile": meeting.profile,
            "cpu_us": cpu / 1000 / max(1, window.received), "core_share": cpu / 1e9 / window.seconds,
            "delivered": window.delivered, "load_share": window.load_cpu_s / window.seconds,
            "p50_ms": statistics.median(window.delays_ms), "p99_ms": percentile(window.delays_ms, 0.99),
            "join_ms": meeting.join_ns / 1e6 / (rooms * SEATS),
            "rss_mb_each": (rss_kb(meeting.engine.pid) - meeting.rss_of_two_kb) / 1000 / (rooms * SEATS - 2),
        }  # fmt: skip


async def most_rooms(name: str, start: Start, first: int) -> Json:
    """The most rooms of which 99.9 % arrives: by twos until two windows fail, then one fewer."""
    seen: list[tuple[int, float]] = []
    async with a_meeting(start) as meeting:

        async def holds(rooms: int) -> bool:
            for _ in range(2):
                seen.append((rooms, (await meeting.traffic.flow(SEARCH_S, rooms)).delivered))
                if seen[-1][1] >= FULL:
                    return True
            return False

        await meeting.add_rooms(first)
        rooms = first
        while rooms < MOST_ROOMS:
            await meeting.traffic.flow(WARM_S, rooms)
            if not await holds(rooms):
                break
            await meeting.add_rooms(STEP)
            rooms += STEP
        while rooms and not await holds(rooms):
            rooms -= 1
    return {"engine": name, "rooms": rooms, "seen": seen}


async def most_counted() -> Json:
    """The most rooms whose packets the load can send and count."""
    rooms = MOST_ROOMS
    while rooms and await media_direct.ceiling(HOST, rooms, SEARCH_S) < FULL:
        rooms -= STEP
    return {"engine": "load", "rooms": rooms}


def starts() -> dict[str, Start]:
    """Every server that is measured."""

    def ours(recorded: bool) -> Start:
        async def start(folder: Path, tasks: asyncio.TaskGroup) -> Engine:
            return await Ours.start(folder, HOST, tasks, recorded=recorded)

        return start

    def janus(loops: int) -> Start:
        async def start(folder: Path, tasks: asyncio.TaskGroup) -> Engine:
            return await Janus.start(folder, HOST, tasks, event_loops=loops)

        return start

    return {"ours": ours(False), "recorded": ours(True), **{f"janus-{loops}": janus(loops) for loops in EVENT_LOOPS}}


def say(result: Json) -> None:
    """One line."""
    print(json.dumps(result), flush=True)


async def main(repetitions: int, rooms: int, search: bool) -> None:
    """All rounds, interleaved."""
    engines = starts()
    us: dict[str, list[float]] = {}
    for repetition in range(repetitions):
        direct = await media_direct.baseline(HOST, WINDOW_S)
        say({"engine": "direct", "load": "direct", "p50_ms": statistics.median(direct.delays_ms)})
        for name, start in engines.items():
            if name != "recorded":
                say(await meet(name, start, 1))
        for name, start in engines.items():
            is_long = name == "recorded" and repetition == 0
            result = await meet(name, start, rooms, LONG_S if is_long else WINDOW_S)
            us.setdefault(name, []).append(result["cpu_us"])
            say(result)
    if search:
        best = min((name for name in us if "janus" in name), key=lambda name: statistics.median(us[name]))
        for name in ("ours", best):
            say(await most_rooms(name, engines[name], rooms))
        say(await most_counted())


def set_up() -> None:
    """An address that only this namespace knows; Janus finds none on the loopback device."""
    for words in (
        "link add bench0 type veth peer name bench1", f"addr add {HOST}/32 dev bench0",
        "link set lo up", "link set bench0 up", "link set bench1 up",
    ):  # fmt: skip
        subprocess.run(["ip", *words.split()], check=True)  # noqa: S603, S607
    os.sched_setaffinity(0, {LOAD_CORE})


if __name__ == "__main__":
    set_up()
    began = time.monotonic()
    asyncio.run(main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1"))
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)

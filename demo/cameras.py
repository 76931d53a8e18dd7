"""The venues' seat processes as the demo holds them: start one a venue, pull a cable, count what arrives."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from demo.client import Site

ROOT = Path(__file__).parent.parent
JOIN_S = 60.0


class Cameras:
    """One process a venue (`demo.seat`) with the cameras and microphones of its seats."""

    def __init__(self, site: Site, root: Path, case: str) -> None:
        self._site = site
        self._root = root
        self._case = case
        self._processes: list[asyncio.subprocess.Process] = []
        self._of_seat: dict[str, asyncio.subprocess.Process] = {}
        self._events: dict[tuple[str, str], asyncio.Event] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._counted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, seats: dict[str, str], tasks: asyncio.TaskGroup) -> None:
        """Start the seats of one venue (seat → cookies) and return when all of them are in the room."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "demo.seat", cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        self._processes.append(process)
        self._of_seat |= dict.fromkeys(seats, process)
        rows = [{"seat": seat, "cookie": cookie} for seat, cookie in seats.items()]
        self._tasks.append(tasks.create_task(self._read(process)))
        self._tell(process, origin=self._site.origin, ca=str(self._root), case=self._case, seats=rows)
        async with asyncio.timeout(JOIN_S):
            for seat in seats:
                await self._event("joined", seat).wait()

    def subscribe(self) -> None:
        """Every seat asks for the pictures and sound of all others."""
        for process in self._processes:
            self._tell(process, do="subscribe")

    def drop(self, seat: str) -> None:
        """Pull a seat's cable."""
        self._event("joined", seat).clear()
        self._tell(self._of_seat[seat], do="drop", seat=seat)

    async def restore(self, seat: str) -> None:
        """Put the cable back and wait until the seat is in the room again."""
        self._tell(self._of_seat[seat], do="restore", seat=seat)
        async with asyncio.timeout(JOIN_S):
            await self._event("joined", seat).wait()

    async def counts(self) -> dict[str, dict[str, int]]:
        """Frames received by seat and track."""
        self._counts = {}
        for process in self._processes:
            self._tell(process, do="counts")
        async with asyncio.timeout(JOIN_S):
            while len(self._counts) < len(self._of_seat):
                self._counted.clear()
                await self._counted.wait()
        return self._counts

    async def close(self) -> None:
        """Everybody leaves."""
        for process in self._processes:
            if process.returncode is None:
                self._tell(process, do="quit")
        for process in self._processes:
            await process.wait()
        for task in self._tasks:
            task.cancel()

    def _event(self, kind: str, seat: str) -> asyncio.Event:
        return self._events.setdefault((kind, seat), asyncio.Event())

    def _tell(self, process: asyncio.subprocess.Process, **what: Any) -> None:  # noqa: ANN401 - JSON
        if process.stdin is not None:
            process.stdin.write(json.dumps(what).encode() + b"\n")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101
        while line := await process.stdout.readline():
            told = json.loads(line)
            if told["event"] == "counts":
                self._counts |= told["counts"]
                self._counted.set()
            else:
                self._event(told["event"], told["seat"]).set()

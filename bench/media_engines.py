"""The servers under the media load: what the load asks of one, and our worker, spoken to as the web server does."""

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).parent.parent
PLAIN_WORKER = ROOT / "bench" / "launch" / "worker_without_recorder.py"
SERVER_CORE, LOAD_CORE = 0, 1
START_S, AGAIN_S = 15, 0.5
LINE_LIMIT = 1 << 20
_EVIDENCE = ("take-started", "segment-closed", "gap-named")

Json = dict[str, Any]
Answering = Callable[[str], str]
Process = asyncio.subprocess.Process


class Engine(Protocol):
    """What the load asks of a server; descriptions are SDP, a seat is known by its number in its room."""

    @property
    def pid(self) -> int:
        """The process that forwards."""

    async def open_room(self, room: int) -> None:
        """Make an empty room."""

    async def publish(self, room: int, seat: int, offer: str) -> str:
        """Take what a seat sends; give the answer."""

    async def subscribe(self, room: int, seat: int, others: list[int], answer: Answering) -> str:
        """Let a seat receive others; give the offer that `answer` was called with."""

    async def stop(self) -> None:
        """End the process and everything of it."""


async def started(command: list[str], log: Path, stdin: int | None = None) -> Process:
    """A server process on its own core; what it says goes to `log`."""
    with log.open("wb") as errors:
        return await asyncio.create_subprocess_exec(
            "taskset", "-c", str(SERVER_CORE), *command, cwd=ROOT, stdin=stdin,
            stdout=asyncio.subprocess.PIPE if stdin else errors, stderr=errors,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip


class Ours:
    """`python -m media.worker` over its control socket (docs/protocol-media.md); acknowledges what it records."""

    def __init__(self, process: Process, writer: asyncio.StreamWriter) -> None:
        self._process, self._writer = process, writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}

    @property
    def pid(self) -> int:
        """See `Engine`."""
        return self._process.pid

    @classmethod
    async def start(cls, folder: Path, host: str, tasks: asyncio.TaskGroup, *, recorded: bool) -> "Ours":
        """Start a worker on an address of this machine; what it says is read by one of `tasks` until `stop`."""
        program = ["-m", "media.worker"] if recorded else [str(PLAIN_WORKER)]
        log, place = folder / "worker.log", folder / "media.sock"
        process = await started([sys.executable, *program], log, asyncio.subprocess.PIPE)
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        told = {"socket": str(place), "footage": str(folder / "footage"), "host": host, "public_host": host}
        process.stdin.write(json.dumps(told).encode() + b"\n")
        async with asyncio.timeout(START_S):
            if not await process.stdout.readline():
                raise RuntimeError(log.read_text("utf-8")[-2000:])
        reader, writer = await asyncio.open_unix_connection(str(place), limit=LINE_LIMIT)
        engine = cls(process, writer)
        tasks.create_task(engine._read(reader))
        return engine

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                self._take(line)

    def _take(self, line: bytes) -> None:
        message = json.loads(line)
        if message.get("event") in _EVIDENCE:
            self._write("acknowledge", {"delivery": message["body"]["delivery"]})
        waiting = self._waiting.pop(message.get("id", 0), None)
        if waiting is not None:
            waiting.set_result(message)

    def _write(self, op: str, args: Json) -> int:
        number = next(self._ids)
        self._writer.write(json.dumps({"id": number, "op": op, "args": args}).encode() + b"\n")
        return number

    async def _call(self, op: str, **args: object) -> Json:
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[self._write(op, args)] = waiting
        message = await waiting
        if message.get("refused") == "too-many-joins":
            await asyncio.sleep(AGAIN_S)
            return await self._call(op, **args)
        if "refused" in message:
            raise RuntimeError(f"{op}: {message}")
        ok: Json = message["ok"]
        return ok

    async def open_room(self, room: int) -> None:
        """See `Engine`."""
        await self._call("create_room", case=f"R-{room}")

    async def publish(self, room: int, seat: int, offer: str) -> str:
        """See `Engine`."""
        told = await self._call(
            "publish", case=f"R-{room}", seat=f"S-{seat}", tracks={"0": "camera", "1": "mic"}, sdp=offer
        )
        return str(told["sdp"])

    async def subscribe(self, room: int, seat: int, others: list[int], answer: Answering) -> str:
        """See `Engine`."""
        who: Json = {"case": f"R-{room}", "member": f"S-{seat}"}
        tracks = [f"S-{other}/{kind}" for other in others for kind in ("camera", "mic")]
        for track in tracks:
            await self._call("grant", **who, track=track)
        told = await self._call("subscribe", **who, tracks=tracks)
        await self._call("answer", **who, sdp=answer(told["sdp"]))
        return str(told["sdp"])

    async def stop(self) -> None:
        """See `Engine`."""
        self._process.kill()
        await self._process.wait()
        self._writer.close()

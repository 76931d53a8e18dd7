"""The real server as a process of its own, on a folder and a port of its own, with its development CA."""

import asyncio
import os
import re
import socket
import ssl
import sys
from pathlib import Path

from demo.client import Site

ROOT = Path(__file__).parent.parent
START_S = 40.0


def free_port() -> int:
    """A TCP port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """Starts `server.py`, reads where it serves, stops it by its process id."""

    PROGRAM = "server.py"

    def __init__(self, state: Path, settings: dict[str, str], port: int) -> None:
        self.state = state
        self.port = port
        self.origin = f"https://127.0.0.1:{port}"
        self._settings = {
            "BID_STATE": str(state),
            "BID_PORT": str(port),
            "BID_ORIGIN": self.origin,
            "BID_NAMES": "127.0.0.1,localhost",
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None
        self.setup = ""

    @property
    def site(self) -> Site:
        """Where it is; its certificate is judged by the root it made."""
        return Site(self.origin, ssl.create_default_context(cafile=str(self.root)))

    @property
    def root(self) -> Path:
        """The development CA's certificate."""
        return self.state / "keys" / "root.pem"

    @property
    def trust(self) -> Path:
        """What the centre publishes about itself."""
        return self.state / "trust"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None  # noqa: S101
        return self._process.pid

    async def start(self) -> None:
        """Start it and return when it serves. Raises `RuntimeError` with its last words."""
        self.state.mkdir(parents=True, exist_ok=True)
        log = await asyncio.to_thread((self.state / "server.log").open, "ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, self.PROGRAM, cwd=ROOT, env={**os.environ, **self._settings},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
        log.close()
        async with asyncio.timeout(START_S):
            await self._ready(self._process)

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit status."""
        assert self._process is not None  # noqa: S101
        return await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, and wait."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL, and wait."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101
        while line := (await process.stdout.readline()).decode():
            if found := re.match(r"setup (\S+)", line):
                self.setup = found[1].removeprefix(self.origin)
                return
        words = await asyncio.to_thread((self.state / "server.log").read_text, "utf-8")
        raise RuntimeError("the server did not start:\n" + words[-2000:])

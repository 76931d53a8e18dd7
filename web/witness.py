"""`./run witness`: a witness of other centres' logs (docs/witness.md), a server of its own.

It keeps keys and one checkpoint a log in its folder, nothing else. What it holds is on disk before it answers.
"""

import argparse
import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from signing.cosignature import ED25519_COSIGNATURE, ML_DSA_44
from signing.cosigner import SEED_BYTES, Cosigner
from signing.log_key import is_signed
from signing.note import Checkpoint, NoteRefused, VerifierKey, parse_key
from signing.witness import AnotherRoot, Held, NotGrowth, WitnessRefused, judge, parse_request

KINDS = {"ed25519.seed": ED25519_COSIGNATURE, "ml-dsa-44.seed": ML_DSA_44}
HELD = "held.json"
EVIDENCE = "evidence"
MOST_BYTES = 16 * 1024
SIZE_TYPE = "text/x.tlog.size"
Clock = Callable[[], float]


class Witness:
    """Keys and state in a folder; `add` is one step without a wait, so no two requests can pass each other."""

    def __init__(self, folder: Path, name: str, logs: Sequence[VerifierKey], clock: Clock = time.time) -> None:
        """Opens the folder or makes it. Raises NoteRefused for a name that is none, OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs = tuple(logs)
        self.keys = tuple(Cosigner(name, kind, _seed(folder / file)) for file, kind in KINDS.items())
        self._folder = folder
        self._clock = clock
        self._held = _read(folder / HELD)

    def add(self, body: bytes) -> str:
        """Cosignature lines for the checkpoint in an add-checkpoint body. Raises WitnessRefused."""
        try:
            checkpoint = judge(parse_request(body), self.logs, self._sizes(), is_signed)
        except (AnotherRoot, NotGrowth):
            self._keep_evidence(body)
            raise
        now = int(self._clock())
        self._hold(checkpoint, now)
        return "".join(str(key.cosign(checkpoint, now)) for key in self.keys)

    def about(self) -> str:
        """What this witness is, in plain text."""
        lines = ["witness (C2SP tlog-witness)", *(f"key {key.verifier_key}" for key in self.keys)]
        for log in self.logs:
            row = self._held.get(log.name)
            lines.append(f"log {log} " + (f"size {row['size']} at {row['time']}" if row else "not seen yet"))
        return "\n".join(lines) + "\n"

    def _sizes(self) -> dict[str, Held]:
        return {origin: Held(row["size"], bytes.fromhex(row["root"])) for origin, row in self._held.items()}

    def _hold(self, checkpoint: Checkpoint, now: int) -> None:
        row = {"size": checkpoint.size, "root": checkpoint.root.hex(), "time": now}
        held = self._held | {checkpoint.origin: row}
        _write(self._folder / HELD, json.dumps(held, indent=1).encode())
        self._held = held

    def _keep_evidence(self, body: bytes) -> None:
        """A signed request that shows a fork: the log itself has signed both sides."""
        folder = self._folder / EVIDENCE
        folder.mkdir(exist_ok=True)
        _write(folder / f"{int(self._clock())}-{secrets.token_hex(4)}.txt", body)


def make_app(witness: Witness) -> web.Application:
    """The witness as a web application."""

    async def add(request: web.Request) -> web.Response:
        try:
            return web.Response(text=witness.add(await request.read()))
        except WitnessRefused as refused:
            if refused.held is not None:
                return web.Response(status=refused.status, text=f"{refused.held}\n", content_type=SIZE_TYPE)
            return web.Response(status=refused.status, text=f"{refused.code}\n")

    async def about(_request: web.Request) -> web.Response:
        return web.Response(text=witness.about())

    app = web.Application(client_max_size=MOST_BYTES)
    app.add_routes([web.post("/add-checkpoint", add), web.get("/", about)])
    return app


def _seed(file: Path) -> bytes:
    if not file.exists():
        _write(file, secrets.token_bytes(SEED_BYTES))
    return file.read_bytes()


def _read(file: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(file.read_bytes()) if file.exists() else {}
    return held


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when this returns."""
    fresh = file.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _serve(witness: Witness, host: str, port: int) -> None:
    runner = web.AppRunner(make_app(witness), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    sys.stdout.write(f"{witness.about()}serving {site.name}\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main(arguments: list[str]) -> int:
    """Serve until interrupted; 2 for a name, key or folder that cannot be used."""
    parser = argparse.ArgumentParser(prog="./run witness", description="cosigns the growth of other centres' logs")
    parser.add_argument("folder", type=Path, help="keys and state; made at the first start")
    parser.add_argument("--name", required=True, help="this witness's name, such as witness.example/notary")
    parser.add_argument("--log", required=True, action="append", metavar="VKEY", help="a centre's log.vkey")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args(arguments)
    try:
        witness = Witness(options.folder, options.name, [parse_key(key.strip()) for key in options.log])
    except (NoteRefused, OSError) as refused:
        sys.stderr.write(f"cannot start: {refused}\n")
        return 2
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(witness, options.host, options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The media load without a server: publishers wired straight to subscribers, for the baseline of delays, and to a
process that sends at will, for what the load itself can take."""

import asyncio
import itertools
import json
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from pylibsrtp import Policy, Session

from bench.media_engines import ROOT, SERVER_CORE
from bench.media_peer import Connection
from bench.media_traffic import AUDIO_BYTES, PACKETS_PER_S, RTP_HEADER, TAG, VIDEO_BYTES, Traffic, Window

SEATS = 9
FLOOD = Path(__file__).parent / "launch" / "media_flood.py"
_BUFFER = 1 << 20


class Wire:
    """A socket and two SRTP sessions under one key, as far as the load looks at a connection."""

    def __init__(self, host: str, key: bytes) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.socket.bind((host, 0))
        profile = Policy.SRTP_PROFILE_AEAD_AES_256_GCM
        self.sessions = tuple(
            Session(Policy(key, direction, 0, profile))
            for direction in (Policy.SSRC_ANY_INBOUND, Policy.SSRC_ANY_OUTBOUND)
        )

    def check(self) -> None:
        """Nobody's consent is needed."""

    def on_check(self, _datagram: bytes) -> None:
        """Nobody asks."""


@contextmanager
def _wires(host: str, rooms: int, sink: tuple[str, int] | None) -> Iterator[tuple[Traffic, list[Wire]]]:
    """Rooms whose publishers send to a sink, or each to the subscriber of the same place."""
    traffic = Traffic()
    numbers = itertools.count(1)
    key = secrets.token_bytes(44)
    wires: list[Wire] = []
    try:
        for _ in range(rooms):
            publishers, subscribers = ([Wire(host, key) for _ in range(SEATS)] for _ in range(2))
            wires += publishers + subscribers
            for publisher, subscriber in zip(publishers, subscribers, strict=True):
                publisher.socket.connect(sink or subscriber.socket.getsockname())
            fed = [(cast(Connection, wire), next(numbers), next(numbers)) for wire in publishers]
            traffic.add_room(fed, cast(list[Connection], subscribers))
        yield traffic, wires
    finally:
        for wire in wires:
            wire.socket.close()


async def baseline(host: str, seconds: float) -> Window:
    """One room's publishers wired straight to its subscribers: delays of the machine, the load and the clock alone."""
    with _wires(host, 1, None) as (traffic, _):
        return await traffic.flow(seconds)


async def ceiling(host: str, rooms: int, seconds: float) -> float:
    """Share of what a process on the server's core sends for so many rooms, unencrypted, that the load can count."""
    process = await asyncio.create_subprocess_exec(
        "taskset", "-c", str(SERVER_CORE), sys.executable, str(FLOOD), host, cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        sink = (host, int(await process.stdout.readline()))
        with _wires(host, rooms, sink) as (traffic, wires):
            subscribers = [wire for place, wire in enumerate(wires) if place // SEATS % 2]
            plan: dict[str, Any] = {
                "ports": [wire.socket.getsockname()[1] for wire in subscribers],
                "each_per_s": (SEATS - 1) * PACKETS_PER_S,
                "sizes": [RTP_HEADER + VIDEO_BYTES + TAG] * 3 + [RTP_HEADER + AUDIO_BYTES + TAG] * 5,
                "seconds": seconds - 0.5,
            }
            order = json.dumps(plan).encode() + b"\n"
            window = await traffic.flow(seconds, begin=partial(process.stdin.write, order))
            flooded = int(await process.stdout.readline())
            published = window.sent / (rooms * SEATS * PACKETS_PER_S * window.seconds)
            wanted: float = rooms * SEATS * plan["each_per_s"] * plan["seconds"]
            return min(window.received / flooded, flooded / wanted, published)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()

"""A venue's cameras and microphones in a process of their own: `python -m demo.seat`, told by JSON lines on stdin.

First line: {"origin","ca","case","seats":[{"seat","cookie"}]}. Then {"do":"drop"|"restore","seat":…},
{"do":"subscribe"}, {"do":"counts"} or {"do":"quit"}.
It prints one JSON line for everything that happened: joined, dropped, back, counts.
"""

import asyncio
import json
import signal
import ssl
import sys
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from demo.peers import PUBLISHED, SeatPeer, make_clip

Json = dict[str, Any]
BEAT_S = 1.0
SILENT_S = 3.5
RETRY_S = 0.4
LEAVE_S = 2.0


def tell(**what: object) -> None:
    """One line for the demo."""
    print(json.dumps(what), flush=True)


@dataclass(slots=True)
class Seat:
    """One seat: its WebSocket and its two connections, made again whenever they were lost."""

    site: aiohttp.ClientSession
    origin: str
    case: str
    seat: str
    cookie: str
    tone: int
    is_dropped: bool = False
    peer: SeatPeer = field(init=False)
    waiting: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)
    socket: aiohttp.ClientWebSocketResponse | None = None
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    has_subscribed: bool = False

    def __post_init__(self) -> None:
        self.peer = SeatPeer(make_clip(self.seat, self.tone))

    async def run(self) -> None:
        """Stay in the room for ever."""
        while True:
            try:
                if not self.is_dropped:
                    await self._session()
            except* (aiohttp.ClientError, TimeoutError, OSError, Declined) as cut:
                tell(event="cut", seat=self.seat, why=repr(cut.exceptions))
            await asyncio.sleep(RETRY_S)

    async def _session(self) -> None:
        headers = {"Cookie": self.cookie, "Origin": self.origin}
        address = f"{self.origin}/cases/{self.case}/ws"
        async with self.site.ws_connect(address, headers=headers, autoping=True) as socket:
            self.socket = socket
            if self.has_subscribed:
                self.wanted.set()
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(self._listen(socket))
                joining = tasks.create_task(self._join())
                await listening
                joining.cancel()

    async def _join(self) -> None:
        await self.peer.publish(self._publish)
        await self.peer.connected()
        tell(event="joined", seat=self.seat)
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            self.has_subscribed = True
            await self.peer.subscribe(self._offer, self._answer)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not self.is_dropped:
            async with asyncio.timeout(SILENT_S):
                message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ConnectionError("the server closed")
            told = json.loads(message.data)
            kind = {"published": "publish", "offer": "subscribe", "refused": told.get("of", "subscribe")}.get(told["t"])
            waiter = self.waiting.pop(kind, None) if kind else None
            if waiter is not None and not waiter.done():
                waiter.set_result(told)
        raise ConnectionError("dropped")

    async def _ask(self, kind: str, **body: object) -> Json:
        if self.socket is None:
            raise ConnectionError("no socket")
        waiter: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.waiting[kind] = waiter
        await self.socket.send_json({"t": kind, **body})
        async with asyncio.timeout(10):
            told = await waiter
        if told["t"] == "refused":
            raise Declined(told.get("code", ""))
        return told

    async def _publish(self, sdp: str) -> str:
        return str((await self._ask("publish", sdp=sdp, tracks=dict(PUBLISHED)))["sdp"])

    async def _offer(self) -> tuple[str, Json]:
        told = await self._ask("subscribe")
        return told["sdp"], told["mids"]

    async def _answer(self, sdp: str) -> None:
        if self.socket is not None:
            await self.socket.send_json({"t": "answer", "sdp": sdp})

    def drop(self) -> None:
        """The cable is out: media and signalling."""
        self.is_dropped = True
        self.peer.drop_network()
        tell(event="dropped", seat=self.seat)

    def restore(self) -> None:
        """The cable is back; the seat comes back by itself."""
        self.peer.restore_network()
        self.is_dropped = False

    def counts(self) -> Json:
        """What arrived from the others."""
        return {name: received.frames for name, received in self.peer.received.items()}


class Declined(Exception):
    """The server refused to publish or to offer now."""


async def main() -> None:
    """Take seats until told to quit."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    told = json.loads(await reader.readline())
    tls = ssl.create_default_context(cafile=told["ca"])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as site:
        seats = {
            row["seat"]: Seat(site, told["origin"], told["case"], row["seat"], row["cookie"], 440 + 110 * number)
            for number, row in enumerate(told["seats"])
        }
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(seat.run()) for seat in seats.values()]
            await _obey(reader, seats)
            for task in running:
                task.cancel()
        for seat in seats.values():
            await seat.peer.close()
        leaving = asyncio.all_tasks() - {asyncio.current_task()}
        if leaving:
            await asyncio.wait(leaving, timeout=LEAVE_S)


async def _obey(reader: asyncio.StreamReader, seats: dict[str, Seat]) -> None:
    while line := await reader.readline():
        order = json.loads(line)
        if order["do"] == "quit":
            break
        if order["do"] == "drop":
            seats[order["seat"]].drop()
        elif order["do"] == "restore":
            seats[order["seat"]].restore()
        elif order["do"] == "subscribe":
            for seat in seats.values():
                seat.wanted.set()
        elif order["do"] == "counts":
            tell(event="counts", counts={name: seat.counts() for name, seat in seats.items()})


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which then says quit
    asyncio.run(main())

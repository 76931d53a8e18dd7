"""Janus under the media load: the VideoRoom plugin alone, over its WebSocket."""

import asyncio
import itertools
import json
from pathlib import Path

import aiohttp

from bench.media_engines import AGAIN_S, LINE_LIMIT, START_S, Answering, Json, Process, started

JANUS = "/usr/lib/x86_64-linux-gnu/janus"
WEBSOCKET_PORT = 8188
NO_SUCH_FEED = 428
CONFIG = """
general: { plugins_folder = "%(janus)s/plugins", transports_folder = "%(janus)s/transports", debug_level = 1,
  session_timeout = 0%(loops)s }
nat: { ice_enforce_list = "%(host)s", ice_ignore_list = "vmnet" }
plugins: { disable = "%(plugins)s" }
transports: { disable = "%(transports)s" }
"""


class Janus:
    """One Janus process; each publisher and each subscriber is a handle of the same session."""

    def __init__(self, process: Process, http: aiohttp.ClientSession, channel: aiohttp.ClientWebSocketResponse) -> None:
        self._process, self._http, self._channel = process, http, channel
        self._transactions = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._session = self._control = 0

    @property
    def pid(self) -> int:
        """See `Engine`."""
        return self._process.pid

    @classmethod
    async def start(cls, folder: Path, host: str, tasks: asyncio.TaskGroup, *, event_loops: int) -> "Janus":
        """Start it; `event_loops` 0 is its default, a thread for each handle. One of `tasks` reads until `stop`."""
        _write_settings(folder, host, event_loops)
        process = await started(["janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")], folder / "janus.log")
        http = aiohttp.ClientSession()
        async with asyncio.timeout(START_S):
            channel = await _channel(http, f"http://{host}:{WEBSOCKET_PORT}/")
        engine = cls(process, http, channel)
        tasks.create_task(engine._read())
        engine._session = (await engine._call({"janus": "create"}))["data"]["id"]
        engine._control = await engine._attach()
        return engine

    async def _read(self) -> None:
        async for message in self._channel:
            told = json.loads(message.data)
            if told["janus"] == "ack":
                continue
            waiting = self._waiting.pop(told.get("transaction", ""), None)
            if waiting is not None:
                waiting.set_result(told)

    async def _call(self, message: Json) -> Json:
        transaction = str(next(self._transactions))
        waiting = self._waiting[transaction] = asyncio.get_running_loop().create_future()
        await self._channel.send_str(json.dumps({**message, "transaction": transaction}))
        told: Json = await waiting
        if told.get("plugindata", {}).get("data", {}).get("error_code") == NO_SUCH_FEED:
            await asyncio.sleep(AGAIN_S)  # a publisher counts from when Janus, too, has seen the handshake's end
            return await self._call(message)
        if told["janus"] == "error" or "error" in told.get("plugindata", {}).get("data", {}):
            raise RuntimeError(f"Janus: {told}")
        return told

    async def _attach(self) -> int:
        told = await self._call({"janus": "attach", "session_id": self._session, "plugin": "janus.plugin.videoroom"})
        return int(told["data"]["id"])

    async def _ask(self, handle: int, body: Json, jsep: Json | None = None) -> Json:
        message: Json = {"janus": "message", "session_id": self._session, "handle_id": handle, "body": body}
        return await self._call(message if jsep is None else {**message, "jsep": jsep})

    async def open_room(self, room: int) -> None:
        """See `Engine`."""
        codecs = {"videocodec": "vp8", "audiocodec": "opus", "audiolevel_event": False}
        await self._ask(self._control, {"request": "create", "room": room + 1, "publishers": 32, **codecs})

    async def publish(self, room: int, seat: int, offer: str) -> str:
        """See `Engine`."""
        handle = await self._attach()
        body = {"request": "joinandconfigure", "ptype": "publisher", "room": room + 1, "id": seat + 1}
        told = await self._ask(handle, body, {"type": "offer", "sdp": offer})
        return str(told["jsep"]["sdp"])

    async def subscribe(self, room: int, seat: int, others: list[int], answer: Answering) -> str:
        """See `Engine`."""
        handle = await self._attach()
        streams = [{"feed": other + 1} for other in others]
        body = {"request": "join", "ptype": "subscriber", "room": room + 1, "streams": streams}
        async with asyncio.timeout(START_S):
            offer = str((await self._ask(handle, body))["jsep"]["sdp"])
        await self._ask(handle, {"request": "start"}, {"type": "answer", "sdp": answer(offer)})
        return offer

    async def stop(self) -> None:
        """See `Engine`."""
        self._process.kill()
        await self._process.wait()
        await self._http.close()


def _all_but(kind: str, wanted: str) -> str:
    return ",".join(path.name for path in Path(JANUS, kind).glob("*.so") if wanted not in path.name)


async def _channel(http: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    while True:
        try:
            return await http.ws_connect(url, protocols=["janus-protocol"], max_msg_size=LINE_LIMIT)
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)


def _write_settings(folder: Path, host: str, event_loops: int) -> None:
    text = CONFIG % {
        "janus": JANUS, "host": host, "loops": f", event_loops = {event_loops}" if event_loops else "",
        "plugins": _all_but("plugins", "videoroom"), "transports": _all_but("transports", "websockets"),
    }  # fmt: skip
    (folder / "janus.jcfg").write_text(text, "utf-8")
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n", "utf-8")
    listening = f'general: {{ json = "compact", ws = true, ws_port = {WEBSOCKET_PORT}, ws_ip = "{host}" }}\n'
    (folder / "janus.transport.websockets.jcfg").write_text(listening, "utf-8")

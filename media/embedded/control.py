"""The worker's end of the control socket: requests, replies, events; evidence is repeated until acknowledged."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from media import wire
from media.engine import MediaRefusal
from media.events import Event, Evidence
from media.socket_path import short_path
from media.wire import OfDelivery, Refused, Reply, Request

log = logging.getLogger(__name__)

_REPEAT_S = 2.0
_MAX_BUFFERED = 1 << 20


class ControlSocket:
    """Serves one client, the latest that connected."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._connected = asyncio.Event()
        self._left = asyncio.Event()
        self._left.set()
        self._unacknowledged: dict[str, asyncio.Event] = {}

    async def serve(self, path: Path, handle: Callable[[Request], Awaitable[object]]) -> asyncio.Server:
        """Listen; `handle` carries typed requests out."""
        self._handle = handle
        # The process's umask (0077) keeps everybody else out.
        with short_path(path) as place:
            return await asyncio.start_unix_server(self._on_client, place, limit=wire.LINE_LIMIT)

    async def hang_up(self) -> None:
        """Let the client go; return when its connection has ended."""
        if self._writer is not None:
            self._writer.close()
        await self._left.wait()

    @property
    def has_client(self) -> bool:
        """Whether anyone listens."""
        return self._connected.is_set()

    def emit(self, event: Event) -> None:
        """Send an event to whoever listens now; nobody listening or reading, it is gone."""
        writer = self._writer
        if writer is not None and writer.transport.get_write_buffer_size() < _MAX_BUFFERED:
            writer.write(wire.encode(event))

    async def deliver(self, event: Evidence) -> None:
        """Send evidence until it is acknowledged."""
        acknowledged = self._unacknowledged[event.delivery] = asyncio.Event()
        try:
            while not acknowledged.is_set():
                await self._connected.wait()
                self.emit(event)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_REPEAT_S):
                        await acknowledged.wait()
        finally:
            del self._unacknowledged[event.delivery]

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = writer
        self._connected.set()
        self._left.clear()
        try:
            async with asyncio.TaskGroup() as requests:
                while line := await reader.readline():
                    self._take(line, writer, requests)
        except* (ConnectionError, ValueError):  # a reset, or a line beyond the limit
            log.warning("the control connection broke")
        finally:
            if self._writer is writer:
                self._writer = None
                self._connected.clear()
                self._left.set()
            writer.close()

    def _take(self, line: bytes, writer: asyncio.StreamWriter, requests: asyncio.TaskGroup) -> None:
        try:
            request = wire.decode_request(line)
        except MediaRefusal as refusal:
            writer.write(wire.encode(Refused(0, refusal.code, refusal.detail)))
            return
        if isinstance(request.args, OfDelivery):
            waiting = self._unacknowledged.get(request.args.delivery)
            if waiting is not None:
                waiting.set()
            writer.write(wire.encode(Reply(request.id, {})))
            return
        requests.create_task(self._answer(request, writer))

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        try:
            value = await self._handle(request)
            writer.write(wire.encode(Reply(request.id, {} if value is None else value)))
        except MediaRefusal as refusal:
            writer.write(wire.encode(Refused(request.id, refusal.code, refusal.detail)))

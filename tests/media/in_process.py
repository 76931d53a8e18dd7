"""The embedded plane inside the test's own process, behind the same socket: nothing to start, nothing to kill."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from media.client import MediaClient
from media.embedded import rtc
from media.embedded.control import ControlSocket
from media.embedded.plane import Rooms
from media.embedded.port import MediaPort
from media.embedded.room import Plane
from media.events import Event
from media.record.disk import Disk
from media.record.recorder import RecorderLinks
from media.record.recording import RecorderSettings
from media.record.shelves import Shelves


class InProcess(MediaClient):
    """A `MediaEngine` whose other end is in the same loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.told: asyncio.Queue[Event] = asyncio.Queue()

    async def events(self) -> AsyncIterator[Event]:
        """See `MediaEngine`."""
        while True:
            yield await self.told.get()

    async def close(self) -> None:
        """See `MediaEngine`."""
        self._writer.close()


@asynccontextmanager
async def an_engine_in_process(segment_ms: int) -> AsyncIterator[InProcess]:
    """An engine with no room yet."""
    with tempfile.TemporaryDirectory(prefix="bid-") as place:
        port, disk, control = MediaPort("127.0.0.1", 0), Disk(), ControlSocket()
        try:
            async with asyncio.TaskGroup() as tasks:
                plane = Plane(port, rtc.Certificate(), "127.0.0.1", 600, "vp8", tasks.create_task, control.emit)
                links = RecorderLinks(disk, tasks.create_task, control.deliver, control.emit)
                rooms = Rooms(plane, RecorderSettings(Shelves(Path(place) / "footage"), segment_ms), links)
                port.open()
                server = await control.serve(Path(place) / "media.sock", rooms.handle)
                engine = await InProcess.connect(Path(place) / "media.sock")
                background = (tasks.create_task(engine.run(engine.told.put_nowait)), tasks.create_task(rooms.watch()))
                yield engine
                await rooms.close(deliver=False)
                server.close()
                await engine.close()
                for task in background:
                    task.cancel()
        finally:
            port.close()
            disk.close()

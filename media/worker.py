"""The media worker's process: `python -m media.worker`, settings as one JSON line on standard input.

Ends when that pipe closes (its parent died) or on SIGTERM, after closing every segment. Holds no state but footage.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

import msgspec

from media.embedded import rtc
from media.embedded.control import ControlSocket
from media.embedded.plane import Rooms
from media.embedded.port import MediaPort
from media.embedded.room import Plane
from media.record.disk import Disk
from media.record.recorder import RecorderLinks
from media.record.recording import RecorderSettings
from media.record.shelves import Shelves
from media.wire import Ready, WorkerSettings

# How long a thread that writes may keep a packet waiting for the interpreter, in seconds; Python's own is 5 ms.
_LONGEST_TURN_S = 0.0005


class _Stop(Exception):
    """Time to leave."""


async def serve(settings: WorkerSettings) -> None:
    """Serve until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    certificate = rtc.Certificate()
    port = MediaPort(settings.host, settings.port)
    disk = Disk()
    shelves = Shelves(Path(settings.footage), Path(settings.footage_copy) if settings.footage_copy else None)
    try:
        async with asyncio.TaskGroup() as tasks:
            control = ControlSocket()
            links = RecorderLinks(disk, tasks.create_task, control.deliver, control.emit)
            plane = Plane(
                port,
                certificate,
                settings.public_host,
                settings.video_kbps,
                settings.video_codec,
                tasks.create_task,
                control.emit,
            )
            rooms = Rooms(
                plane, RecorderSettings(shelves, settings.segment_ms, settings.low_space_mb * 1_000_000), links
            )
            port.open()
            server = await control.serve(Path(settings.socket), rooms.handle)
            tasks.create_task(_watch_parent(stop))
            tasks.create_task(rooms.watch())
            _announce(Ready(port.port, certificate.sha256))
            await stop.wait()
            await rooms.close(deliver=control.has_client)
            server.close()
            await control.hang_up()
            raise _Stop
    except* _Stop:
        pass
    port.close()
    disk.close()
    shelves.close()


async def _watch_parent(stop: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
    stop.set()


def _announce(ready: Ready) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(ready) + b"\n")
    sys.stdout.flush()


def _read_settings() -> WorkerSettings:
    # Byte by byte: a buffered read would swallow what the pipe watcher waits for.
    line = bytearray()
    while (byte := os.read(sys.stdin.fileno(), 1)) not in (b"", b"\n"):
        line += byte
    return msgspec.json.decode(bytes(line), type=WorkerSettings)


def main() -> None:
    """Run a worker."""
    logging.basicConfig(level=logging.WARNING, format="media %(levelname)s %(name)s %(message)s")
    os.umask(0o077)
    rtc.self_test()
    # What the imports left is here to stay; to go through it with every full collection held packets up for 30 ms.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_LONGEST_TURN_S)
    asyncio.run(serve(_read_settings()))


if __name__ == "__main__":
    main()

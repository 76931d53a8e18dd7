"""The media load itself: every publisher's packets at their moments, every subscriber's counted as they come.

Light enough to leave the server the bottleneck: packets are built once, received by `recvmmsg`, told apart by their
size; only some are decrypted, for the moment they were sent, and compared with the moment the kernel received them.
"""

import asyncio
import heapq
import random
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cffi import FFI  # type: ignore[import-untyped]
from pylibsrtp import Session
from pylibsrtp import ffi as _srtp_ffi  # type: ignore[attr-defined]
from pylibsrtp import lib as _srtp  # type: ignore[attr-defined]

from bench.media_peer import AUDIO_PAYLOAD, VIDEO_PAYLOAD, Connection

VIDEO_BYTES, AUDIO_BYTES, RTP_HEADER, TAG = 750, 80, 12, 16
FRAMES_PER_S, PACKETS_PER_FRAME, AUDIO_PER_S = 15, 2, 50
PACKETS_PER_S = FRAMES_PER_S * PACKETS_PER_FRAME + AUDIO_PER_S
KEY_FRAME_EVERY = 4 * FRAMES_PER_S
_SIZES = (RTP_HEADER + VIDEO_BYTES + TAG, RTP_HEADER + AUDIO_BYTES + TAG)
_DRAIN_S, _CHECK_S, _SETTLE_S = 0.004, 4.0, 0.05
_NAP_S = 0.0002
_AT_ONCE, _SLOT, _CONTROL = 64, 2048, 64
_SAMPLES_PER_S = 1500
_KEY_FRAME = b"\x10\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 360)
_DELTA_FRAME, _REST_OF_FRAME, _TONE = b"\x10\x11\x00\x00", b"\x00\x00", b"\xfc"
_LAST_STUN_BYTE = 3
SO_TIMESTAMPNS = 35

_ffi = FFI()
_ffi.cdef("""
    struct iovec { void *base; size_t len; };
    struct msghdr { void *name; uint32_t namelen; struct iovec *iov; size_t iovlen;
                    void *control; size_t controllen; int flags; };
    struct mmsghdr { struct msghdr header; unsigned int length; };
    int recvmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags, void *timeout);
""")
_libc: Any = _ffi.dlopen(None)


@dataclass(slots=True)
class _Stream:
    """One camera or microphone: its next packet. A key frame comes every 4 s, as a recorder asks for it."""

    connection: Connection
    session: Session
    is_video: bool
    ssrc: int
    sequence: int = field(default_factory=lambda: random.randrange(1 << 15))  # noqa: S311
    stamp: int = field(default_factory=lambda: random.randrange(1 << 31))  # noqa: S311
    frames: int = 0
    key_frame_at: int = field(default_factory=lambda: random.randrange(KEY_FRAME_EVERY))  # noqa: S311

    @property
    def period(self) -> float:
        return 1 / (FRAMES_PER_S if self.is_video else AUDIO_PER_S)


_Room = tuple[list[_Stream], list[Connection]]
_Due = tuple[float, int, int, _Stream]


@dataclass(frozen=True, slots=True)
class Window:
    """What was seen in one window: packets and seconds; delays in milliseconds; seconds of the load's own core."""

    sent: int
    expected: int
    received: int
    seconds: float
    delays_ms: list[float]
    load_cpu_s: float

    @property
    def delivered(self) -> float:
        """Share of the packets that should have come."""
        return self.received / self.expected


class Traffic:
    """All streams and subscribers of a run. Rooms are added while nothing flows; `mute` leaves the last ones out."""

    def __init__(self) -> None:
        self._rooms: list[_Room] = []
        self._received = self._sent = self._expected = 0
        self._delays: list[float] = []
        self._sampling = 1
        self._checked = 0.0
        self._buffer = _srtp_ffi.new("char[]", _SLOT)
        self._view = memoryview(_srtp_ffi.buffer(self._buffer))
        self._length = _srtp_ffi.new("int *")
        self._inbox = _Inbox()

    def add_room(self, publishers: list[tuple[Connection, int, int]], subscribers: list[Connection]) -> None:
        """Take a room's connections: publishers with their SSRCs of picture and sound."""
        streams = []
        for connection, video_ssrc, audio_ssrc in publishers:
            out = connection.sessions[1]
            streams += [_Stream(connection, out, True, video_ssrc), _Stream(connection, out, False, audio_ssrc)]
        subscribers[0].socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._rooms.append((streams, subscribers))

    def connections(self) -> list[Connection]:
        """Everybody."""
        found = []
        for streams, subscribers in self._rooms:
            found += [stream.connection for stream in streams if stream.is_video] + subscribers
        return found

    async def flow(self, seconds: float, rooms: int = 0, begin: Callable[[], None] | None = None) -> Window:
        """Let the first `rooms` rooms (0: all) talk for a while; nothing is under way before or after.

        `begin` is called once nothing is: what it sends is counted.
        """
        active = self._rooms[: rooms or len(self._rooms)]
        subscribers = [connection for _, members in active for connection in members]
        await self._until_quiet(subscribers)
        self._received = self._sent = self._expected = 0
        self._delays = []
        stamped = sum((len(members) - 1) * PACKETS_PER_S for _, members in active)
        self._sampling = max(1, stamped // _SAMPLES_PER_S)
        if begin is not None:
            begin()
        began, began_cpu = time.perf_counter(), time.process_time()
        await self._run(active, subscribers, began + seconds)
        took = time.perf_counter() - began
        await asyncio.sleep(_SETTLE_S)
        self._drain(subscribers)
        cpu = time.process_time() - began_cpu
        return Window(self._sent, self._expected, self._received, took, self._delays, cpu)

    async def _until_quiet(self, subscribers: list[Connection]) -> None:
        """What an overloaded server still had to send must not be counted as of now."""
        before = -1
        while self._received != before:
            before = self._received
            await asyncio.sleep(_SETTLE_S)
            self._drain(subscribers)

    async def _run(self, active: list[_Room], subscribers: list[Connection], until: float) -> None:
        for streams, _ in active:
            for stream in streams:
                stream.frames = 0  # who stopped listening in the pause can begin at once
        due = _first_moments(active)
        drained = now = time.perf_counter()
        while now < until:
            while due[0][0] <= now:
                at, tie, viewers, stream = due[0]
                self._send(stream, viewers)
                heapq.heapreplace(due, (at + stream.period, tie, viewers, stream))
            now = time.perf_counter()
            if now - drained > _DRAIN_S:
                drained = now
                self._drain(subscribers)
                await asyncio.sleep(0)
                self._check(now)
                now = time.perf_counter()
            _nap(due[0][0] - now)
            now = time.perf_counter()

    def _check(self, now: float) -> None:
        if now - self._checked > _CHECK_S:
            self._checked = now
            for connection in self.connections():
                connection.check()

    def _send(self, stream: _Stream, viewers: int) -> None:
        if not stream.is_video:
            self._packet(stream, AUDIO_PAYLOAD, _TONE, AUDIO_BYTES)
            stream.stamp += 48_000 // AUDIO_PER_S
            self._count(1, viewers)
            return
        is_key = not stream.frames or stream.frames % KEY_FRAME_EVERY == stream.key_frame_at
        first = _KEY_FRAME if is_key else _DELTA_FRAME
        self._packet(stream, VIDEO_PAYLOAD, first, VIDEO_BYTES)
        self._packet(stream, VIDEO_PAYLOAD | 0x80, _REST_OF_FRAME, VIDEO_BYTES)
        stream.stamp += 90_000 // FRAMES_PER_S
        stream.frames += 1
        self._count(PACKETS_PER_FRAME, viewers)

    def _count(self, packets: int, viewers: int) -> None:
        self._sent += packets
        self._expected += packets * viewers

    def _packet(self, stream: _Stream, second: int, body: bytes, size: int) -> None:
        view, end = self._view, RTP_HEADER + size
        stream.sequence = stream.sequence + 1 & 0xFFFF
        struct.pack_into("!BBHII", view, 0, 0x80, second, stream.sequence, stream.stamp & 0xFFFFFFFF, stream.ssrc)
        view[RTP_HEADER : RTP_HEADER + len(body)] = body
        struct.pack_into("!Q", view, end - 8, time.time_ns())
        self._length[0] = end
        _srtp.srtp_protect(stream.session._srtp[0], self._buffer, self._length)
        try:
            stream.connection.socket.send(view[: self._length[0]])
        except OSError:
            return  # counted as not delivered

    def _drain(self, subscribers: list[Connection]) -> None:
        for connection in subscribers:
            while self._take(connection, self._inbox.receive(connection.socket)):
                pass

    def _take(self, connection: Connection, count: int) -> bool:
        inbox = self._inbox
        lengths = inbox.lengths(count)
        for index, length in enumerate(lengths):
            if length not in _SIZES:
                if inbox.views[index][0] <= _LAST_STUN_BYTE:
                    connection.on_check(bytes(inbox.views[index][:length]))
                continue
            self._received += 1
            received_at = inbox.received_at(index)
            if received_at and self._received % self._sampling == 0:
                self._sample(connection, bytes(inbox.views[index][:length]), received_at)
        inbox.reset(count)
        return count == _AT_ONCE

    def _sample(self, connection: Connection, datagram: bytes, received_ns: int) -> None:
        self._view[: len(datagram)] = datagram
        self._length[0] = len(datagram)
        if not _srtp.srtp_unprotect(connection.sessions[0]._srtp[0], self._buffer, self._length):
            end = self._length[0]
            sent_ns = struct.unpack_from("!Q", self._view, end - 8)[0]
            self._delays.append((received_ns - sent_ns) / 1e6)


def _first_moments(active: list[_Room]) -> list[_Due]:
    """Every stream at a random place of its period."""
    due: list[_Due] = []
    now = time.perf_counter()
    for streams, members in active:
        for stream in streams:
            at = now + random.random() * stream.period  # noqa: S311
            heapq.heappush(due, (at, len(due), len(members) - 1, stream))
    return due


def _nap(seconds: float) -> None:
    """Sleep without the event loop, whose wake-ups are ten times as dear."""
    if seconds > _NAP_S:
        time.sleep(min(seconds, _DRAIN_S))


class _Inbox:
    """Room for one `recvmmsg`, used for one socket after the other."""

    def __init__(self) -> None:
        self._slots = _ffi.new("char[]", _AT_ONCE * _SLOT)
        self._controls = _ffi.new("char[]", _AT_ONCE * _CONTROL)
        self._vectors = _ffi.new("struct iovec[]", _AT_ONCE)
        self._messages = _ffi.new("struct mmsghdr[]", _AT_ONCE)
        self._cells = [self._messages[index] for index in range(_AT_ONCE)]
        whole = memoryview(_ffi.buffer(self._slots))
        self.views = [whole[index * _SLOT : (index + 1) * _SLOT] for index in range(_AT_ONCE)]
        self._stamps = memoryview(_ffi.buffer(self._controls))
        for index, cell in enumerate(self._cells):
            self._vectors[index].base, self._vectors[index].len = self._slots + index * _SLOT, _SLOT
            cell.header.iov, cell.header.iovlen = self._vectors + index, 1
            cell.header.control, cell.header.controllen = self._controls + index * _CONTROL, _CONTROL

    def receive(self, source: socket.socket) -> int:
        """How many datagrams came."""
        count: int = _libc.recvmmsg(source.fileno(), self._messages, _AT_ONCE, socket.MSG_DONTWAIT, _ffi.NULL)
        return max(0, count)

    def lengths(self, count: int) -> list[int]:
        """Their sizes."""
        return [cell.length for cell in self._cells[:count]]

    def received_at(self, index: int) -> int:
        """When the kernel received it, in nanoseconds; 0 where the socket was not asked to say."""
        if not self._cells[index].header.controllen:
            return 0
        seconds, nanoseconds = struct.unpack_from("=qq", self._stamps, index * _CONTROL + 16)
        return int(seconds * 1_000_000_000 + nanoseconds)

    def reset(self, count: int) -> None:
        """Make ready for the next call: the kernel writes over how much room there is."""
        for cell in self._cells[:count]:
            cell.header.controllen = _CONTROL

"""Many datagrams in one system call, from and into memory that is made once: `recvmmsg` and `sendmmsg` through cffi.

Knows bytes and socket addresses, nothing of what is in them. Linux only, like the worker.
"""

import array
import ipaddress
import socket
import struct
from functools import lru_cache
from typing import Any, TypeAlias

from cffi import FFI  # type: ignore[import-untyped]

from media.embedded.stun import Address

CData: TypeAlias = Any  # what cffi gives; it ships no types
SLOT_BYTES = 2048
_NAME_BYTES = 28
# What of a socket address tells two peers apart: family, port, (flow,) address.
_KEY_BYTES = {socket.AF_INET: 8, socket.AF_INET6: 24}
_FULL_BYTES = {socket.AF_INET: 16, socket.AF_INET6: 28}

_NOBODY = memoryview(b"")
_SOL_UDP, _UDP_SEGMENT = 17, 103
_SEGMENTS_BYTES, _SIZE_AT, _PADDING_BYTES = 24, 16, 6

_ffi = FFI()
_ffi.cdef("""
    struct iovec { void *base; size_t len; };
    struct msghdr { void *name; uint32_t namelen; struct iovec *iov; size_t iovlen;
                    void *control; size_t controllen; int flags; };
    struct mmsghdr { struct msghdr header; unsigned int length; };
    struct segments { size_t len; int level; int type; uint16_t size; char padding[6]; };
    int recvmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags, void *timeout);
    int sendmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags);
""")
_libc: Any = _ffi.dlopen(None)


class Slot:
    """Memory of one datagram: its bytes, where C finds them, and their number, which C may change.

    `key` are the bytes that tell its sender from all others, as `key_of` gives them.
    """

    __slots__ = ("key", "length", "pointer", "view")

    def __init__(self, view: memoryview, pointer: CData, length: CData, key: memoryview) -> None:
        self.view = view
        self.pointer = pointer
        self.length = length
        self.key = key


class Name:
    """A socket address that messages point at; written anew where its peer moves."""

    __slots__ = ("_family", "pointer")

    def __init__(self, family: int) -> None:
        self._family = family
        self.pointer = _ffi.new("char[]", _NAME_BYTES)

    def set(self, address: Address) -> None:
        """Point all messages of this name at another address."""
        written = packed(self._family, address)
        _ffi.memmove(self.pointer, written, len(written))


def packed(family: int, address: Address) -> bytes:
    """A `sockaddr_in` or `sockaddr_in6`."""
    head = struct.pack("=H", family) + struct.pack("!H", address[1])
    host = ipaddress.ip_address(address[0]).packed
    return head + (host + bytes(8) if family == socket.AF_INET else bytes(4) + host + bytes(4))


class _Memory:
    """Memory of so many datagrams, each with the `iovec` by which the kernel knows it."""

    def __init__(self, count: int) -> None:
        self._memory = _ffi.new("char[]", count * SLOT_BYTES)
        self._vectors = _ffi.new("struct iovec[]", count)
        self._whole = memoryview(_ffi.buffer(self._memory))
        for index in range(count):
            self._vectors[index].base, self._vectors[index].len = self._memory + index * SLOT_BYTES, SLOT_BYTES

    def _slot(self, index: int, length: CData, key: memoryview) -> Slot:
        view = self._whole[index * SLOT_BYTES : (index + 1) * SLOT_BYTES]
        return Slot(view, self._memory + index * SLOT_BYTES, length, key)


class Inbox(_Memory):
    """What one `recvmmsg` brings; `slots` hold it until the next."""

    def __init__(self, sock: socket.socket, count: int) -> None:
        super().__init__(count)
        self._socket, self._count = sock.fileno(), count
        self._messages = _ffi.new("struct mmsghdr[]", count)
        self._names = _ffi.new("char[]", count * _NAME_BYTES)
        self._key_bytes = _KEY_BYTES[sock.family]
        names = memoryview(_ffi.buffer(self._names))
        self.slots: list[Slot] = []
        for index in range(count):
            message = self._messages[index]
            message.header.iov, message.header.iovlen = self._vectors + index, 1
            message.header.name, message.header.namelen = self._names + index * _NAME_BYTES, _NAME_BYTES
            length = _ffi.cast("int *", _ffi.addressof(message, "length"))
            key = names[index * _NAME_BYTES :][: self._key_bytes]
            self.slots.append(self._slot(index, length, key))

    def receive(self) -> int:
        """How many came; 0 also where an ICMP error of a peer that went away was all there was."""
        count: int = _libc.recvmmsg(self._socket, self._messages, self._count, socket.MSG_DONTWAIT, _ffi.NULL)
        return max(count, 0)

    def address_of(self, slot: Slot) -> Address:
        """Who sent what is in a slot."""
        host = slot.key[4:] if self._key_bytes == _KEY_BYTES[socket.AF_INET] else slot.key[8:]
        return str(ipaddress.ip_address(bytes(host))), int.from_bytes(slot.key[2:4], "big")


def key_of(family: int, address: Address) -> bytes:
    """The bytes by which a sender is found."""
    return packed(family, address)[: _KEY_BYTES[socket.AddressFamily(family)]]


class Outbox(_Memory):
    """Datagrams to a fixed row of names, sent in one call: `rows[0]` has a slot for each, `rows[1]` their next.

    A name's datagrams of several rows travel through the kernel as one (UDP_SEGMENT) and leave it one by one: all as
    long as the first, the last may be shorter. What a slot's `length` says is sent of it; `lengths` are a whole row's.
    """

    def __init__(self, sock: socket.socket, names: list[Name], depth: int) -> None:
        super().__init__(len(names) * depth)
        self._socket, self._count, self._names = sock.fileno(), len(names), names
        self._segments = _ffi.new("struct segments[]", len(names))
        for index in range(len(names)):
            one = self._segments[index]
            one.len, one.level, one.type = _SEGMENTS_BYTES - _PADDING_BYTES, _SOL_UDP, _UDP_SEGMENT
        # The `size` of each, as one strided view.
        halves = memoryview(_ffi.buffer(self._segments)).cast("B").cast("H")
        self._sizes = halves[_SIZE_AT // 2 :: _SEGMENTS_BYTES // 2]
        self._calls = [self._messages(names, sock, depth, used) for used in range(1, depth + 1)]
        self.rows = [[self._out(leg * depth + row) for leg in range(len(names))] for row in range(depth)]
        # The `len` of each `iovec`, as one strided view a row: set for all legs at once.
        words = memoryview(_ffi.buffer(self._vectors)).cast("B").cast("Q")
        self.lengths = [words[2 * row + 1 :: 2 * depth] for row in range(depth)]
        self.errno = 0

    def _messages(self, names: list[Name], sock: socket.socket, depth: int, used: int) -> CData:
        messages = _ffi.new("struct mmsghdr[]", len(names))
        for leg, name in enumerate(names):
            header = messages[leg].header
            header.name, header.namelen = name.pointer, _FULL_BYTES[sock.family]
            header.iov, header.iovlen = self._vectors + leg * depth, used
            if used > 1:
                header.control, header.controllen = self._segments + leg, _SEGMENTS_BYTES
        return messages

    def _out(self, index: int) -> Slot:
        # The low half of a `size_t`: what encrypts writes the length where the kernel reads it.
        length = _ffi.cast("int *", _ffi.addressof(self._vectors[index], "len"))
        length[0] = 0
        return self._slot(index, length, _NOBODY)

    def send(self, used: int) -> list[int]:
        """Send the first `used` rows; give the places of names whose datagrams the kernel would not take."""
        if used > 1:
            size = max(slot.length[0] for slot in self.rows[0])  # of all but those that could not be encrypted
            self._sizes[:] = sizes(size, self._count)
        messages = self._calls[used - 1]
        sent: int = _libc.sendmmsg(self._socket, messages, self._count, 0)
        return [] if sent == self._count else self._send_rest(messages, max(sent, 0))

    def _send_rest(self, messages: CData, sent: int) -> list[int]:
        """Go on behind what was sent. Only the first of a call's messages tells why it was refused."""
        refused = []
        while sent < self._count:
            more: int = _libc.sendmmsg(self._socket, messages + sent, self._count - sent, 0)
            if more <= 0:
                self.errno = _ffi.errno
                refused.append(sent)
            sent += max(more, 1)
        return refused


@lru_cache(maxsize=4096)
def lengths(size: int, count: int) -> memoryview:
    """One size for a whole row."""
    return memoryview(array.array("Q", [size]) * count)


@lru_cache(maxsize=4096)
def sizes(size: int, count: int) -> memoryview:
    """One size for all legs."""
    return memoryview(array.array("H", [size]) * count)


def can_segment(sock: socket.socket) -> bool:
    """Whether this kernel knows UDP_SEGMENT (Linux 4.18); an older one would send several datagrams as one."""
    try:
        sock.setsockopt(_SOL_UDP, _UDP_SEGMENT, 0)
    except OSError:
        return False
    return True

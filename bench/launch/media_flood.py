"""Sends datagrams of the media mix to many ports at a steady pace, by `sendmmsg`, with no more work than that.

Prints the port it swallows at, reads one line of JSON (`ports`, `each_per_s`, `sizes`, `seconds`), prints what it sent.
"""

import json
import socket
import struct
import sys
import time
from typing import Any

from cffi import FFI  # type: ignore[import-untyped]

_TICK_S = 0.001

ffi = FFI()
ffi.cdef("""
    struct iovec { void *base; size_t len; };
    struct msghdr { void *name; uint32_t namelen; struct iovec *iov; size_t iovlen;
                    void *control; size_t controllen; int flags; };
    struct mmsghdr { struct msghdr header; unsigned int length; };
    int sendmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags);
""")
libc: Any = ffi.dlopen(None)


def main() -> None:
    """Flood as told."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((sys.argv[1], 0))
    out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
    print(out.getsockname()[1], flush=True)
    plan = json.loads(sys.stdin.readline())
    ports, sizes = plan["ports"], plan["sizes"]
    count = len(ports) * len(sizes)
    # Every port gets each of the sizes in turn; the ring is sent in pieces as time passes.
    names = ffi.from_buffer(
        b"".join(
            struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(sys.argv[1]) + bytes(8)
            for port in ports
        )
    )
    body = ffi.new("char[]", b"\x80\x60" + bytes(max(sizes)))
    vectors, ring = ffi.new("struct iovec[]", count), ffi.new("struct mmsghdr[]", count)
    for place in range(count):
        vectors[place].base, vectors[place].len = body, sizes[place // len(ports)]
        header = ring[place].header
        header.name, header.namelen = names + 16 * (place % len(ports)), 16
        header.iov, header.iovlen = vectors + place, 1
    rate = len(ports) * plan["each_per_s"]
    began = time.perf_counter()
    sent = 0
    while (elapsed := time.perf_counter() - began) < plan["seconds"]:
        due = int(elapsed * rate)
        while sent < due:
            place = sent % count
            done = libc.sendmmsg(out.fileno(), ring + place, min(due - sent, count - place), 0)
            if done <= 0:
                break
            sent += done
        time.sleep(_TICK_S)
    print(sent, flush=True)


if __name__ == "__main__":
    main()

"""Frames on a pipe between this server and a child process of it: four bytes of length (big-endian), then the bytes."""

from typing import Protocol

LENGTH_BYTES = 4
MOST_BYTES = 64 << 20


class Source(Protocol):
    """A binary stream that fills a buffer, as `io.FileIO` does."""

    def readinto(self, into: memoryview, /) -> int | None:
        """Read some bytes, at most as many as fit; 0 at the end."""
        ...


def frame(data: bytes) -> bytes:
    """Bytes with their length in front."""
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def length_in(head: bytes | bytearray) -> int:
    """How many bytes follow. Raises ConnectionError for more than are ever sent: what is on this pipe is no frame."""
    size = int.from_bytes(head, "big")
    if size > MOST_BYTES:
        raise ConnectionError("no frame")
    return size


def read_frame(source: Source) -> bytearray | None:
    """The next frame, in a buffer that its reader may overwrite; None at the end. Raises ConnectionError."""
    head = _filled(source, LENGTH_BYTES)
    return None if head is None else _filled(source, length_in(head))


def _filled(source: Source, size: int) -> bytearray | None:
    buffer, done = bytearray(size), 0
    with memoryview(buffer) as view:
        while done < size:
            read = source.readinto(view[done:])
            if not read:
                return None
            done += read
    return buffer

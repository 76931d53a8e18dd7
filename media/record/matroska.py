"""WebM bytes (RFC 9559) for one track: header, clusters of known size, and reading clusters back after a crash.

Written here because no muxer lets a segment be hashed before it is written, end with a BlockGroup and keep clusters of
known size in a file that only grows (docs/adr/0301).
"""

import struct

from media.record.chunk import Block, MalformedChunk, Span

_EBML, _SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
_TIMESTAMP, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_BLOCK_DURATION, _REFERENCE = 0x9B, 0xFB
_TRACK_NUMBER = b"\x81"
_KEY = 0x80
_LONG_SIZE = 1 << 56
# A SimpleBlock's head: identity, size in eight bytes of all behind it, track 1, place in the cluster, flags.
_SIMPLE_HEAD, _HEAD_BYTES = struct.Struct("!BQBhB"), 4
_APP = b"bid-record/1"
_NS_PER_MS = 1_000_000


def _size(length: int) -> bytes:
    return (length | _LONG_SIZE).to_bytes(8, "big")


def _element(identity: int, body: bytes) -> bytes:
    return identity.to_bytes((identity.bit_length() + 7) // 8, "big") + _size(len(body)) + body


def _number(identity: int, value: int) -> bytes:
    return _element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _file_header(track: bytes) -> bytes:
    ebml = _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8)
    ebml += _element(0x4282, b"webm") + _number(0x4287, 4) + _number(0x4285, 2)
    info = _number(0x2AD7B1, _NS_PER_MS) + _element(0x4D80, _APP) + _element(0x5741, _APP)
    entry = _number(0xD7, 1) + _number(0x73C5, 1) + _number(0x9C, 0) + track
    segment = _SEGMENT.to_bytes(4, "big") + _UNKNOWN_SIZE
    return _element(_EBML, ebml) + segment + _element(_INFO, info) + _element(_TRACKS, _element(0xAE, entry))


def vp8_header(width: int, height: int) -> bytes:
    """Header of a file with one VP8 track."""
    picture = _number(0xB0, width) + _number(0xBA, height)
    return _file_header(_number(0x83, 1) + _element(0x86, b"V_VP8") + _element(0xE0, picture))


def opus_header() -> bytes:
    """Header of a file with one stereo Opus track (RFC 7845 identification header, no pre-skip: we join mid-stream)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48_000, 0, 0)
    sound = _element(0xB5, struct.pack("!d", 48_000.0)) + _number(0x9F, 2)
    seek = _number(0x56AA, 0) + _number(0x56BB, 80 * _NS_PER_MS)
    return _file_header(
        _number(0x83, 2) + _element(0x86, b"A_OPUS") + _element(0x63A2, head) + seek + _element(0xE1, sound)
    )


def cluster(blocks: list[Block], end_ms: int) -> bytes:
    """One cluster of known size; its last block says how long it lasts, so that a held picture can be sought."""
    start = blocks[0].pts_ms
    parts = [_number(_TIMESTAMP, start)]
    for block in blocks[:-1]:
        size = _LONG_SIZE | _HEAD_BYTES + len(block.data)
        place, flags = block.pts_ms - start, _KEY if block.key else 0
        parts += (_SIMPLE_HEAD.pack(_SIMPLE_BLOCK, size, _TRACK_NUMBER[0], place, flags), block.data)
    last = blocks[-1]
    group = _element(_BLOCK, _TRACK_NUMBER + struct.pack("!hB", last.pts_ms - start, 0) + last.data)
    group += _number(_BLOCK_DURATION, max(1, end_ms - last.pts_ms))
    if not last.key:
        before = blocks[-2].pts_ms - last.pts_ms if len(blocks) > 1 else -1
        group += _element(_REFERENCE, struct.pack("!h", max(before, -0x8000)))
    return _element(_CLUSTER, b"".join(parts) + _element(_BLOCK_GROUP, group))


def whole_clusters(data: bytes, offset: int) -> list[Span]:
    """Find the unbroken run of whole clusters that begins at `offset`; what follows it was never finished."""
    spans: list[Span] = []
    at = offset
    while at + 12 <= len(data) and data[at : at + 4] == _CLUSTER.to_bytes(4, "big"):
        length = int.from_bytes(data[at + 4 : at + 12], "big") & (1 << 56) - 1
        end = at + 12 + length
        if data[at + 4] != 1 or end > len(data):
            break
        spans.append(_span(data, at, end))
        at = end
    return spans


def _span(data: bytes, start: int, end: int) -> Span:
    children = _children(data, start + 12, end)
    if len(children) < 2 or children[0][0] != _TIMESTAMP or children[-1][0] != _BLOCK_GROUP:  # noqa: PLR2004
        raise MalformedChunk("order")
    base = int.from_bytes(data[children[0][1] : children[0][2]], "big")
    group = {kind: (a, b) for kind, a, b in _children(data, children[-1][1], children[-1][2])}
    if _BLOCK not in group or _BLOCK_DURATION not in group:
        raise MalformedChunk("last block")
    last_at = struct.unpack_from("!h", data, group[_BLOCK][0] + 1)[0]
    duration = int.from_bytes(data[slice(*group[_BLOCK_DURATION])], "big")
    kind, first, _ = children[1]
    key = bool(data[first + 3] & _KEY) if kind == _SIMPLE_BLOCK else _REFERENCE not in group
    return Span(start, end, base, base + last_at + duration, key)


def _children(data: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
    children = []
    while at < end:
        length = int.from_bytes(data[at + 2 : at + 9], "big")
        if data[at + 1] != 1 or at + 9 + length > end:
            raise MalformedChunk("size")
        children.append((data[at], at + 9, at + 9 + length))
        at += 9 + length
    return children

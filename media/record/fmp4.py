"""CMAF bytes (ISO/IEC 14496-12, -15, 23000-19) for one H.264 track: header, fragments, and reading fragments back.

Written here for the reasons of the WebM writer (docs/adr/0304). Parameter sets stand in the header (`avc1`); the clock
counts milliseconds, as the sidecar does; a fragment's number is its time, so that writing one needs no memory.
"""

import struct
from collections.abc import Iterator

from media import h264
from media.record.chunk import Block, MalformedChunk, Span

_CLOCK_RATE = 1000
_MATRIX = struct.pack("!9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
# ISO/IEC 14496-12 §8.8.3.1: a key frame depends on no other; every other frame does, and is no place to begin at.
_KEY, _NOT_KEY = 0x0200_0000, 0x0101_0000
_ENABLED_IN_MOVIE = 3
_BASE_IS_MOOF = 0x02_0000
_OFFSET, _DURATION, _SIZE, _FLAGS = 0x001, 0x100, 0x200, 0x400
_BOX_HEADER, _FULL_BOX_HEADER = 8, 12
_SAMPLE = struct.Struct("!III")
_TRUN_FIXED = _FULL_BOX_HEADER + 8


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack("!I4s", _BOX_HEADER + len(body), name) + body


def _full_box(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack("!I", version << 24 | flags), *parts)


def header(key_frame: bytes) -> bytes:
    """`ftyp` and `moov` of a file that begins with this key frame; another header means another take.

    Raises `MalformedPayload` if the frame is no key frame.
    """
    sets = h264.parameter_sets(key_frame)
    width, height = h264.size_of(sets)
    brands = _box(b"ftyp", b"iso6", struct.pack("!I", 0), b"iso6cmfc")
    movie = _full_box(b"mvhd", 0, 0, struct.pack("!4I", 0, 0, _CLOCK_RATE, 0), _mvhd_rest())
    extends = _box(b"mvex", _full_box(b"trex", 0, 0, struct.pack("!5I", 1, 1, 0, 0, _NOT_KEY)))
    return brands + _box(b"moov", movie, _track(sets, width, height), extends)


def _mvhd_rest() -> bytes:
    # Rate 1, volume 1, reserved; matrix; predefined; the next track would be number 2.
    return struct.pack("!IHH8x", 1 << 16, 1 << 8, 0) + _MATRIX + bytes(24) + struct.pack("!I", 2)


def _track(sets: h264.ParameterSets, width: int, height: int) -> bytes:
    place = struct.pack("!5I8x4H", 0, 0, 1, 0, 0, 0, 0, 0, 0) + _MATRIX + struct.pack("!II", width << 16, height << 16)
    clock = struct.pack("!4IHH", 0, 0, _CLOCK_RATE, 0, 0x55C4, 0)  # language: undetermined
    handler = _full_box(b"hdlr", 0, 0, struct.pack("!I4s12x", 0, b"vide"), b"bid-record/1\0")
    where = _box(b"dinf", _full_box(b"dref", 0, 0, struct.pack("!I", 1), _full_box(b"url ", 0, 1)))
    no_samples = _full_box(b"stts", 0, 0, bytes(4)) + _full_box(b"stsc", 0, 0, bytes(4))
    no_samples += _full_box(b"stsz", 0, 0, bytes(8)) + _full_box(b"stco", 0, 0, bytes(4))
    described = _full_box(b"stsd", 0, 0, struct.pack("!I", 1), _sample_entry(sets, width, height))
    media = _box(b"minf", _full_box(b"vmhd", 0, 1, bytes(8)), where, _box(b"stbl", described, no_samples))
    return _box(
        b"trak",
        _full_box(b"tkhd", 0, _ENABLED_IN_MOVIE, place),
        _box(b"mdia", _full_box(b"mdhd", 0, 0, clock), handler, media),
    )


def _sample_entry(sets: h264.ParameterSets, width: int, height: int) -> bytes:
    fixed = struct.pack("!6xH16xHHIIIH32xHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, 24, -1)
    # Version 1, then profile, constraints and level as the sequence parameter set has them; lengths take four bytes.
    settings = b"\1" + sets.sequence[0][1:4] + b"\xff" + bytes([0xE0 | len(sets.sequence)])
    settings += b"".join(struct.pack("!H", len(unit)) + unit for unit in sets.sequence)
    settings += bytes([len(sets.picture)]) + b"".join(struct.pack("!H", len(unit)) + unit for unit in sets.picture)
    return _box(b"avc1", fixed, _box(b"avcC", settings))


def fragment(blocks: list[Block], end_ms: int) -> bytes:
    """One `moof` and its `mdat`; each frame lasts until the next, the last until `end_ms`."""
    samples = [_sample(block) for block in blocks]
    ends = [block.pts_ms for block in blocks[1:]] + [max(end_ms, blocks[-1].pts_ms + 1)]
    table = b"".join(
        struct.pack("!III", end - block.pts_ms, len(sample), _KEY if block.key else _NOT_KEY)
        for block, sample, end in zip(blocks, samples, ends, strict=True)
    )
    start = blocks[0].pts_ms
    number = _full_box(b"mfhd", 0, 0, struct.pack("!I", start + 1))
    about = _full_box(b"tfhd", 0, _BASE_IS_MOOF, struct.pack("!I", 1))
    about += _full_box(b"tfdt", 1, 0, struct.pack("!Q", start))
    run_bytes = _TRUN_FIXED + len(table)
    moof_bytes = _BOX_HEADER + len(number) + _BOX_HEADER + len(about) + run_bytes
    run = struct.pack("!II", len(blocks), moof_bytes + _BOX_HEADER)
    flags = _OFFSET | _DURATION | _SIZE | _FLAGS
    moof = _box(b"moof", number, _box(b"traf", about, _full_box(b"trun", 0, flags, run, table)))
    return moof + _box(b"mdat", *samples)


def _sample(block: Block) -> bytes:
    """A frame with lengths in place of start codes; a key frame's parameter sets are those of the header."""
    units = h264.picture_units(block.data) if block.key else h264.nal_units(block.data)
    return b"".join(struct.pack("!I", len(unit)) + unit for unit in units)


def whole_fragments(data: bytes, offset: int) -> list[Span]:
    """Find the unbroken run of whole fragments that begins at `offset`; what follows it was never finished."""
    spans: list[Span] = []
    at = offset
    while (moof := _box_end(data, at, b"moof")) and (end := _box_end(data, moof, b"mdat")):
        spans.append(_span(data, at, moof, end))
        at = end
    return spans


def _box_end(data: bytes, at: int, name: bytes) -> int:
    """Where the whole box of this name at `at` ends; 0 where there is none."""
    if data[at + 4 : at + _BOX_HEADER] != name:
        return 0
    end = at + int.from_bytes(data[at : at + 4], "big")
    return end if at + _BOX_HEADER <= end <= len(data) else 0


def _span(data: bytes, start: int, moof_end: int, end: int) -> Span:
    try:
        (traf,) = (span for name, *span in _boxes(data, start + _BOX_HEADER, moof_end) if name == b"traf")
        inside = {name: at for name, at, _ in _boxes(data, *traf)}
        (pts_ms,) = struct.unpack_from("!Q", data, inside[b"tfdt"] + 4)
        (count,) = struct.unpack_from("!I", data, inside[b"trun"] + 4)
        samples = [_SAMPLE.unpack_from(data, inside[b"trun"] + 12 + _SAMPLE.size * n) for n in range(count)]
        length, key = sum(duration for duration, _, _ in samples), samples[0][2] == _KEY
    except (ValueError, KeyError, IndexError, struct.error):
        raise MalformedChunk("moof") from None
    if sum(size for _, size, _ in samples) != end - moof_end - _BOX_HEADER:
        raise MalformedChunk("mdat")
    return Span(start, end, pts_ms, pts_ms + length, key)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places: name, where the body begins, where it ends."""
    while at < end:
        length = int.from_bytes(data[at : at + 4], "big")
        if length < _BOX_HEADER or at + length > end:
            raise MalformedChunk("box")
        yield data[at + 4 : at + _BOX_HEADER], at + _BOX_HEADER, at + length
        at += length

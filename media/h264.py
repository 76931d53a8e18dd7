"""H.264 as it travels and as it is kept: RTP payloads (RFC 6184) and what of the bit stream (ITU-T H.264) we must read.

A frame is an access unit in the byte stream format of Annex B: each NAL unit behind `00 00 00 01`. Constrained
baseline in packetization mode 1 only: single NAL units, STAP-A, FU-A; no slice groups, no interlacing by request.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from media.payload import MalformedPayload, Payload

START_CODE = b"\0\0\0\1"
SLICE, IDR_SLICE, SEI, SPS, PPS, DELIMITER = 1, 5, 6, 7, 8, 9
_LAST_SINGLE, _STAP_A, _FU_A = 23, 24, 28
_FORBIDDEN, _KIND, _IMPORTANCE = 0x80, 0x1F, 0xE0
_FU_START, _FU_END = 0x80, 0x40
_SLICES = range(SLICE, IDR_SLICE + 1)
_BEFORE_SLICES = (SEI, SPS, PPS, DELIMITER)
# Baseline, main, extended: the profiles whose parameter sets say nothing of chroma formats (H.264 §7.3.2.1.1).
_PLAIN_PROFILES = (66, 77, 88)
_MAX_SIZE = 16_384
# What H.264 §7.4.2 and a record of configuration (ISO/IEC 14496-15 §5.3.3) have room for. A sequence set of a browser
# has some 30 bytes; the bound keeps what reads it bit by bit short.
_MAX_SEQUENCE_BYTES, _MAX_SET_BYTES = 256, 0xFFFF
_MAX_SEQUENCE_SETS, _MAX_PICTURE_SETS = 31, 255
_MAX_FRAMES_IN_CYCLE = 255


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must have before a key frame: sequence and picture parameter sets, each once, in their order."""

    sequence: tuple[bytes, ...]
    picture: tuple[bytes, ...]


def parse_payload(payload: bytes) -> Payload:
    """The NAL units of a packet as a byte stream; of a fragment (FU-A) only the first has the start code.

    Raises `MalformedPayload`.
    """
    kind = _kind(payload)
    if kind == _FU_A:
        return _fragment(payload)
    units = list(_aggregated(payload)) if kind == _STAP_A else [payload]
    kinds = [_single_kind(unit) for unit in units]
    return Payload(
        b"".join(START_CODE + unit for unit in units),
        _may_start_frame(units[0]),
        kinds[0] == SPS or kinds[:2] == [DELIMITER, SPS],
    )


def _kind(unit: bytes) -> int:
    if len(unit) < 2 or unit[0] & _FORBIDDEN:  # noqa: PLR2004 - its header and something
        raise MalformedPayload("NAL unit header")
    return unit[0] & _KIND


def _single_kind(unit: bytes) -> int:
    kind = _kind(unit)
    if not 0 < kind <= _LAST_SINGLE:
        raise MalformedPayload(f"NAL unit type {kind}")
    return kind


def _may_start_frame(unit: bytes) -> bool:
    """A slice starts a picture if its first macroblock is number 0, in Exp-Golomb a single set bit."""
    kind = unit[0] & _KIND
    return kind in _BEFORE_SLICES or (kind in _SLICES and bool(unit[1] & 0x80))


def _aggregated(payload: bytes) -> Iterator[bytes]:
    """STAP-A: `header | (size, NAL unit)…` with sizes of two bytes."""
    at = 1
    while at < len(payload):
        end = at + 2 + int.from_bytes(payload[at : at + 2], "big")
        if end > len(payload):
            raise MalformedPayload("size in STAP-A")
        yield payload[at + 2 : end]
        at = end


def _fragment(payload: bytes) -> Payload:
    """FU-A: `F NRI 28 | S E R type | fragment`; the fragmented unit's header is put together from the two bytes."""
    if len(payload) < 3 or payload[1] & (_FU_START | _FU_END) == _FU_START | _FU_END:  # noqa: PLR2004
        raise MalformedPayload("FU-A header")
    head = bytes([payload[0] & _IMPORTANCE | payload[1] & _KIND])
    unit = head + payload[2:]
    kind = _single_kind(unit)
    if not payload[1] & _FU_START:
        return Payload(payload[2:], False, False)
    return Payload(START_CODE + unit, _may_start_frame(unit), kind == SPS)


def nal_units(frame: bytes) -> list[bytes]:
    """The NAL units of a frame in order; none of them ends with a zero byte (H.264 §7.4.1)."""
    units = (unit.rstrip(b"\0") for unit in frame.split(START_CODE[1:])[1:])
    return [unit for unit in units if unit]


def is_key_frame(frame: bytes) -> bool:
    """Whether a whole frame can be decoded alone: an IDR picture that brings its parameter sets, all readable.

    Raises `MalformedPayload` for a frame without a picture, and for parameter sets that cannot be read.
    """
    kinds = {unit[0] & _KIND for unit in nal_units(frame)}
    if kinds.isdisjoint(_SLICES):
        raise MalformedPayload("no slice")
    if not {IDR_SLICE, SPS, PPS} <= kinds:
        return False
    sets = parameter_sets(frame)
    if len(sets.sequence) > _MAX_SEQUENCE_SETS or len(sets.picture) > _MAX_PICTURE_SETS:
        raise MalformedPayload("more parameter sets than there are numbers for")
    if any(len(one) > _MAX_SET_BYTES for one in sets.sequence + sets.picture):
        raise MalformedPayload("parameter set too long")
    size_of(sets)
    return True


def parameter_sets(key_frame: bytes) -> ParameterSets:
    """The parameter sets in a key frame."""
    units = nal_units(key_frame)
    of_kind = {kind: tuple(dict.fromkeys(u for u in units if u[0] & _KIND == kind)) for kind in (SPS, PPS)}
    return ParameterSets(of_kind[SPS], of_kind[PPS])


def picture_units(key_frame: bytes) -> list[bytes]:
    """The NAL units of a key frame without its parameter sets."""
    return [unit for unit in nal_units(key_frame) if unit[0] & _KIND not in (SPS, PPS)]


def size_of(sets: ParameterSets) -> tuple[int, int]:
    """Width and height in pixels, cropping taken off (H.264 §7.3.2.1.1). Raises `MalformedPayload`."""
    if len(sets.sequence[0]) > _MAX_SEQUENCE_BYTES:
        raise MalformedPayload("sequence parameter set too long")
    bits = _Bits(sets.sequence[0][1:].replace(b"\0\0\3", b"\0\0"))
    if bits.number(8) not in _PLAIN_PROFILES:
        raise MalformedPayload("profile")
    bits.number(16)  # constraints, level
    bits.golomb()  # its own number
    bits.golomb()  # log2_max_frame_num
    _skip_order_count(bits)
    bits.golomb()  # reference frames
    bits.number(1)  # gaps in frame numbers
    width, height = 16 * (bits.golomb() + 1), 16 * (bits.golomb() + 1)
    rows_in_unit = 1
    if not bits.number(1):  # fields: heights are counted in pairs of rows
        height, rows_in_unit = 2 * height, 2
        bits.number(1)
    bits.number(1)  # direct inference
    if bits.number(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width, height = width - 2 * (left + right), height - 2 * rows_in_unit * (top + bottom)
    if not (0 < width <= _MAX_SIZE and 0 < height <= _MAX_SIZE):
        raise MalformedPayload("size")
    return width, height


def _skip_order_count(bits: "_Bits") -> None:
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.number(1)
        bits.golomb()
        bits.golomb()
        frames = bits.golomb()
        if frames > _MAX_FRAMES_IN_CYCLE:
            raise MalformedPayload("reference frames in a cycle")
        for _ in range(frames):
            bits.golomb()


class _Bits:
    """Reads bits from the highest of the first byte on. Every reading may raise `MalformedPayload` at the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def number(self, count: int) -> int:
        """An unsigned number of so many bits."""
        if count > self._left:
            raise MalformedPayload("parameter set ends early")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number, 32 bits at most (H.264 §9.1)."""
        zeros = 0
        while not self.number(1):
            zeros += 1
            if zeros == 32:  # noqa: PLR2004
                raise MalformedPayload("Exp-Golomb number")
        return (1 << zeros | self.number(zeros)) - 1

"""H.264 as bytes: payloads of RFC 6184, parameter sets, and the MP4 made of them; aiortc and ffprobe are the judges."""

import contextlib
import random
import struct
from pathlib import Path

import pytest
from aiortc.codecs.h264 import H264Encoder, h264_depayload
from hypothesis import given
from hypothesis import strategies as st

from media import h264
from media.codecs import H264, VP8, Codec
from media.embedded import rtp
from media.embedded.inbound import Inbound
from media.embedded.sdp import OfferedStream
from media.payload import MalformedPayload
from media.record import fmp4
from media.record.assembler import Assembler, Frame
from media.record.chunk import Block, MalformedChunk
from tests.media.scene import clip_of, decoded_frames

FRAMES = [data for data, _ in clip_of("A-01", "H264").video]
KEY_FRAME = FRAMES[0]
FIRST = 65_500


def _payloads(frame: bytes) -> list[bytes]:
    """Packets of a frame as another implementation makes them: STAP-A for what is small, FU-A for what is large."""
    packed: list[bytes] = H264Encoder._packetize(H264Encoder._split_bitstream(frame))
    return packed


def _packets(frames: list[bytes], *, marks_ends: bool = True) -> list[bytes]:
    packets: list[bytes] = []
    for index, frame in enumerate(frames):
        payloads = _payloads(frame)
        for place, payload in enumerate(payloads):
            marker = 0x80 if marks_ends and place == len(payloads) - 1 else 0
            header = struct.pack("!BBHII", 0x80, marker | 98, (FIRST + len(packets)) % 65536, 9000 * index, 77)
            packets.append(header + payload)
    return packets


def _assembled(packets: list[bytes], lost: frozenset[int] = frozenset()) -> list[Frame]:
    source = Inbound(OfferedStream("0", H264, 98, 77))
    assembler, frames = Assembler(source), []
    for index, packet in enumerate(packets):
        if index not in lost:
            number = source.accept(packet, (FIRST + index) % 65536, rtp.fields(packet)[2], 0.1 * index)
            assert number is not None
            frames += assembler.push(number, packet, 0.1 * index)
    return frames


def _units(frame: bytes) -> list[bytes]:
    return h264.nal_units(frame)


def test_frames_packed_by_another_implementation_come_out_whole() -> None:
    kinds = {payload[0] & 0x1F for frame in FRAMES for payload in _payloads(frame)}
    assert {24, 5, 1} & kinds  # several units in one packet, and single ones
    frames = _assembled(_packets(FRAMES))
    assert [_units(frame.data) for frame in frames] == [_units(frame) for frame in FRAMES]
    assert [frame.key for frame in frames] == [key for _, key in clip_of("A-01", "H264").video]


def test_a_large_picture_in_fragments_comes_out_whole_and_the_other_reader_agrees() -> None:
    large = h264.START_CODE + b"\x65\x88" + bytes(range(1, 200)) * 40
    payloads = _payloads(large)
    assert [payload[0] & 0x1F for payload in payloads] == [28] * len(payloads)
    parts = [h264.parse_payload(payload) for payload in payloads]
    assert [part.starts_frame for part in parts] == [True] + [False] * (len(parts) - 1)
    assert b"".join(part.data for part in parts) == large
    assert b"".join(h264_depayload(payload) for payload in payloads) == large


def test_a_frame_without_a_marker_is_complete_when_the_next_begins() -> None:
    frames = _assembled(_packets(FRAMES, marks_ends=False))
    assert [_units(frame.data) for frame in frames] == [_units(frame) for frame in FRAMES[:-1]]


def test_an_unrepaired_hole_costs_the_frames_up_to_the_next_key_frame_only() -> None:
    packets = _packets(FRAMES)
    lost = len(_payloads(FRAMES[0]))  # the first packet of the second frame
    frames = _assembled(packets, frozenset({lost}))
    assert [_units(frame.data) for frame in frames] == [_units(FRAMES[0]), *map(_units, FRAMES[20:])]


def test_a_key_frame_of_which_the_first_packet_is_lost_is_none() -> None:
    units = _units(KEY_FRAME)
    packets = [
        struct.pack("!BBHII", 0x80, (0x80 if place == len(units) - 1 else 0) | 98, (FIRST + place) % 65536, 0, 77)
        + unit
        for place, unit in enumerate(units)
    ]
    assert [frame.key for frame in _assembled(packets)] == [True]
    assert _assembled(packets, frozenset({0})) == []


@pytest.mark.parametrize(
    ("payload", "starts_frame", "starts_key_frame"),
    [
        ("6742c01fda", True, True),  # a sequence parameter set alone
        ("68ce3c80", True, False),  # a picture parameter set alone
        ("65888040", True, False),  # an IDR slice whose parameter sets came before it
        ("654040", False, False),  # a later slice of a picture
        ("41 9a00", True, False),
        ("78 0005 6742c01fda 0004 68ce3c80", True, True),  # STAP-A
        ("78 0002 0910 0005 6742c01fda", True, True),  # STAP-A that begins with a delimiter
        ("7c 85 888040", True, False),  # FU-A, first fragment of an IDR slice
        ("7c 05 888040", False, False),  # FU-A, a middle one
        ("7c 45 888040", False, False),  # FU-A, the last
    ],
)
def test_a_payload_says_whether_a_frame_may_begin_with_it(
    payload: str, starts_frame: bool, starts_key_frame: bool
) -> None:
    part = h264.parse_payload(bytes.fromhex(payload))
    assert (part.starts_frame, part.starts_key_frame) == (starts_frame, starts_key_frame)
    assert H264.starts_key_frame(bytes.fromhex(payload)) == starts_key_frame


@pytest.mark.parametrize(
    "payload",
    [
        "",  # nothing
        "67",  # a header alone
        "e742c01f",  # the forbidden bit
        "6042",  # type 0
        "7942c01f",  # STAP-B
        "7d8542c01f",  # FU-B
        "7e42",  # type 30
        "7c85",  # FU-A without a fragment
        "7cc588",  # FU-A that is first and last
        "7c9c88",  # FU-A in FU-A
        "7c8088",  # FU-A of type 0
        "78",  # STAP-A without a unit
        "78 0005 6742c01f",  # STAP-A whose unit is longer than it
        "78 0005 6742c01fda 00",  # STAP-A that ends in half a size
        "78 0000 0002 6742",  # STAP-A with an empty unit
        "78 0003 780161",  # STAP-A in STAP-A
    ],
)
def test_what_is_no_payload_is_refused(payload: str) -> None:
    with pytest.raises(MalformedPayload):
        h264.parse_payload(bytes.fromhex(payload))
    assert not H264.starts_key_frame(bytes.fromhex(payload))


@given(st.binary(max_size=80), st.integers(0, 10_000))
def test_no_bytes_make_the_readers_fail_otherwise(noise: bytes, seed: int) -> None:
    chance = random.Random(seed)
    mutant = bytearray(KEY_FRAME[:60])
    for _ in range(3):
        mutant[chance.randrange(len(mutant))] = chance.randrange(256)
    for codec in (H264, VP8):
        for data in (noise, bytes(mutant), bytes(mutant)[: seed % 60]):
            with contextlib.suppress(MalformedPayload):
                codec.parse_payload(data)
            with contextlib.suppress(MalformedPayload):
                codec.is_key_frame(data)


def test_the_size_stands_in_the_parameter_set_cropped() -> None:
    sets = h264.parameter_sets(KEY_FRAME)
    assert h264.size_of(sets) == (320, 180)  # 12 rows of macroblocks, 192 lines, 12 cropped
    # 1920x1080 as x264 writes it: escaped zeros, and 8 lines cropped.
    full_hd = h264.ParameterSets((bytes.fromhex("6742c028da01e0089f961000000300100000030148f1832a"),), ())
    assert h264.size_of(full_hd) == (1920, 1080)


@pytest.mark.parametrize("sequence", ["67", "6742c01f", "6764001fac", "67" + "00" * 30, "6742c01f" + "00" * 12])
def test_a_parameter_set_that_cannot_be_read_makes_no_key_frame(sequence: str) -> None:
    with pytest.raises(MalformedPayload):
        h264.size_of(h264.ParameterSets((bytes.fromhex(sequence),), ()))


def test_a_frame_without_a_picture_is_refused() -> None:
    only_sets = b"".join(h264.START_CODE + unit for unit in _units(KEY_FRAME)[:2])
    with pytest.raises(MalformedPayload, match="no slice"):
        h264.is_key_frame(only_sets)


def _file(ends: tuple[int, ...] = (10, 20, 30, 40)) -> bytes:
    data, start = fmp4.header(KEY_FRAME), 0
    for end in ends:
        blocks = [Block(100 * n, h264.is_key_frame(FRAMES[n]), FRAMES[n]) for n in range(start, end)]
        data += fmp4.fragment(blocks, 100 * end)
        start = end
    return data


def test_a_master_decodes_frame_by_frame(tmp_path: Path) -> None:
    file = tmp_path / "take01.mp4"
    file.write_bytes(_file())
    assert decoded_frames(file) == len(FRAMES)


def test_parameter_sets_stand_in_the_header_only() -> None:
    data = _file()
    for unit in _units(KEY_FRAME)[:2]:
        assert data.count(unit) == 1
    assert fmp4.header(KEY_FRAME) == fmp4.header(FRAMES[20])


def test_a_held_picture_keeps_its_duration_in_the_file() -> None:
    data = fmp4.fragment([Block(0, True, KEY_FRAME), Block(100, False, FRAMES[1])], 7000)
    (span,) = fmp4.whole_fragments(data, 0)
    assert (span.pts_ms, span.end_ms, span.key) == (0, 7000, True)
    (later,) = fmp4.whole_fragments(fmp4.fragment([Block(8000, False, FRAMES[1])], 8000), 0)
    assert (later.pts_ms, later.end_ms, later.key) == (8000, 8001, False)


@given(st.integers(0, 3000))
def test_a_torn_file_ends_at_its_last_whole_fragment(cut: int) -> None:
    whole, header = _file(), len(fmp4.header(KEY_FRAME))
    ends = [span.end for span in fmp4.whole_fragments(whole, header)]
    assert ends[-1] == len(whole)
    torn = whole[: max(header, len(whole) - cut)]
    assert [span.end for span in fmp4.whole_fragments(torn, header)] == [end for end in ends if end <= len(torn)]


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_fragment_that_is_none_of_ours_is_refused_by_one_exception(at: int, byte: int) -> None:
    mutant = bytearray(fmp4.fragment([Block(0, True, KEY_FRAME), Block(100, False, FRAMES[1])], 200))
    mutant[at % len(mutant)] = byte
    with contextlib.suppress(MalformedChunk):
        fmp4.whole_fragments(bytes(mutant), 0)


def _sequence_set(bits: str) -> bytes:
    """A sequence parameter set of the baseline profile from its number on, ended by the stop bit."""
    padded = bits + "1" + "0" * (-(len(bits) + 1) % 8)
    return b"\x67\x42\xe0\x1f" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _key_frame_of(*sets: bytes) -> bytes:
    return b"".join(h264.START_CODE + unit for unit in (*sets, b"\x65\x88\x80\x40"))


@pytest.mark.parametrize(
    ("sets", "why"),
    [
        ((b"\x67\x42\xe0\x1f" + b"\xff" * 300, b"\x68\xce"), "sequence parameter set too long"),
        # order count type 1 (010) with 256 frames in its cycle (000000001 00000001), each of them 0 (1)
        ((_sequence_set("11" + "010" + "011" + "000000001" + "00000001" + "1" * 400), b"\x68\xce"), "in a cycle"),
        ((*(b"\x67\x42\xe0\x1f" + bytes([n, 1]) for n in range(32)), b"\x68\xce"), "more parameter sets"),
        (
            (b"\x67\x42\xe0\x1f\x01", *(b"\x68" + bytes([n // 16 + 1, n % 16 + 1]) for n in range(256))),
            "more parameter",
        ),
        ((b"\x67\x42\xe0\x1f\x01", b"\x68" + b"\xff" * 65_535), "parameter set too long"),
    ],
    ids=["a long set", "a long cycle", "32 sequence sets", "256 picture sets", "a picture set past 64 KB"],
)
def test_parameter_sets_beyond_what_a_file_can_say_are_refused_unread(sets: tuple[bytes, ...], why: str) -> None:
    with pytest.raises(MalformedPayload, match=why):
        h264.is_key_frame(_key_frame_of(*sets))


@pytest.mark.parametrize(("codec", "first", "next_"), [(H264, "7c85", "7c05"), (VP8, "10", "00")], ids=["h264", "vp8"])
def test_a_frame_that_never_ends_is_broken_off(codec: Codec, first: str, next_: str) -> None:
    assembler = Assembler(Inbound(OfferedStream("0", codec, 98, 77)))
    most = 0
    for number in range(90):
        head = bytes.fromhex(next_ if number else first)
        packet = struct.pack("!BBHII", 0x80, 98, number, 0, 77) + head + b"\xaa" * 60_000
        assert not assembler.push(number, packet, 0.0)
        most = max(most, sum(map(len, assembler._parts)))
    assert 3_900_000 < most <= 4 << 20
    assert assembler._parts == []

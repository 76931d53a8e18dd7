"""The recorder without a network: frames in, files out, on a disk that may be full."""

import asyncio
import errno
import os
import random
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.peers import Clip
from media import access
from media.codecs import VP8
from media.embedded import rtp
from media.embedded.inbound import Inbound
from media.embedded.sdp import OfferedStream
from media.engine import SeatId, TrackRef
from media.events import Evidence
from media.record import matroska, sidecar
from media.record.assembler import Assembler, Frame, opus_duration_ms
from media.record.chunk import Block
from media.record.courier import Courier
from media.record.disk import Disk
from media.record.recording import RecorderOutlets, RecorderSettings, Recording
from media.record.recover import put_in_order, unsettled_cases
from media.record.shelves import Shelves
from media.record.take import Take, UtcClock
from tests.media.scene import clip_of, decoded_frames

CAMERA = TrackRef(SeatId("A-01"), "camera")
START = 65_500


def _source(rtx: bool = True) -> Inbound:
    return Inbound(OfferedStream("0", VP8, 96, 77, 97 if rtx else 0, 78 if rtx else 0))


def _packets(clip: Clip, first_stamp: int = 1000) -> Iterator[bytes]:
    """The clip as RTP, each frame in pieces of 300 bytes at most, over the wrap of the sequence number."""
    sequence = START
    for index, (frame, _) in enumerate(clip.video):
        pieces = [frame[at : at + 300] for at in range(0, len(frame), 300)]
        for place, piece in enumerate(pieces):
            marker = 0x80 if place == len(pieces) - 1 else 0
            stamp = first_stamp + 9000 * index
            header = struct.pack("!BBHII", 0x80, marker | 96, sequence % 65536, stamp, 77)
            yield header + (b"\x10" if place == 0 else b"\x00") + piece
            sequence += 1


@given(st.integers(0, 1000), st.integers(2, 6))
def test_packets_out_of_order_and_twice_give_the_same_frames(seed: int, spread: int) -> None:
    packets = list(_packets(clip_of("A-01")))
    chance = random.Random(seed)
    order = sorted(range(1, len(packets)), key=lambda n: n + chance.uniform(0, spread))
    source, frames = _source(), []
    assembler = Assembler(source)
    for index in [0, *order, *order[:5]]:
        number = source.accept(packets[index], (START + index) % 65536, rtp.fields(packets[index])[2], 0.0)
        if number is not None:
            frames += assembler.push(number, packets[index], 0.0)
    assert [frame.data for frame in frames] == [data for data, _ in clip_of("A-01").video]


def test_an_unrepaired_hole_costs_the_frames_up_to_the_next_key_frame_only() -> None:
    clip = clip_of("A-01")
    packets = list(_packets(clip))
    source, frames = _source(rtx=False), []
    assembler = Assembler(source)
    for index, packet in enumerate(packets):
        if index != 3:
            now = 0.1 * index
            number = source.accept(packet, (START + index) % 65536, rtp.fields(packet)[2], now)
            assert number is not None
            frames += assembler.push(number, packet, now)
    kept = [frame.data for frame in frames]
    key_frames = [n for n, (_, key) in enumerate(clip.video) if key]
    assert kept[-(len(clip.video) - key_frames[1]) :] == [data for data, _ in clip.video[key_frames[1] :]]
    assert len(kept) < len(clip.video)


@pytest.mark.parametrize(
    ("first", "second", "duration"), [(0x08, 0, 20), (0xFC, 0, 20), (0x1B, 3, 180), (0x80, 0, 2), (0x61, 0, 20)]
)
def test_opus_packets_say_how_long_they_last(first: int, second: int, duration: int) -> None:
    assert opus_duration_ms(bytes([first, second])) == duration


def test_a_held_picture_keeps_its_duration_in_the_file(tmp_path: Path) -> None:
    frames = clip_of("A-01").video
    data = matroska.vp8_header(320, 180)
    data += matroska.cluster([Block(0, True, frames[0][0]), Block(100, False, frames[1][0])], 7000)
    file = tmp_path / "held.webm"
    file.write_bytes(data)
    (span,) = matroska.whole_clusters(data, len(matroska.vp8_header(320, 180)))
    assert (span.pts_ms, span.end_ms, span.key) == (0, 7000, True)
    assert decoded_frames(file) == 2


@given(st.integers(0, 2000))
def test_a_torn_file_ends_at_its_last_whole_cluster(cut: int) -> None:
    header = matroska.vp8_header(320, 180)
    one = matroska.cluster([Block(0, True, b"x" * 300)], 40)
    whole = header + one + matroska.cluster([Block(1000, False, b"y" * 300), Block(1100, False, b"z" * 9)], 1200)
    torn = whole[: max(len(header), len(whole) - cut)]
    spans = matroska.whole_clusters(torn, len(header))
    expected = [len(header) + len(one), len(whole)]
    assert [span.end for span in spans] == [end for end in expected if end <= len(torn)]


class _Recorder:
    """A recording whose frames come from a loop, at the pace of a test."""

    def __init__(self, footage: Path) -> None:
        self.alarms: list[str] = []
        self.well: list[str] = []
        self.disk = Disk()
        outlets = RecorderOutlets(
            lambda: None, lambda: None, lambda code, _: self.alarms.append(code), self.well.append
        )
        settings = RecorderSettings(Shelves(footage), 2000)
        self.recording = Recording("E-1", CAMERA, self.disk, settings, outlets, "recorder")
        self.source = _source()
        self.folder = footage / "E-1" / "A-01" / "camera"
        self._sent = 0
        self._lost = 0
        self._began = time.monotonic()

    def skip_loops(self, count: int) -> None:
        """Let the sender's and our clock go on without packets."""
        self._sent += count

    def lose(self, packets: int) -> None:
        """Let so many be sent that never come."""
        self._lost = packets

    async def send_loop(self, clip: Clip | None = None, torn: range = range(0)) -> None:
        """Four seconds of picture; packets of `torn` places in it never come."""
        stamp = 1000 + 9000 * 40 * self._sent
        for place, packet in enumerate(_packets(clip or clip_of("A-01"), stamp)):
            if place in torn:
                self._lost += 1
                continue
            index = self.source.highest + 1 + self._lost if self.source.highest >= 0 else 65536 + START
            self._lost = 0
            now = self._began + (struct.unpack_from("!I", packet, 4)[0] - 1000) / 90_000
            numbered = packet[:2] + struct.pack("!H", index % 65536) + packet[4:]
            number = self.source.accept(numbered, index % 65536, rtp.fields(packet)[2], now)
            assert number is not None
            self.recording.on_packet(self.source, number, numbered, now)
        self._sent += 1
        await self.disk.drain()

    async def close(self) -> None:
        self.recording.close(time.monotonic())
        await self.disk.drain()
        self.disk.close()


def _named_bytes(folder: Path) -> dict[int, int]:
    return {take: sum(s.len for s in access.segments(folder, take)) for take in access.takes(folder)}


def _real_bytes(folder: Path) -> dict[int, int]:
    return {take: (folder / f"take{take:02d}.webm").stat().st_size for take in access.takes(folder)}


async def test_a_full_disk_raises_the_alarm_and_leaves_no_unnamed_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    real, is_full = os.write, [True]

    def write(descriptor: int, data: memoryview) -> int:
        if is_full[0]:
            half = real(descriptor, data[: len(data) // 2])
            assert half >= 0
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr("media.record.take_file.os.write", write)
    await recorder.send_loop()
    assert recorder.alarms[0] == "disk-full"
    assert _named_bytes(recorder.folder) == _real_bytes(recorder.folder)

    is_full[0] = False
    recorder.well.clear()
    await recorder.send_loop()
    await recorder.close()
    assert "disk-full" in recorder.well
    assert _named_bytes(recorder.folder) == _real_bytes(recorder.folder)
    assert access.takes(recorder.folder) == [1, 2]
    gap = access.gap_after(recorder.folder, 1)
    assert gap is not None
    assert gap[2] == "disk"
    assert (
        sidecar.moved(access.segments(recorder.folder, 1)[-1].t0, access.segments(recorder.folder, 1)[-1].dur_ms)
        == gap[0]
    )


async def test_a_picture_that_changes_its_size_within_a_second_of_its_take_leaves_a_gap_with_a_name(
    tmp_path: Path,
) -> None:
    video = list(clip_of("A-01").video)
    key, _ = video[0]
    large = key[:6] + struct.pack("<HH", 640, 360) + key[10:]
    changed = [(large, True) if is_key or index == 5 else (data, is_key) for index, (data, is_key) in enumerate(video)]
    recorder = _Recorder(tmp_path)
    await recorder.send_loop(Clip((video[0], *changed[1:]), ()))
    await recorder.close()
    assert access.takes(recorder.folder) == [1, 2]
    gap, first = access.gap_after(recorder.folder, 1), access.segments(recorder.folder, 1)[-1]
    assert gap == (sidecar.moved(first.t0, first.dur_ms), access.segments(recorder.folder, 2)[1].t0, "changed")


async def test_a_picture_that_changes_its_size_later_goes_on_in_the_next_take_without_a_gap(tmp_path: Path) -> None:
    video = clip_of("A-01").video
    large = tuple((data[:6] + struct.pack("<HH", 640, 360) + data[10:] if key else data, key) for data, key in video)
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    await recorder.send_loop(Clip(large, ()))
    await recorder.close()
    assert access.takes(recorder.folder) == [1, 2]
    assert access.gap_after(recorder.folder, 1) is None


async def test_a_paused_track_ends_its_take_and_its_return_names_the_gap(tmp_path: Path) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    recorder.recording.tick(recorder._began + 4 + 4.5)
    await recorder.disk.drain()
    assert _named_bytes(recorder.folder) == _real_bytes(recorder.folder)
    recorder.skip_loops(2)
    await recorder.send_loop()
    await recorder.close()
    gap = access.gap_after(recorder.folder, 1)
    assert gap is not None
    assert gap[2] == "paused"
    assert access.takes(recorder.folder) == [1, 2]


async def test_an_outage_too_short_for_anybody_to_be_away_is_named_all_the_same(tmp_path: Path) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    recorder.skip_loops(1)
    recorder.lose(30)
    await recorder.send_loop()
    await recorder.close()
    gap = access.gap_after(recorder.folder, 1)
    assert gap is not None
    assert gap[2] == "network"
    assert gap[1] == sidecar.moved(gap[0], 4000)


async def test_a_pause_in_which_nothing_was_sent_is_no_gap(tmp_path: Path) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    recorder.skip_loops(1)
    await recorder.send_loop()
    await recorder.close()
    assert access.takes(recorder.folder) == [1]


async def test_half_a_second_lost_for_good_is_named_and_less_is_not(tmp_path: Path) -> None:
    key_frames = [n for n, (_, key) in enumerate(clip_of("A-01").video) if key]
    first_of = [n for n, packet in enumerate(_packets(clip_of("A-01"))) if packet[12] & 0x10]
    lacks = {early: first_of[key_frames[1] - early] for early in (3, 8)}
    recorder = _Recorder(tmp_path)
    await recorder.send_loop(torn=range(lacks[3], lacks[3] + 1))
    assert access.takes(recorder.folder) == [1]
    await recorder.send_loop(torn=range(lacks[8], lacks[8] + 1))
    await recorder.close()
    gap = access.gap_after(recorder.folder, 1)
    assert gap is not None
    assert gap[2] == "loss"
    assert gap[1] == sidecar.moved(gap[0], 800)


async def test_a_picture_of_another_size_begins_another_take_without_a_gap(tmp_path: Path) -> None:
    clip = clip_of("A-01")
    second = [n for n, (_, key) in enumerate(clip.video) if key][1]
    key_frame = clip.video[second][0]
    large = key_frame[:6] + struct.pack("<HH", 640, 360) + key_frame[10:]
    frames = (*clip.video[:second], (large, True), *clip.video[second + 1 :])
    recorder = _Recorder(tmp_path)
    await recorder.send_loop(Clip(frames, clip.audio))
    await recorder.close()
    assert access.takes(recorder.folder) == [1, 2]
    assert access.gap_after(recorder.folder, 1) is None
    header = access.read_segment(recorder.folder, 2, access.segments(recorder.folder, 2)[0])
    assert header == matroska.vp8_header(640, 360)


async def test_a_closed_recording_is_already_in_order(tmp_path: Path) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    await recorder.close()
    before = {path: path.read_bytes() for path in recorder.folder.iterdir()}
    assert put_in_order(tmp_path, "E-1") == []
    assert {path: path.read_bytes() for path in recorder.folder.iterdir()} == before


async def test_a_take_shorter_than_its_lines_is_reported_and_left_alone(tmp_path: Path) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    await recorder.close()
    media = recorder.folder / "take01.webm"
    os.truncate(media, media.stat().st_size - 1)
    assert put_in_order(tmp_path, "E-1") == ["A-01/camera/take01"]
    last = access.segments(recorder.folder, 1)[-1]
    with pytest.raises(access.FootageDamaged):
        access.read_segment(recorder.folder, 1, last)


async def test_an_unreadable_line_is_reported_and_stops_no_other_track(tmp_path: Path) -> None:
    recorder = _Recorder(tmp_path)
    await recorder.send_loop()
    await recorder.close()
    with (recorder.folder / "take01.jsonl").open("ab") as lines:
        lines.write(b"not json\n")
    assert put_in_order(tmp_path, "E-1") == ["A-01/camera/take01"]
    assert unsettled_cases(tmp_path) == ["E-1"]
    delivered: list[str] = []

    async def deliver(event: Evidence) -> None:
        delivered.append(event.delivery)

    courier = Courier(sidecar.TrackId("E-1", "A-01", "camera"), Shelves(tmp_path), deliver)
    async with asyncio.timeout(2):
        await courier.run()
        await courier.wait_idle()
    assert delivered[:2] == ["E-1/A-01/camera/1/take", "E-1/A-01/camera/1/0"]


async def test_a_take_of_which_nothing_was_named_disappears(tmp_path: Path) -> None:
    folder = tmp_path / "E-1" / "A-01" / "camera"
    folder.mkdir(parents=True)
    (folder / "take01.webm").write_bytes(matroska.vp8_header(320, 180))
    (folder / "take01.jsonl").write_bytes(b'{"case":"E-1","codec":"vp8"')
    assert put_in_order(tmp_path, "E-1") == []
    assert list(folder.iterdir()) == []


def test_a_larger_picture_does_not_fit_the_take() -> None:
    small = clip_of("A-01").video[0][0]
    first = Frame(VP8, 0, 0.0, True, small)
    take = Take(first, UtcClock(0.0), 4000)
    large = small[:6] + struct.pack("<HH", 640, 360) + small[10:]
    assert take.fits(Frame(VP8, 9000, 0.1, True, small))
    assert not take.fits(Frame(VP8, 9000, 0.1, True, large))
    assert not take.fits(Frame(VP8, 90_000 * 60, 0.1, False, small))

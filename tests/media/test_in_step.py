"""Picture and sound of a seat in step: by the sender's reports, though the sound's packets took a longer way."""

import json
import struct
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from media.codecs import OPUS, VP8
from media.embedded import rtp
from media.embedded.inbound import Inbound
from media.embedded.sdp import CLOCK_RATE, OfferedStream
from media.engine import TrackRef
from media.record import sidecar
from media.record.disk import Disk
from media.record.recording import RecorderOutlets, RecorderSettings, Recording
from media.record.sender_clock import SenderClock
from media.record.shelves import Shelves
from tests.media.scene import camera, clip_of, mic

NTP_1970 = 2_208_988_800
SEAT_CLOCK = 1_795_000_000.25
"""What the seat's clock says when it begins; the server's says something else, and that is nothing to us."""
ROOT = Path(__file__).parent.parent.parent
SCRIPT = """
import { arrange } from "./web/static/elements/replay-seat-segments.js";
const { tracks } = arrange(JSON.parse(process.argv[1]));
console.log(JSON.stringify(tracks.map(({ kind, segments }) => [kind, segments.map(({ start }) => start)])));
"""


async def record(
    footage: Path, ref: TrackRef, frames: list[tuple[float, bytes]], late_s: float
) -> list[dict[str, Any]]:
    """The rows of a track whose frames were captured at these seconds and came late, with a report a second."""
    outlets = RecorderOutlets(lambda: None, lambda: None, lambda *_: None, lambda _: None)
    disk, rate, began = Disk(), CLOCK_RATE[ref.medium], time.monotonic()
    recording = Recording("E-1", ref, disk, RecorderSettings(Shelves(footage), 1000), outlets, "recorder")
    source = Inbound(OfferedStream("0", VP8 if ref.medium == "video" else OPUS, 96, 77))
    reported = 0
    for index, (captured, data) in enumerate(frames):
        stamp, now = 5000 + round(captured * rate), began + captured + late_s
        packet = struct.pack("!BBHII", 0x80, 0x80 | 96, index, stamp, 77) + data
        number = source.accept(packet, index, rtp.fields(packet)[2], now)
        assert number is not None
        recording.on_packet(source, number, packet, now)
        if captured >= reported:
            reported += 1
            recording.on_report(int((NTP_1970 + SEAT_CLOCK + captured) * 2**32), stamp)
    recording.close(time.monotonic())
    await disk.drain()
    disk.close()
    lines = sidecar.read(sidecar.folder_of(footage, sidecar.TrackId("E-1", ref.seat, ref.kind)) / "take01.jsonl")
    return [{"sent": "", **line} for line in lines if "n" in line]


def placed(rows: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Where the replay page puts the segments of each track, in seconds."""
    command = ["node", "--input-type=module", "-e", SCRIPT, json.dumps(rows)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return dict(json.loads(told))


async def test_sound_that_came_late_is_put_where_its_picture_is(tmp_path: Path) -> None:
    pictures = [(index / 10, b"\x10" + data) for index, (data, _) in enumerate(clip_of("A-01").video)]
    sounds = [(index / 50, b"\xf8" + bytes(20)) for index in range(200)]
    rows = await record(tmp_path, camera("A-01"), pictures, 0.02)
    rows += await record(tmp_path, mic("A-01"), sounds, 0.32)
    first = {row["track"]: row for row in reversed(rows) if row["n"] > 0}
    apart = [datetime.fromisoformat(first[track]["t0"]).timestamp() for track in ("camera", "mic")]
    assert apart[1] - apart[0] > 0.25
    assert first["camera"]["sent"][:19] == first["mic"]["sent"][:19] == "2026-11-18T11:06:40"
    starts = placed(rows)
    assert abs(starts["camera"][0] - starts["mic"][0]) < 0.04
    assert all(row["reports"] for row in rows if row["n"] > 0)

    unsaid = placed([{**row, "sent": ""} for row in rows])
    assert unsaid["mic"][0] - unsaid["camera"][0] > 0.25


async def test_whoever_reads_the_reports_finds_the_same_instant(tmp_path: Path) -> None:
    rows = await record(tmp_path, mic("A-01"), [(index / 50, b"\xf8" + bytes(20)) for index in range(100)], 0.1)
    segment = next(row for row in rows if row["n"] == 1)
    ntp, rtp = segment["reports"].split()[-1].split(":")
    by_hand = int(ntp, 16) / 2**32 - NTP_1970 + (5000 - int(rtp)) / 48_000
    assert abs(by_hand - datetime.fromisoformat(segment["sent"]).timestamp()) < 0.002


def test_a_wrap_of_the_time_stamp_is_no_jump_and_no_report_is_no_time() -> None:
    clock = SenderClock(48_000)
    assert clock.utc(0) == ""
    clock.take(0, 0)
    assert clock.utc(0) == ""
    clock.take((NTP_1970 + 1) << 32, 2**32 - 48_000)
    assert clock.utc(2**32) == "1970-01-01T00:00:02.000Z"
    assert clock.utc(0) == "1970-01-01T00:00:02.000Z"
    assert clock.reports() == f"{(NTP_1970 + 1) << 32:016x}:{2**32 - 48_000}"
    assert clock.reports() == ""

"""Access copies: what real recordings become, judged by ffprobe; what is no recording is refused or harmless."""

import asyncio
import hashlib
import json
import shutil
import struct
import subprocess
from array import array
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from archive.report import font
from media import access
from media.events import SegmentClosed
from media.export import job
from media.export.graph import Look, arguments
from media.export.sources import NotMedia, Source, Stretch, demuxer_of
from tests.media.scene import CASE, a_scene

SEATS = ("A-01", "B-01")
NAMES = {"A-01": "评委1 A-01", "B-01": "评委2 B-01: %{pts} '\\,;[x]"}


def is_fourth_picture_of(seat: str, event: SegmentClosed) -> bool:
    return (event.seat, event.track, event.n) == (seat, "camera", 4)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def footage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """Two seats as a real worker recorded them, one as WebM and one as MP4; the folder of their case."""
    kept = tmp_path_factory.mktemp("footage") / CASE
    async with a_scene() as scene:
        for seat, codec in zip(SEATS, ("VP8", "H264"), strict=True):
            await scene.seat(seat, codec=codec)
        for seat in SEATS:
            await scene.wait_for(SegmentClosed, partial(is_fourth_picture_of, seat), seconds=60)
        await scene.worker.close_room(CASE)
        shutil.copytree(scene.footage / CASE, kept)
    yield kept


def whole(footage: Path) -> Stretch:
    """From the first to the last recorded moment."""
    segments = [
        one for seat in SEATS for kind in ("camera", "mic") for one in access.segments(footage / seat / kind, 1)[1:]
    ]
    ends = [datetime.fromisoformat(one.t0) + timedelta(milliseconds=one.dur_ms) for one in segments]
    return Stretch(min(datetime.fromisoformat(one.t0) for one in segments), max(ends))


def look() -> Look:
    return Look(NAMES, "supervisor-1 调阅 r1 %{n}", font.font_folder() / font.FILE_NAME)


def probed(file: Path) -> dict[str, Any]:
    shown = ("-show_entries", "stream=codec_name,width,height,nb_read_frames:format=duration,format_name")
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", *shown, "-of", "json", file], capture_output=True, check=True
    )
    assert done.stderr == b""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def raw(file: Path, *wanted: str) -> bytes:
    """Pixels or samples of a copy, a byte or two each."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-ss", "1.5", "-i", str(file), *wanted, "pipe:1"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


async def test_a_grid_of_all_seats_is_one_mp4_with_all_sounds_and_a_note_of_its_sources(
    footage: Path, tmp_path: Path
) -> None:
    before, told = digests(footage), list[float]()
    stretch = whole(footage)
    digest = await job.make(job.Order(footage, SEATS, stretch, look()), tmp_path / "x1", told.append)
    found = probed(tmp_path / "x1" / job.COPY)
    picture, sound = found["streams"]
    assert (picture["codec_name"], picture["width"], picture["height"]) == ("h264", 1280, 360)
    assert sound["codec_name"] == "aac"
    assert abs(float(found["format"]["duration"]) * 1000 - stretch.duration_ms) < 200
    assert told[-1] > 0.9
    assert told == sorted(told)
    gray = raw(tmp_path / "x1" / job.COPY, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray")
    middles = [gray[1280 * 100 + x : 1280 * 100 + x + 600] for x in (20, 660)]
    assert all(max(middle) - min(middle) > 100 for middle in middles), "a seat has no picture"
    samples = array("h", raw(tmp_path / "x1" / job.COPY, "-t", "1", "-f", "s16le", "-ac", "1"))
    assert max(samples) > 1000, "nothing is heard"
    note = json.loads((tmp_path / "x1" / job.NOTE).read_text(encoding="utf-8"))
    assert note["sha256"] == digest == hashlib.sha256((tmp_path / "x1" / job.COPY).read_bytes()).hexdigest()
    assert {part["take"] for part in note["sources"]} == {f"{s}/{k}/take01" for s in SEATS for k in ("camera", "mic")}
    assert digests(footage) == before
    assert left_in(tmp_path) == ["x1"]


async def test_a_clip_of_one_seat_is_as_long_as_asked_and_names_only_what_it_shows(
    footage: Path, tmp_path: Path
) -> None:
    begin = whole(footage).begin + timedelta(seconds=1.5)
    stretch = Stretch(begin, begin + timedelta(seconds=1))
    await job.make(job.Order(footage, SEATS[:1], stretch, look()), tmp_path / "x1", lambda _: None)
    found = probed(tmp_path / "x1" / job.COPY)
    assert abs(float(found["format"]["duration"]) - 1) < 0.1
    assert found["streams"][0]["width"] == 960
    used = json.loads((tmp_path / "x1" / job.NOTE).read_text(encoding="utf-8"))["sources"]
    pictures = [part["n"] for part in used if part["take"] == "A-01/camera/take01"]
    assert pictures[0] == 0
    assert len(pictures) < len(access.segments(footage / "A-01" / "camera", 1))


async def test_a_segment_that_is_not_as_its_hash_says_is_left_out_and_named(footage: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    shutil.copytree(footage, case)
    spoilt = access.segments(case / "A-01" / "camera", 1)[2]
    with (case / "A-01" / "camera" / "take01.webm").open("r+b") as file:
        file.seek(spoilt.off + spoilt.len // 2)
        file.write(b"\xff\x00\xff\x00")
    await job.make(job.Order(case, SEATS[:1], whole(footage), look()), tmp_path / "x1", lambda _: None)
    note = json.loads((tmp_path / "x1" / job.NOTE).read_text(encoding="utf-8"))
    assert [part["n"] for part in note["left_out"]] == [spoilt.n]


async def test_a_stretch_in_which_nobody_was_recorded_is_refused_and_leaves_nothing(
    footage: Path, tmp_path: Path
) -> None:
    stretch = Stretch(whole(footage).end + timedelta(hours=1), whole(footage).end + timedelta(hours=2))
    with pytest.raises(job.NothingRecorded):
        await job.make(job.Order(footage, SEATS, stretch, look()), tmp_path / "x1", lambda _: None)
    assert left_in(tmp_path) == []


async def test_a_machine_without_ffmpeg_says_so(footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(job.NoFfmpeg):
        await job.make(job.Order(footage, SEATS, whole(footage), look()), tmp_path / "x1", lambda _: None)


async def test_a_copy_that_is_given_up_ends_its_process(footage: Path, tmp_path: Path) -> None:
    started = asyncio.Event()
    order = job.Order(footage, SEATS, Stretch(whole(footage).begin, whole(footage).begin + timedelta(hours=2)), look())
    async with asyncio.TaskGroup() as tasks:
        making = tasks.create_task(job.make(order, tmp_path / "x1", lambda _: started.set()))
        await started.wait()
        making.cancel()
    assert making.cancelled()
    assert left_in(tmp_path) == []


WEBM = bytes.fromhex("1a45dfa3")
TEXTS = (
    "#EXTM3U\n#EXTINF:1,\nfile:///SECRET\n#EXT-X-ENDLIST\n",
    '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file:///SECRET"\n#EXTINF:1,\nx.ts\n',
    "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n",
    '#EXTM3U\n#EXT-X-MAP:URI="file:///SECRET"\n#EXTINF:1,\nx.m4s\n',
    "#EXTM3U\n#EXTINF:1,\nconcat:file:///SECRET|file:///SECRET\n",
    "#EXTM3U\n#EXTINF:1,\nsubfile,,start,0,end,9,,:/SECRET\n",
    "#EXTM3U\n#EXTINF:1,\ncrypto:file:///SECRET\n",
    "ffconcat version 1.0\nfile '/SECRET'\n",
    "ffconcat version 1.0\nfile 'http://127.0.0.1:1/'\n",
    "ffconcat version 1.0\nfile 'concat:/SECRET'\noption safe 0\n",
    ";FFMETADATA1\ntitle=x\n",
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 1 RTP/AVP 96\na=rtpmap:96 VP8/90000\n",
    "[Reference]\nRef1=file:///SECRET\n",
    "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>file:///SECRET</BaseURL></MPD>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///SECRET'>]><svg xmlns='http://www.w3.org/2000/svg'/>",
    "<smil><body><video src='file:///SECRET'/></body></smil>",
    "RTSPtext\nrtsp://127.0.0.1:1/x\n",
    "[playlist]\nFile1=/SECRET\n",
    "1\n00:00:00,000 --> 00:00:01,000\n<img src=file:///SECRET>\n",
    "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,,,0,0,0,,x\n",
    "YUV4MPEG2 W99999 H99999 F1:1\nFRAME\n",
    "P6 99999 99999 255\n",
    "concat:/SECRET",
    "file:/SECRET",
    "data:text/plain;base64,AAAA",
    "lavfi:color",
    "",
)
BINARIES = (
    b"RIFF\xff\xff\xff\xffWAVEfmt ",
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1 << 30, 1 << 30, 8, 6, 0, 0, 0),
    b"GIF89a\xff\xff\xff\xff",
    b"\x1f\x8b\x08\x00",
    b"\x7fELF",
    b"DKIF" + b"\xff" * 28,
)


@pytest.mark.parametrize("content", [*(text.encode() for text in TEXTS), *BINARIES])
def test_what_is_no_recording_by_its_first_bytes_is_never_opened(content: bytes) -> None:
    with pytest.raises(NotMedia):
        demuxer_of(content[:16])


def large_vp8(width: int, height: int) -> bytes:
    """A WebM of one frame whose header promises this many pixels."""
    frame = b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"\x00" * 64

    def element(name: str, body: bytes) -> bytes:
        return bytes.fromhex(name) + struct.pack(">Q", len(body) | 1 << 56) + body

    video = element("e0", element("b0", b"\x10") + element("ba", b"\x10"))
    entry = element(
        "ae",
        element("d7", b"\x01") + element("73c5", b"\x01") + element("86", b"V_VP8") + element("83", b"\x01") + video,
    )
    cluster = element("1f43b675", element("e7", b"\x00") + element("a3", b"\x81\x00\x00\x80" + frame))
    header = element("1a45dfa3", element("4282", b"webm"))
    return header + element("18538067", element("1654ae6b", entry) + cluster)


def with_outside_data(secret: Path) -> bytes:
    """An MP4 header whose track says that its data lie in another file."""

    def box(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body) + 8, name) + body

    address = box(b"url ", b"\x00\x00\x00\x00" + f"file://{secret}".encode() + b"\x00")
    dinf = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1) + address))
    track = box(b"trak", box(b"mdia", box(b"minf", dinf)))
    return box(b"ftyp", b"isom\x00\x00\x00\x00isom") + box(b"moov", track)


CRAFTED: dict[str, Callable[[Path], bytes]] = {
    "playlist-behind-the-magic": lambda secret: WEBM + f"\n#EXTM3U\n#EXTINF:1,\nfile://{secret}\n".encode(),
    "concat-behind-the-magic": lambda secret: WEBM + f"\nffconcat version 1.0\nfile '{secret}'\n".encode(),
    "magic-alone": lambda _: WEBM,
    "an-element-without-end": lambda _: WEBM + b"\x01" + b"\xff" * 7 + b"\x00" * 100,
    "elements-in-elements": lambda _: WEBM + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" * 2000,
    "a-picture-of-268-megapixels": lambda _: large_vp8(16383, 16383),
    "a-picture-of-33-megapixels": lambda _: large_vp8(7680, 4320),
    "data-in-another-file": with_outside_data,
    "an-mp4-of-nothing": lambda _: b"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00isom",
    "a-box-without-end": lambda _: b"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00isom\x00\x00\x00\x01moov" + b"\xff" * 8,
}


@pytest.mark.parametrize("kind", CRAFTED)
async def test_a_crafted_recording_ends_in_a_refusal_or_in_black_and_reads_nothing_else(
    kind: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"the secret of another folder" * 40)
    folder = tmp_path / "making"
    folder.mkdir()
    content = CRAFTED[kind](secret)
    (folder / "000").write_bytes(content)
    begin = datetime.fromisoformat("2026-11-23T01:00:00+00:00")
    stretch = Stretch(begin, begin + timedelta(seconds=1))
    source = Source("000", "A-01", "camera", demuxer_of(content[:16]), 0, ())
    command = arguments([source], stretch, look(), folder, job.COPY)
    try:
        await asyncio.wait_for(job.run(["ffmpeg", *command], folder, 1000, lambda _: None), 60)
    except job.ExportFailed:
        return
    assert b"the secret" not in (folder / job.COPY).read_bytes()
    assert probed(folder / job.COPY)["streams"][0]["codec_name"] == "h264"

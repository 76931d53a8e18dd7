"""The picture of a copy: seats as tiles on one canvas, each with label, clock and who asked; all sounds together.

Builds an argument list and runs nothing. Words go to ffmpeg as files, never inside an argument.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from media.export.sources import PICTURES, SOUNDS, Source, Stretch

RATE = 15
# Width and height of a tile by the most tiles on a canvas.
TILES = ((1, (960, 540)), (4, (640, 360)), (9, (480, 270)))
SMALL = (320, 180)
# A crafted frame of VP8 may say 16383 x 16383: more than a screen of twice Full HD is decoded by nobody.
MOST_PIXELS = 3840 * 2160
BEIJING_S = 8 * 3600


@dataclass(frozen=True, slots=True)
class Look:
    """What stands over a copy: each seat's label, who asked for it, and the font that shows both."""

    labels: Mapping[str, str]
    mark: str
    font: Path


def arguments(sources: Sequence[Source], stretch: Stretch, look: Look, folder: Path, name: str) -> list[str]:
    """ffmpeg's arguments to make `name` of the sources in a folder; writes the words it shows into files there."""
    seconds = stretch.duration_ms / 1000
    streams = [_opened(source) for source in sources]
    picture = _canvas(sources, streams, stretch, look, folder)
    sounds = [
        _placed_sound(stream.audio, source)
        for source, stream in zip(sources, streams, strict=True)
        if source.kind in SOUNDS
    ]
    silence = ffmpeg.input(f"anullsrc=r=48000:cl=mono:d={seconds}", f="lavfi")
    sound = ffmpeg.filter([silence, *sounds], "amix", inputs=len(sounds) + 1, duration="first", normalize=0)
    output = ffmpeg.output(
        picture,
        sound,
        name,
        format="mp4",
        vcodec="libx264",
        preset="veryfast",
        crf=26,
        pix_fmt="yuv420p",
        acodec="aac",
        audio_bitrate="96k",
        movflags="+faststart",
        t=seconds,
    )
    flags = (
        "-nostdin",
        "-hide_banner",
        "-nostats",
        "-loglevel",
        "error",
        "-progress",
        "pipe:1",
        "-filter_threads",
        "1",
    )
    return [*flags, *ffmpeg.get_args(output)]


def _opened(source: Source) -> Any:  # noqa: ANN401 - the library has no types
    """An input whose kind is said and not guessed, that opens files alone and goes on when its picture changes size."""
    return ffmpeg.input(
        source.name,
        f=source.demuxer,
        protocol_whitelist="file,pipe",
        reinit_filter=0,
        max_pixels=MOST_PIXELS,
        max_streams=4,
    )


def _canvas(sources: Sequence[Source], streams: Sequence[Any], stretch: Stretch, look: Look, folder: Path) -> Any:  # noqa: ANN401 - the library has no types
    shown = sorted({(one.seat, PICTURES.index(one.kind)) for one in sources if one.kind in PICTURES})
    (width, height), columns = _tile(len(shown)), math.ceil(math.sqrt(max(len(shown), 1)))
    rows = math.ceil(max(len(shown), 1) / columns)
    size = f"{columns * width}x{rows * height}"
    canvas = ffmpeg.input(f"color=c=black:s={size}:r={RATE}:d={stretch.duration_ms / 1000}", f="lavfi")
    places = {tile: (n % columns * width, n // columns * height) for n, tile in enumerate(shown)}
    for source, stream in zip(sources, streams, strict=True):
        if source.kind in PICTURES:
            x, y = places[source.seat, PICTURES.index(source.kind)]
            tile = _placed_picture(stream.video, source.starts_ms, width, height)
            canvas = ffmpeg.filter([canvas, tile], "overlay", x=x, y=y, eof_action="pass")
    clock = _written(folder, "clock", f"%{{pts:gmtime:{int(stretch.begin.timestamp()) + BEIJING_S}}} ")
    mark = _written(folder, "mark", look.mark)
    for n, ((seat, _), (x, y)) in enumerate(places.items()):
        label = _written(folder, f"label-{n}", look.labels.get(seat, seat))
        canvas = _text(canvas, look, label, (x + 8, y + 8), expansion="none")
        canvas = _text(canvas, look, clock, (x + 8, y + height - 28), expansion="normal")
        canvas = _text(canvas, look, mark, (x + width // 8, y + height // 2), expansion="none", alpha=0.5)
    return canvas


def _tile(count: int) -> tuple[int, int]:
    return next((size for most, size in TILES if count <= most), SMALL)


def _placed_picture(stream: Any, starts_ms: int, width: int, height: int) -> Any:  # noqa: ANN401
    return (
        stream.filter("setpts", f"PTS-STARTPTS+({starts_ms}/1000)/TB")
        .filter("scale", width, height, force_original_aspect_ratio="decrease")
        .filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2")
    )


def _placed_sound(stream: Any, source: Source) -> Any:  # noqa: ANN401
    whole = stream.filter("asetpts", "PTS-STARTPTS").filter("aresample", **{"async": 1, "first_pts": 0})
    if source.starts_ms < 0:
        return whole.filter("atrim", start=-source.starts_ms / 1000).filter("asetpts", "PTS-STARTPTS")
    return whole.filter("adelay", f"{source.starts_ms}", all=1)


def _text(stream: Any, look: Look, file: str, place: tuple[int, int], **more: object) -> Any:  # noqa: ANN401
    x, y = place
    return stream.filter(
        "drawtext",
        fontfile=str(look.font),
        textfile=file,
        x=x,
        y=y,
        fontsize=16,
        fontcolor="white",
        box=1,
        boxcolor="black@0.5",
        **more,
    )


def _written(folder: Path, name: str, words: str) -> str:
    file = f"{name}.txt"
    (folder / file).write_text(words, encoding="utf-8")
    return file

"""A film for the browsers' fake cameras: 320x180, some frames a second, somebody sits at a wall and sways."""

import math
from pathlib import Path

WIDTH, HEIGHT, FRAMES, SWAY = 320, 180, 16, 14
# Luma and the two colours of wall, jacket and face.
WALL, JACKET, FACE = (186, 124, 130), (72, 140, 118), (168, 112, 148)
SHAPES = ((JACKET, 190, 92, 84), (FACE, 84, 34, 42))


def write_camera(path: Path, per_second: int = 4) -> Path:
    """YUV4MPEG2, which Chromium plays again and again."""
    frames = (b"FRAME\n" + _picture(round(SWAY * math.sin(2 * math.pi * at / FRAMES))) for at in range(FRAMES))
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{per_second}:1 Ip A1:1 C420jpeg\n".encode() + b"".join(frames))
    return path


def _picture(shift: int) -> bytes:
    """Three planes of one frame; the colour planes are half as wide and half as high."""
    return b"".join(_plane(plane, shift, 2 if plane else 1) for plane in range(3))


def _plane(plane: int, shift: int, scale: int) -> bytes:
    rows = bytearray()
    for y in range(0, HEIGHT, scale):
        row = bytearray([WALL[plane]]) * (WIDTH // scale)
        for colour, middle, wide, high in SHAPES:
            half = round(wide * math.sqrt(max(0.0, 1 - ((y - middle) / high) ** 2))) // scale
            left = (WIDTH // 2 + shift) // scale - half
            row[left : left + 2 * half] = bytes([colour[plane]]) * (2 * half)
        rows += row
    return bytes(rows)

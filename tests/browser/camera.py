"""A film for the browsers' fake cameras: 320x180, 10 frames a second, a bright bar that wanders over a blue wall."""

from pathlib import Path

WIDTH, HEIGHT, FRAMES, BAR = 320, 180, 37, 24
WALL, LIGHT = (70, 150, 110), (200, 60, 150)


def write_camera(path: Path) -> Path:
    """YUV4MPEG2, which Chromium plays again and again."""
    frames = (b"FRAME\n" + _picture(8 * number) for number in range(FRAMES))
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + b"".join(frames))
    return path


def _picture(left: int) -> bytes:
    """Three planes of one frame; the colour planes are half as wide and half as high."""
    planes = ((WIDTH, HEIGHT, left, BAR), *((WIDTH // 2, HEIGHT // 2, left // 2, BAR // 2),) * 2)
    return b"".join(
        (bytes([wall]) * at + bytes([light]) * bar + bytes([wall]) * (width - at - bar)) * height
        for (width, height, at, bar), wall, light in zip(planes, WALL, LIGHT, strict=True)
    )

"""The QR code on a page: a reader of another make reads the text back, and the picture brings nothing of its own."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import zxingcpp

from web import qr

DIGEST = "sha256:" + "0f" * 32
SCALE = 4
STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def _drawing(address: str) -> ElementTree.Element:
    kind, _, data = address.partition(",")
    assert kind.startswith("data:image/svg+xml")
    return ElementTree.fromstring(unquote(data))  # noqa: S314  # our own bytes


def _painted(drawing: ElementTree.Element) -> list[bytearray]:
    """The black runs of the SVG as grey pixels, one row of modules each."""
    size = int(drawing.attrib["width"])
    rows = [bytearray(b"\xff" * size) for _ in range(size)]
    black = next(path for path in drawing if path.get("stroke") == "#000")
    x, y = 0, 0.0
    for step, first, second in STEP.findall(black.attrib["d"]):
        if step == "h":
            rows[int(y)][x : x + int(first)] = bytes(int(first))
            x += int(first)
        else:
            x, y = (x + int(first), y + float(second)) if step == "m" else (int(first), float(second))
    return rows


def test_a_reader_of_another_make_reads_the_text_back() -> None:
    rows = _painted(_drawing(qr.picture(DIGEST)))
    pixels = b"".join(bytes(b for b in row for _ in range(SCALE)) * SCALE for row in rows)
    side = len(rows) * SCALE
    [found] = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (side, side)))
    assert (found.text, found.format.name) == (DIGEST, "QRCode")


def test_the_picture_holds_shapes_alone() -> None:
    drawing = _drawing(qr.picture(DIGEST))
    assert {part.tag.partition("}")[2] for part in drawing.iter()} == {"svg", "path"}
    assert not [part for part in drawing.iter() if "style" in part.attrib or "href" in part.attrib]

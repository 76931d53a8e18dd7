"""A text as a QR code (ISO/IEC 18004) for a page: an image whose address is the picture itself, as the policy allows.

Give the address to `<img src>` with an `alt` that says what the code holds; nothing is loaded, nothing is scripted.
"""

import segno

QUIET_ZONE = 4
"""Modules of white around the code: what the standard asks for, or telephones do not find it."""


def picture(text: str) -> str:
    """The `data:` address of an SVG, black on white whatever the page's colours, with 15 % of error correction."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_data_uri(border=QUIET_ZONE, dark="#000", light="#fff")

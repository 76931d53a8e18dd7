"""The codecs of the media plane. A codec is one value with everything that is particular to it on the wire.

What is particular to it in a file stands in `media/record/master.py`. Nothing else tells codecs apart.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from media import h264, vp8
from media.engine import Medium
from media.payload import MalformedPayload, Payload

Parameters = Mapping[str, str | int | None]

# Constrained baseline (RFC 6184 §8.1): every H.264 decoder has it, and browsers do not send B-frames in it.
_CONSTRAINED_BASELINE = re.compile(r"42[4-7c-f][0-9a-f]{3}")


@dataclass(frozen=True, slots=True)
class Codec:
    """`name` is its word in records; `payload` and `rtx_payload` (0: none) number it where this side makes the offer.

    `fmtp` are its parameters there; `answer_to` gives those that answer an offer, None if that offer is not taken.
    `is_key_frame` looks at a whole frame; it and `parse_payload` raise `MalformedPayload`.
    """

    name: str
    medium: Medium
    rtpmap: str
    payload: int
    rtx_payload: int
    fmtp: str
    answer_to: Callable[[Parameters], str | None]
    parse_payload: Callable[[bytes], Payload]
    is_key_frame: Callable[[bytes], bool]

    def starts_key_frame(self, payload: bytes) -> bool:
        """Whether a decoder can begin with this packet; never raises."""
        try:
            return self.parse_payload(payload).starts_key_frame
        except MalformedPayload:
            return False


def _answer_h264(offered: Parameters) -> str | None:
    profile = str(offered.get("profile-level-id", "")).lower()
    if str(offered.get("packetization-mode", 0)) != "1" or not _CONSTRAINED_BASELINE.fullmatch(profile):
        return None
    return _h264_fmtp(profile)


def _h264_fmtp(profile: str) -> str:
    return f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}"


# No DTX: its holes would split the recording (`usedtx` stays at its default of 0).
_OPUS_FMTP = "minptime=10;useinbandfec=1"

VP8 = Codec("vp8", "video", "VP8/90000", 96, 97, "", lambda _: "", vp8.parse_payload, vp8.is_key_frame)
H264 = Codec(
    "h264",
    "video",
    "H264/90000",
    98,
    99,
    _h264_fmtp("42e01f"),
    _answer_h264,
    h264.parse_payload,
    h264.is_key_frame,
)
OPUS = Codec(
    "opus",
    "audio",
    "opus/48000/2",
    111,
    0,
    _OPUS_FMTP,
    lambda _: _OPUS_FMTP,
    lambda payload: Payload(payload, True, True),
    lambda _: True,
)

# In the order in which they are offered, and chosen from an offer.
CODECS: Mapping[Medium, tuple[Codec, ...]] = {"video": (VP8, H264), "audio": (OPUS,)}


def by_preference(medium: Medium, preferred: str) -> list[Codec]:
    """The codecs of a medium, the one of this name first."""
    return sorted(CODECS[medium], key=lambda codec: codec.name != preferred)

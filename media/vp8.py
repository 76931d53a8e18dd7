"""VP8 as it travels and as it is kept: the RTP payload descriptor (RFC 7741) and the frame header (RFC 6386 §9.1)."""

from media.payload import MalformedPayload, Payload

_KEY_FRAME_HEADER = 10
# S bit set, partition 0 (RFC 7741 §4.2).
_START_MASK, _START = 0x17, 0x10
_START_CODE = b"\x9d\x01\x2a"


def parse_payload(payload: bytes) -> Payload:
    """Strip the payload descriptor `X R N S R PID | [I L T K] | [picture id] | [TL0] | [TID KEY]`.

    Raises `MalformedPayload`.
    """
    try:
        at, first = 1, payload[0]
        if first & 0x80:
            extension = payload[1]
            at = 2
            if extension & 0x80:
                at += 2 if payload[at] & 0x80 else 1
            at += (1 if extension & 0x40 else 0) + (1 if extension & 0x30 else 0)
    except IndexError:
        raise MalformedPayload("descriptor") from None
    if at >= len(payload):
        raise MalformedPayload("empty")
    data = payload[at:]
    starts_frame = first & _START_MASK == _START
    return Payload(data, starts_frame, starts_frame and is_key_frame(data))


def is_key_frame(frame: bytes) -> bool:
    """Whether these bytes begin a key frame."""
    return len(frame) >= _KEY_FRAME_HEADER and not frame[0] & 1 and frame[3:6] == _START_CODE


def size_of(key_frame: bytes) -> tuple[int, int]:
    """Width and height of a key frame, in pixels."""
    return (
        int.from_bytes(key_frame[6:8], "little") & 0x3FFF,
        int.from_bytes(key_frame[8:10], "little") & 0x3FFF,
    )

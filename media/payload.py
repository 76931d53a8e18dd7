"""One RTP payload of any codec, as its parser gives it. What is no payload is refused by one exception."""

from dataclasses import dataclass


class MalformedPayload(ValueError):
    """These bytes are not what their codec sends."""

    code = "bad-payload"


@dataclass(frozen=True, slots=True)
class Payload:
    """The codec's bytes of one packet: joined in order they are the frame.

    `starts_frame`: no packet of the same frame needs to come before it. `starts_key_frame`: that frame can be decoded
    alone, as far as its first packet tells.
    """

    data: bytes
    starts_frame: bool
    starts_key_frame: bool

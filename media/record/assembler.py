"""From RTP packets in any order to whole encoded frames in order. Decodes nothing, invents nothing."""

from dataclasses import dataclass

from media.codecs import Codec
from media.embedded import rtp
from media.embedded.inbound import Inbound
from media.payload import MalformedPayload, Payload

# Long enough for six retransmission requests 40 ms apart and a round trip of the country's width.
_HOLD_REPAIRABLE_S = 0.5
_HOLD_PLAIN_S = 0.06
_OPUS_FRAME_MS = {0: (10, 20, 40, 60), 1: (10, 20), 2: (2.5, 5, 10, 20)}
_OPUS_SILK_CONFIGS, _OPUS_HYBRID_CONFIGS = 12, 16
_MARKER = 0x80
# A key frame of a seat has some hundred kilobytes; one that never ends must end somewhere.
_MAX_FRAME_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded frame: its codec, extended RTP time stamp, when its first packet came (monotonic seconds).

    `follows_loss`: between it and the frame before, something was sent that never came.
    """

    codec: Codec
    stamp: int
    arrival: float
    key: bool
    data: bytes
    follows_loss: bool = False


def opus_duration_ms(packet: bytes) -> int:
    """Duration of an Opus packet by its TOC byte (RFC 6716 §3.1), at least 1."""
    config, code = packet[0] >> 3, packet[0] & 3
    if config < _OPUS_SILK_CONFIGS:
        frame = _OPUS_FRAME_MS[0][config % 4]
    elif config < _OPUS_HYBRID_CONFIGS:
        frame = _OPUS_FRAME_MS[1][config % 2]
    else:
        frame = _OPUS_FRAME_MS[2][config % 4]
    frames = (1, 2, 2)[code] if code < 3 else packet[1] & 0x3F if len(packet) > 1 else 1  # noqa: PLR2004
    return max(1, int(frame * frames))


class Assembler:
    """Frames of one source. A hole that is not repaired in time costs the frames up to the next key frame."""

    def __init__(self, source: Inbound) -> None:
        self.source = source
        self._codec = source.stream.codec
        self._is_video = self._codec.medium == "video"
        self.needs_key_frame = self._is_video
        self._held: dict[int, tuple[bytes, float]] = {}
        self._next: int | None = None
        self._stamp = 0
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self._parts_stamp = -1
        self._parts_arrival = 0.0
        self._has_lost = False

    def push(self, number: int, packet: bytes, now: float) -> list[Frame]:
        """Take a packet, give the frames that are complete with it."""
        if self._next is None:
            self._next = number
            self._stamp = rtp.fields(packet)[2]
        if number == self._next and not self._held:
            self._next = number + 1
            return self._take(packet, now)
        if number < self._next:
            return []
        self._held[number] = (packet, now)
        return self.drain(now)

    def drain(self, now: float) -> list[Frame]:
        """Give what is complete; skip a hole that has been waited for long enough."""
        frames: list[Frame] = []
        while self._held and self._next is not None:
            held = self._held.pop(self._next, None)
            if held is not None:
                self._next += 1
                frames += self._take(*held)
                continue
            first = min(self._held)
            if now - self._held[first][1] < (_HOLD_REPAIRABLE_S if self.source.is_repairable else _HOLD_PLAIN_S):
                break
            self._next = first
            self._has_lost = True
            self._break_off()
        return frames

    def _break_off(self) -> None:
        self._parts = []
        self.needs_key_frame = self._is_video

    def _take(self, packet: bytes, arrival: float) -> list[Frame]:
        second, _, stamp, _ = rtp.fields(packet)
        self._stamp = rtp.unwrap_stamp(stamp, self._stamp)
        payload = rtp.payload_of(packet)
        if not payload:
            return []
        if not self._is_video:
            return [self._frame(self._stamp, arrival, True, payload)]
        frames: list[Frame] = []
        try:
            part = self._codec.parse_payload(payload)
            if self._parts and self._parts_stamp != self._stamp:
                frames += self._complete()  # its last packet had no marker (RFC 6184 §5.1), but nothing is missing
            if self._takes(part, arrival) and second & _MARKER:
                frames += self._complete()
        except MalformedPayload:
            self._break_off()
        return frames

    def _takes(self, part: Payload, arrival: float) -> bool:
        """Put a packet to its frame; one that belongs to none breaks the sequence of frames."""
        if self._parts:
            self._parts.append(part.data)
            self._parts_bytes += len(part.data)
            if self._parts_bytes > _MAX_FRAME_BYTES:
                self._break_off()
        elif part.starts_frame:
            self._parts, self._parts_stamp, self._parts_arrival = [part.data], self._stamp, arrival
            self._parts_bytes = len(part.data)
        else:
            self._break_off()
        return bool(self._parts)

    def _complete(self) -> list[Frame]:
        data, self._parts = b"".join(self._parts), []
        key = self._codec.is_key_frame(data)
        if self.needs_key_frame and not key:
            return []
        self.needs_key_frame = False
        return [self._frame(self._parts_stamp, self._parts_arrival, key, data)]

    def _frame(self, stamp: int, arrival: float, key: bool, data: bytes) -> Frame:
        follows_loss, self._has_lost = self._has_lost, False
        return Frame(self._codec, stamp, arrival, key, data, follows_loss)

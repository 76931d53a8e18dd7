"""From RTP packets in any order to whole encoded frames in order. Decodes nothing, invents nothing."""

from dataclasses import dataclass

from media import vp8
from media.embedded import rtp
from media.embedded.inbound import Inbound

# Long enough for six retransmission requests 40 ms apart and a round trip of the country's width.
_HOLD_REPAIRABLE_S = 0.5
_HOLD_PLAIN_S = 0.06
_OPUS_FRAME_MS = {0: (10, 20, 40, 60), 1: (10, 20), 2: (2.5, 5, 10, 20)}
_OPUS_SILK_CONFIGS, _OPUS_HYBRID_CONFIGS = 12, 16


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded frame: extended RTP time stamp, when its first packet came (monotonic seconds)."""

    stamp: int
    arrival: float
    key: bool
    data: bytes


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
        self.needs_key_frame = source.stream.medium == "video"
        self._is_video = source.stream.medium == "video"
        self._hold_s = _HOLD_REPAIRABLE_S if source.stream.rtx_ssrc else _HOLD_PLAIN_S
        self._held: dict[int, tuple[bytes, float]] = {}
        self._next: int | None = None
        self._stamp = 0
        self._parts: list[bytes] = []
        self._parts_stamp = -1
        self._parts_arrival = 0.0

    def push(self, number: int, packet: bytes, now: float) -> list[Frame]:
        """Take a packet, give the frames that are complete with it."""
        if self._next is None:
            self._next = number
            self._stamp = rtp.fields(packet)[2]
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
            if now - self._held[first][1] < self._hold_s:
                break
            self._next = first
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
            return [Frame(self._stamp, arrival, True, payload)]
        try:
            parsed = vp8.parse_payload(payload)
        except vp8.MalformedVp8:
            self._break_off()
            return []
        return self._take_part(parsed, bool(second & 0x80), arrival)

    def _take_part(self, part: vp8.Payload, is_last: bool, arrival: float) -> list[Frame]:
        if part.starts_frame:
            if self._parts:
                self._break_off()
            self._parts, self._parts_stamp, self._parts_arrival = [part.data], self._stamp, arrival
        elif self._parts and self._parts_stamp == self._stamp:
            self._parts.append(part.data)
        else:
            self._break_off()
        if not is_last or not self._parts:
            return []
        data, self._parts = b"".join(self._parts), []
        key = vp8.is_key_frame(data)
        if self.needs_key_frame and not key:
            return []
        self.needs_key_frame = False
        return [Frame(self._parts_stamp, self._parts_arrival, key, data)]

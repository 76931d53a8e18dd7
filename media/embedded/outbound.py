"""One forwarded stream to one subscriber: a continuous RTP stream whatever source stands behind it."""

import secrets

from media import vp8
from media.embedded import rtp
from media.embedded.inbound import Inbound
from media.embedded.peer import Peer
from media.embedded.rtcp import SenderReport, sender_report
from media.embedded.sdp import AUDIO_PAYLOAD, CLOCK_RATE, RTX_PAYLOAD, VIDEO_PAYLOAD
from media.engine import TrackRef

_SEQUENCE_MASK, _STAMP_MASK = 0xFFFF, 0xFFFFFFFF
_MARKER = 0x80


class Outbound:
    """Rewrites payload type, sequence number, time stamp and SSRC; carries on after a pause or a new source."""

    def __init__(self, track: TrackRef, cname: str) -> None:
        self.track = track
        self.cname = cname
        self.ssrc = secrets.randbits(31) + 1
        self.rtx_ssrc = secrets.randbits(31) + 1
        self.packets = 0
        self.retransmitted = 0
        self.peer: Peer | None = None
        self._octets = 0
        self._is_video = track.medium == "video"
        self._payload = VIDEO_PAYLOAD if self._is_video else AUDIO_PAYLOAD
        self._clock_rate = CLOCK_RATE[track.medium]
        self._source: Inbound | None = None
        self._floor = 0
        self._sequence_shift = 0
        self._stamp_shift = 0
        self._next_sequence = secrets.randbits(14) + (1 << 16)
        self._last_stamp = secrets.randbits(31)
        self._last_sent = 0.0
        self._rtx_sequence = secrets.randbits(14)

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a key frame (or any audio packet) to begin with."""
        return self._source is None

    def pause(self) -> None:
        """Send nothing until a fresh start is possible."""
        self._source = None

    def forward(self, source: Inbound, number: int, packet: bytes, now: float) -> None:
        """Send one packet of `source` on, if the subscriber can use it."""
        peer = self.peer
        if peer is None:
            return
        second, _, stamp, _ = rtp.fields(packet)
        if self._source is not source:
            if self._is_video and not _starts_key_frame(packet):
                return
            self._begin(source, number, stamp, now)
        if number < self._floor:
            return
        sequence = number + self._sequence_shift
        if sequence >= self._next_sequence:
            self._next_sequence = sequence + 1
            self._last_stamp = stamp + self._stamp_shift
            self._last_sent = now
        self.packets += 1
        self._octets += len(packet) - rtp.HEADER_BYTES
        header = (
            second & _MARKER | self._payload,
            sequence & _SEQUENCE_MASK,
            (stamp + self._stamp_shift) & _STAMP_MASK,
            self.ssrc,
        )
        peer.send_rtp(packet, header)

    def _begin(self, source: Inbound, number: int, stamp: int, now: float) -> None:
        elapsed = int((now - self._last_sent) * self._clock_rate) if self._last_sent else 0
        self._source = source
        self._floor = number
        self._sequence_shift = self._next_sequence - number
        self._stamp_shift = self._last_stamp + max(elapsed, 1) - stamp

    def retransmit(self, lost: tuple[int, ...]) -> None:
        """Answer a NACK from the source's cache, on the RTX stream."""
        source, peer = self._source, self.peer
        if source is None or peer is None or not self._is_video:
            return
        for sequence in lost:
            number = rtp.unwrap(sequence, self._next_sequence) - self._sequence_shift
            packet = source.cached(number) if number >= self._floor else None
            if packet is None:
                continue
            second, _, stamp, _ = rtp.fields(packet)
            body = rtp.wrap(packet)
            # The original sequence number in the body must be the one that this subscriber knows.
            body = body[: rtp.HEADER_BYTES] + sequence.to_bytes(2, "big") + body[rtp.HEADER_BYTES + 2 :]
            self._rtx_sequence = (self._rtx_sequence + 1) & _SEQUENCE_MASK
            header = (
                second & _MARKER | RTX_PAYLOAD,
                self._rtx_sequence,
                (stamp + self._stamp_shift) & _STAMP_MASK,
                self.rtx_ssrc,
            )
            peer.send_rtp(body, header)
            self.retransmitted += 1

    def forward_report(self, source: Inbound, report: SenderReport) -> None:
        """Send the publisher's clock on, so that the subscriber can keep lip sync."""
        if self._source is not source or self.peer is None:
            return
        moved = SenderReport(self.ssrc, report.ntp, (report.rtp + self._stamp_shift) & _STAMP_MASK)
        self.peer.send_rtcp(sender_report(moved, self.packets, self._octets, self.cname))


def _starts_key_frame(packet: bytes) -> bool:
    try:
        payload = vp8.parse_payload(rtp.payload_of(packet))
    except vp8.MalformedVp8:
        return False
    return payload.starts_frame and vp8.is_key_frame(payload.data)

"""One forwarded stream to one subscriber: a continuous RTP stream whatever source stands behind it."""

import secrets

from media.embedded import rtp
from media.embedded.fanout import FanOut, Lane
from media.embedded.inbound import Inbound
from media.embedded.peer import Peer
from media.embedded.rtc import Protector
from media.embedded.rtcp import SenderReport, sender_report
from media.embedded.sdp import CLOCK_RATE
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
        self._protector: Protector | None = None
        self._octets = 0
        self._is_video = track.medium == "video"
        # The payload types that the subscriber's answer took.
        self.accepted: frozenset[int] = frozenset()
        self._clock_rate = CLOCK_RATE[track.medium]
        self._source: Inbound | None = None
        self._floor = 0
        self._sequence_shift = 0
        self._stamp_shift = 0
        self._next_sequence = secrets.randbits(14) + (1 << 16)
        self._last_stamp = secrets.randbits(31)
        self._last_sent = 0.0
        self._rtx_sequence = secrets.randbits(14)

    def waits_for(self, source: Inbound | None) -> bool:
        """Whether a key frame of this source (or any audio packet) would let it begin."""
        return self._source is None and source is not None and source.stream.codec.payload in self.accepted

    def pause(self) -> None:
        """Send nothing until a fresh start is possible."""
        self._source = None

    def follows(self, source: Inbound) -> bool:
        """Whether it carries this source on."""
        return self._source is source

    def begin(self, source: Inbound, number: int, packet: bytes, now: float) -> bool:
        """Carry `source` on from this packet, if the subscriber is there and can begin with it."""
        codec = source.stream.codec
        if self.peer is None or self.peer.protector is None or codec.payload not in self.accepted:
            return False
        if self._is_video and not codec.starts_key_frame(rtp.payload_of(packet)):
            return False
        if self._protector is None:
            self._protector = self.peer.protector.for_stream()
        elapsed = int((now - self._last_sent) * self._clock_rate) if self._last_sent else 0
        self._source = source
        self._floor = number
        self._sequence_shift = self._next_sequence - number
        self._stamp_shift = self._last_stamp + max(elapsed, 1) - rtp.fields(packet)[2]
        return True

    @property
    def lane(self) -> Lane | None:
        """Its part in the fan of its source; None while it has none."""
        peer = self.peer
        if peer is None or not peer.is_connected or self._protector is None or self._source is None:
            return None
        return Lane(peer, self._protector, self.ssrc, self._floor, self._sequence_shift, self._stamp_shift)

    def settle(self, fan: FanOut) -> None:
        """Take over what the fan sent since it was made or last settled."""
        sequence = fan.highest + self._sequence_shift
        if fan.highest >= self._floor and sequence >= self._next_sequence:
            self._next_sequence = sequence + 1
            self._last_stamp = fan.stamp + self._stamp_shift
            self._last_sent = fan.sent_at
        self.packets += fan.packets
        self._octets += fan.octets

    def retransmit(self, lost: tuple[int, ...]) -> None:
        """Answer a NACK from the source's cache, on the RTX stream."""
        source, peer = self._source, self.peer
        if source is None or peer is None or not self._is_video:
            return
        for sequence in lost:
            number = rtp.unwrap(sequence, source.highest + self._sequence_shift) - self._sequence_shift
            packet = source.cached(number) if number >= self._floor else None
            if packet is None:
                continue
            second, _, stamp, _ = rtp.fields(packet)
            body = rtp.wrap(packet)
            # The original sequence number in the body must be the one that this subscriber knows.
            body = body[: rtp.HEADER_BYTES] + sequence.to_bytes(2, "big") + body[rtp.HEADER_BYTES + 2 :]
            self._rtx_sequence = (self._rtx_sequence + 1) & _SEQUENCE_MASK
            header = (
                second & _MARKER | source.stream.codec.rtx_payload,
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

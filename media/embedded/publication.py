"""What one connection of a seat publishes: routes packets by SSRC, asks for lost ones, reports back to the sender."""

import asyncio
import contextlib

from media.embedded import rtcp, rtp
from media.embedded.inbound import NACK_EVERY_S, Inbound
from media.embedded.peer import Peer
from media.embedded.quality import Quality
from media.embedded.track import LiveTrack
from media.engine import SeatId

DEAD_AFTER_S = 3.5
_FIRST_NACK_S = 0.01
_OUR_SSRC = 1
_KIND_MASK = 0x7F


class Publication:
    """Streams of one seat over one connection; `is_lost` after 3.5 s without an authenticated packet."""

    def __init__(self, seat: SeatId, peer: Peer, tracks: list[tuple[LiveTrack, Inbound]], limit_bps: int) -> None:
        self.seat = seat
        self.peer = peer
        self.tracks = [track for track, _ in tracks]
        self.quality = Quality()
        self.is_lost = False
        self._limit_bps = limit_bps
        self._sources = tracks
        self._by_ssrc = {source.stream.ssrc: (track, source) for track, source in tracks}
        self._by_rtx = {source.stream.rtx_ssrc: (track, source) for track, source in tracks if source.stream.rtx_ssrc}
        self._nack_timer: asyncio.TimerHandle | None = None
        peer.on_rtp = self._on_rtp
        peer.on_rtcp = self._on_rtcp

    @property
    def codec(self) -> str:
        """That of its pictures, empty without one: a browser offers the same for all of them."""
        pictures = (source.stream.codec for track, source in self._sources if track.ref.medium == "video")
        return next((codec.name for codec in pictures), "")

    @property
    def feeds_any(self) -> bool:
        """Whether any track still comes from this connection."""
        return any(track.publisher is self.peer for track in self.tracks)

    def connect(self) -> None:
        """The connection is up: feed the tracks from here."""
        for track, source in self._sources:
            track.attach(source, self.peer)

    def disconnect(self, reason: str) -> list[LiveTrack]:
        """Feed nothing any more; give the tracks that fell silent by it."""
        if self._nack_timer is not None:
            self._nack_timer.cancel()
        silent = [track for track in self.tracks if track.detach(self.peer)]
        for track in silent:
            track.recording.on_silence(reason)
        return silent

    def _on_rtp(self, packet: bytes, now: float) -> None:
        second, sequence, stamp, ssrc = rtp.fields(packet)
        found = self._by_ssrc.get(ssrc)
        if found is not None:
            track, source = found
            if second & _KIND_MASK != source.stream.payload:
                return
            number = source.accept(packet, sequence, stamp, now)
        else:
            # Retransmissions must be told apart before anything else: as media they would break the sequence.
            found = self._by_rtx.get(ssrc)
            repair = found[1].accept_repair(packet, now) if found is not None else None
            if found is None or repair is None:
                return
            track, source = found
            number, packet = repair
        if number is None:
            return
        track.on_packet(source, number, packet, now)
        if source.missing and self._nack_timer is None:
            self._nack_timer = asyncio.get_running_loop().call_later(_FIRST_NACK_S, self._send_nacks)

    def _send_nacks(self) -> None:
        self._nack_timer = None
        loop = asyncio.get_running_loop()
        for _, source in self._sources:
            lost = source.due_nacks(loop.time())
            if lost:
                self.peer.send_rtcp(rtcp.nack(_OUR_SSRC, source.stream.ssrc, lost))
        if any(source.missing for _, source in self._sources):
            self._nack_timer = loop.call_later(NACK_EVERY_S, self._send_nacks)

    def _on_rtcp(self, packet: bytes, now: float) -> None:
        with contextlib.suppress(rtcp.MalformedRtcp):
            for report in rtcp.parse(packet):
                if isinstance(report, rtcp.SenderReport) and report.ssrc in self._by_ssrc:
                    track, source = self._by_ssrc[report.ssrc]
                    source.sender_clock, source.sender_clock_at = report, now
                    track.on_sender_report(report)

    def report(self, now: float) -> None:
        """Once a second: receiver report, bandwidth limit, and a window of quality."""
        blocks = [block for _, source in self._sources if (block := source.report(now)) is not None]
        if not blocks:
            return
        limit = rtcp.bitrate_limit(_OUR_SSRC, self._limit_bps, [block.ssrc for block in blocks])
        self.peer.send_rtcp(rtcp.receiver_report(_OUR_SSRC, blocks) + limit)
        self.quality.observe(now, [source for _, source in self._sources])

    def silent_for(self, now: float) -> float:
        """Seconds since the last authenticated packet."""
        return now - self.peer.heard

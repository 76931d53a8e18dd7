"""A track of a room: whatever source feeds it, its subscribers and its recording stay. Forwards; decides nothing."""

from collections.abc import Callable

from media.embedded import rtcp
from media.embedded.fanout import FanOut
from media.embedded.inbound import Inbound
from media.embedded.outbound import Outbound
from media.embedded.peer import Peer
from media.embedded.port import MediaPort
from media.engine import MemberId, TrackRef, TrackStats
from media.record.recording import Recording

_KEY_REQUEST_EVERY_S = 0.5


class LiveTrack:
    """Joins one arriving stream with many leaving ones and with the recorder."""

    def __init__(self, ref: TrackRef, recording: Recording, port: MediaPort) -> None:
        self.ref = ref
        self.recording = recording
        self.outputs: dict[MemberId, Outbound] = {}
        self.is_muted = False
        # Told of each packet, while the room has to choose among its speakers.
        self.listener: Callable[[Inbound, bytes, float], None] | None = None
        self.source: Inbound | None = None
        self._publisher: Peer | None = None
        self._port = port
        self._open: tuple[Outbound, ...] = ()
        # Those of the open that carry the present source on, and those that wait for a packet to begin with.
        self._flowing: tuple[Outbound, ...] = ()
        self._waiting: tuple[Outbound, ...] = ()
        self._fan: FanOut | None = None
        self._key_requested = 0.0
        self._past = (0, 0, 0)
        self._breaks = 0

    @property
    def publisher(self) -> Peer | None:
        """The connection that feeds this track now."""
        return self._publisher

    def attach(self, source: Inbound, publisher: Peer) -> None:
        """Let a new source feed this track."""
        self._remember()
        self.source, self._publisher = source, publisher
        self._breaks = source.breaks
        self._regroup()

    def detach(self, publisher: Peer) -> bool:
        """Take the source away if it still comes from this connection."""
        if self._publisher is not publisher:
            return False
        self._remember()
        self.source, self._publisher = None, None
        self._regroup()
        return True

    def _remember(self) -> None:
        if self.source is not None:
            received, repaired, lost = self._past
            self._past = (received + self.source.received, repaired + self.source.repaired, lost + self.source.lost)

    def open_for(self, audience: frozenset[MemberId]) -> None:
        """Let exactly these members' outputs pass."""
        passing = tuple(out for member, out in self.outputs.items() if member in audience)
        if passing == self._open:
            return
        self.settle()
        for out in self.outputs.values():
            if out not in passing:
                out.pause()
        self._open = passing
        self._regroup()

    def settle(self) -> None:
        """Let every output know what the fan has sent for it."""
        if self._fan is not None:
            for out in self._flowing:
                out.settle(self._fan)
            self._fan.packets = self._fan.octets = 0

    def _regroup(self) -> None:
        """Make the fan anew: who is in it has changed."""
        self.settle()
        source = self.source
        lanes = {out: out.lane for out in self._open if source is not None and out.follows(source)}
        self._flowing = tuple(out for out, lane in lanes.items() if lane is not None)
        self._waiting = tuple(out for out in self._open if out not in self._flowing)
        present = [lane for lane in lanes.values() if lane is not None]
        self._fan = FanOut(self._port, source.stream.codec.payload, present) if source is not None and present else None

    def on_packet(self, source: Inbound, number: int, packet: bytes, now: float) -> None:
        """Record and forward one packet."""
        if source is not self.source:
            return
        self.recording.on_packet(source, number, packet, now)
        if self.listener is not None:
            self.listener(source, packet, now)
        if source.breaks != self._breaks:
            # A subscriber would wait for what was never sent: it starts anew, without a hole, at a key frame.
            self._breaks = source.breaks
            self.settle()
            for out in self._open:
                out.pause()
            self._regroup()
            self.request_key_frame(now)
        if self._waiting and sum(out.begin(source, number, packet, now) for out in self._waiting):
            self._regroup()
        if self._fan is not None:
            self._fan.send(number, packet, now)

    def on_sender_report(self, report: rtcp.SenderReport) -> None:
        """Pass the publisher's clock on."""
        if self.source is not None:
            if report.ssrc == self.source.stream.ssrc:
                self.recording.on_report(report.ntp, report.rtp)
            self.settle()
            for out in self._open:
                out.forward_report(self.source, report)

    def tick(self, now: float) -> None:
        """Let the recorder catch up; ask for a key frame if anyone waits for one."""
        self.recording.tick(now)
        if self.is_awaited or self.recording.wants_key_frame(now):
            self.request_key_frame(now)

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for a key frame to begin with."""
        waiting = (out for out in self._open if out.waits_for(self.source))
        return any(out.peer is not None and out.peer.is_connected for out in waiting)

    def request_key_frame(self, now: float) -> None:
        """Ask the publisher for a key frame, twice a second at most."""
        if self.ref.medium == "audio" or self.source is None or self._publisher is None:
            return
        if now - self._key_requested >= _KEY_REQUEST_EVERY_S:
            self._key_requested = now
            self._publisher.send_rtcp(rtcp.key_frame_request(1, self.source.stream.ssrc))

    def stats(self) -> TrackStats:
        """Counters since the room was opened."""
        self.settle()
        received, repaired, lost = self._past
        if self.source is not None:
            received += self.source.received
            repaired += self.source.repaired
            lost += self.source.lost
        return TrackStats(
            track=str(self.ref),
            live=self._publisher is not None and self._publisher.is_connected,
            muted=self.is_muted,
            packets_in=received,
            packets_repaired=repaired,
            packets_lost=lost,
            packets_out={str(member): out.packets for member, out in self.outputs.items()},
            retransmitted=sum(out.retransmitted for out in self.outputs.values()),
            takes=self.recording.takes,
            segments=self.recording.segments,
        )

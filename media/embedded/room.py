"""One room: members, grants, mutes, publications, subscriptions. Who receives what is decided here and nowhere else."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media.embedded import rtcp, sdp
from media.embedded.inbound import Inbound
from media.embedded.outbound import Outbound
from media.embedded.peer import Peer
from media.embedded.port import MediaPort
from media.embedded.publication import DEAD_AFTER_S, Publication
from media.embedded.quality import Code, Quality
from media.embedded.rtc import Certificate
from media.embedded.sdp import LocalTransport, SentStream
from media.embedded.track import LiveTrack
from media.engine import (
    MEDIUM_OF_KIND,
    CaseId,
    MediaRefusal,
    MemberId,
    PublishRequest,
    RoomStats,
    SeatId,
    SubscribeOffer,
    TrackRef,
)
from media.events import Event, Lost, Published, SeatQuality
from media.record.recorder import RoomRecorder
from media.record.sidecar import utc_text

MAX_TRACKS = 128
MAX_SUBSCRIBED = sdp.MAX_SECTIONS
_QUALITY_EVERY_S = 2.0
_SHORT_SILENCE_S = 1.2
_WORST_FIRST: tuple[Code, ...] = ("down", "poor", "good")


@dataclass(frozen=True, slots=True)
class Plane:
    """What a room shares with the others of its worker."""

    port: MediaPort
    certificate: Certificate
    public_host: str
    video_kbps: int
    spawn: Callable[[Coroutine[None, None, None]], object]
    emit: Callable[[Event], None]


@dataclass(slots=True)
class _Subscription:
    peer: Peer
    outputs: dict[str, Outbound]
    by_ssrc: dict[int, Outbound]
    answered: bool = False


class Room:
    """Members come and go by `publish`, `subscribe`, `leave`; `tick` must be called four times a second."""

    def __init__(self, case: CaseId, plane: Plane, recorder: RoomRecorder) -> None:
        self.case = case
        self._plane = plane
        self._recorder = recorder
        self._tracks: dict[TrackRef, LiveTrack] = {}
        self._publications: list[Publication] = []
        self._subscriptions: dict[MemberId, _Subscription] = {}
        self._grants: dict[TrackRef, set[MemberId]] = {}
        self._reported_at = 0.0
        self._quality_at: dict[SeatId, float] = {}
        self._quality_code: dict[SeatId, str] = {}

    def publish(self, request: PublishRequest) -> str:
        """See `MediaEngine.publish`."""
        if not request.tracks or any(kind not in MEDIUM_OF_KIND for kind in request.tracks.values()):
            raise MediaRefusal("bad-kind", repr(dict(request.tracks))[:80])
        if len(set(request.tracks.values())) != len(request.tracks):
            raise MediaRefusal("bad-kind", "one kind twice")
        offer = sdp.parse_offer(request.sdp, {mid: MEDIUM_OF_KIND[kind] for mid, kind in request.tracks.items()})
        fed = [
            (self._track(TrackRef(request.seat, request.tracks[stream.mid])), Inbound(stream))
            for stream in offer.streams
        ]
        peer = Peer(self._plane.port, self._plane.certificate)
        publication = Publication(request.seat, peer, fed, 1000 * self._plane.video_kbps)
        self._publications.append(publication)
        self._plane.spawn(self._serve_publication(publication, offer.transport))
        return sdp.write_answer(offer, self._local(peer))

    async def _serve_publication(self, publication: Publication, remote: sdp.RemoteTransport) -> None:
        def connected() -> None:
            publication.connect()
            self._retire_replaced(publication)
            self._announce(publication)

        await publication.peer.run(remote, connected)
        self._publications.remove(publication)
        # A connection that died in silence was lost, one that said good-bye left.
        self._silence(publication, "network" if publication.is_lost else "left")

    def _announce(self, publication: Publication) -> None:
        kinds = tuple(track.ref.kind for track in publication.tracks)
        self._plane.emit(Published(self.case, publication.seat, kinds))

    def _retire_replaced(self, latest: Publication) -> None:
        for old in self._publications:
            if old is not latest and old.seat == latest.seat and not old.feeds_any:
                old.peer.hang_up()

    def _silence(self, publication: Publication, reason: str) -> None:
        silent = publication.disconnect(reason)
        if silent and not publication.is_lost:
            self._report_lost(publication, silent, reason, time.monotonic())

    def _report_lost(self, publication: Publication, tracks: list[LiveTrack], reason: str, now: float) -> None:
        since = datetime.now(UTC) - timedelta(seconds=publication.silent_for(now))
        kinds = tuple(track.ref.kind for track in tracks)
        self._plane.emit(Lost(self.case, publication.seat, kinds, utc_text(since), reason))

    def _track(self, ref: TrackRef) -> LiveTrack:
        track = self._tracks.get(ref)
        if track is None:
            if len(self._tracks) >= MAX_TRACKS:
                raise MediaRefusal("room-full")
            track = self._tracks[ref] = LiveTrack(ref, self._recorder.open(ref))
        return track

    def subscribe(self, member: MemberId, refs: tuple[TrackRef, ...]) -> SubscribeOffer:
        """See `MediaEngine.subscribe`."""
        if not 0 < len(refs) <= MAX_SUBSCRIBED or len(set(refs)) != len(refs):
            raise MediaRefusal("bad-request", f"{len(refs)} tracks")
        refused = [str(ref) for ref in refs if member not in self._grants.get(ref, ())]
        if refused:
            raise MediaRefusal("not-granted", ", ".join(refused))
        self._unsubscribe(member)
        peer = Peer(self._plane.port, self._plane.certificate)
        outputs = {str(index): Outbound(ref, f"{self.case}-{ref.seat}") for index, ref in enumerate(refs)}
        by_ssrc = {out.ssrc: out for out in outputs.values()}
        self._subscriptions[member] = _Subscription(peer, outputs, by_ssrc)
        for out in outputs.values():
            self._track(out.track).outputs[member] = out
            self._apply(out.track)
        sent = tuple(SentStream(mid, out.track, out.ssrc, out.rtx_ssrc, out.cname) for mid, out in outputs.items())
        mids = {mid: str(out.track) for mid, out in outputs.items()}
        return SubscribeOffer(sdp.write_offer(sent, self._local(peer)), mids)

    def answer(self, member: MemberId, text: str) -> None:
        """See `MediaEngine.answer`."""
        subscription = self._subscriptions.get(member)
        if subscription is None or subscription.answered:
            raise MediaRefusal("no-such-subscription", member)
        remote, accepted = sdp.parse_answer(text, tuple(subscription.outputs))
        subscription.answered = True
        subscription.peer.on_rtcp = lambda packet, now: self._on_feedback(subscription, packet, now)
        self._plane.spawn(self._serve_subscription(member, subscription, remote, accepted))

    async def _serve_subscription(
        self, member: MemberId, subscription: _Subscription, remote: sdp.RemoteTransport, accepted: frozenset[str]
    ) -> None:
        def connected() -> None:
            for mid in accepted:
                out = subscription.outputs[mid]
                out.peer = subscription.peer
                self._track(out.track).request_key_frame(time.monotonic())

        await subscription.peer.run(remote, connected)
        if self._subscriptions.get(member) is subscription:
            self._unsubscribe(member)

    def _on_feedback(self, subscription: _Subscription, packet: bytes, now: float) -> None:
        try:
            reports = rtcp.parse(packet)
        except rtcp.MalformedRtcp:
            return
        for report in reports:
            out = subscription.by_ssrc.get(report.ssrc)
            if out is None:
                continue
            if isinstance(report, rtcp.Nack):
                out.retransmit(report.lost)
            elif isinstance(report, rtcp.KeyFrameRequest):
                self._track(out.track).request_key_frame(now)

    def _unsubscribe(self, member: MemberId) -> None:
        subscription = self._subscriptions.pop(member, None)
        if subscription is None:
            return
        for out in subscription.outputs.values():
            out.peer = None
            self._tracks[out.track].outputs.pop(member, None)
            self._apply(out.track)
        subscription.peer.hang_up()

    def grant(self, member: MemberId, ref: TrackRef) -> None:
        """See `MediaEngine.grant`."""
        self._grants.setdefault(ref, set()).add(member)
        self._apply(ref)

    def revoke(self, member: MemberId, ref: TrackRef) -> None:
        """See `MediaEngine.revoke`."""
        self._grants.get(ref, set()).discard(member)
        self._apply(ref)

    def set_muted(self, ref: TrackRef, *, muted: bool) -> None:
        """See `MediaEngine.mute` and `unmute`."""
        self._track(ref).is_muted = muted
        self._apply(ref)

    def _apply(self, ref: TrackRef) -> None:
        track = self._tracks.get(ref)
        if track is not None:
            track.open_for(frozenset(self._grants.get(ref, ())))

    def leave(self, member: MemberId) -> None:
        """See `MediaEngine.leave`."""
        self._unsubscribe(member)
        for publication in self._publications:
            if str(publication.seat) == str(member):
                publication.peer.hang_up()

    def tick(self, now: float) -> None:
        """Watch over life, consent, key frames and quality."""
        for publication in self._publications:
            self._watch(publication, now)
        for member, subscription in list(self._subscriptions.items()):
            if not subscription.peer.has_consent(now):
                self._unsubscribe(member)
        for track in self._tracks.values():
            track.tick(now)
        self._recorder.tick(now)
        if now - self._reported_at >= 1.0:
            self._reported_at = now
            for publication in self._publications:
                publication.report(now)
                publication.peer.ping(now)
            self._report_quality(now)

    def _watch(self, publication: Publication, now: float) -> None:
        peer = publication.peer
        if not peer.has_consent(now):
            peer.hang_up()
            return
        if not peer.is_connected:
            return
        is_silent = publication.silent_for(now) >= DEAD_AFTER_S
        if is_silent and not publication.is_lost:
            publication.is_lost = True
            live = [track for track in publication.tracks if track.publisher is peer]
            for track in live:
                track.recording.on_silence("network")
            self._report_lost(publication, live, "network", now)
            self._report_quality(now)
        elif publication.is_lost and not is_silent:
            publication.is_lost = False
            publication.quality = Quality()
            self._announce(publication)

    def _report_quality(self, now: float) -> None:
        seats: dict[SeatId, list[Publication]] = {}
        for publication in self._publications:
            if publication.peer.is_connected and publication.feeds_any:
                seats.setdefault(publication.seat, []).append(publication)
        for seat, publications in seats.items():
            rtt_ms = max(p.peer.rtt_ms for p in publications)
            code = min((self._code(p, rtt_ms, now) for p in publications), key=_WORST_FIRST.index)
            if code == self._quality_code.get(seat) and now - self._quality_at.get(seat, 0.0) < _QUALITY_EVERY_S:
                continue
            self._quality_code[seat], self._quality_at[seat] = code, now
            loss = max(p.quality.loss for p in publications)
            bitrate = sum(p.quality.bitrate_bps for p in publications if not p.is_lost)
            self._plane.emit(SeatQuality(self.case, seat, code, loss, rtt_ms, bitrate))

    def _code(self, publication: Publication, rtt_ms: int, now: float) -> Code:
        if publication.is_lost:
            return "down"
        return "poor" if publication.silent_for(now) > _SHORT_SILENCE_S else publication.quality.code(rtt_ms)

    def stats(self) -> RoomStats:
        """See `MediaEngine.stats`."""
        tracks = sorted(self._tracks.values(), key=lambda track: track.ref)
        return RoomStats(self.case, tuple(track.stats() for track in tracks))

    def close(self) -> None:
        """Disconnect everyone and close the last segments."""
        for member in list(self._subscriptions):
            self._unsubscribe(member)
        self._recorder.close(time.monotonic())
        for publication in self._publications:
            publication.disconnect("left")
            publication.peer.hang_up()

    def _local(self, peer: Peer) -> LocalTransport:
        plane = self._plane
        return LocalTransport(
            peer.ufrag, peer.password, plane.certificate.sha256, plane.public_host, plane.port.port, plane.video_kbps
        )

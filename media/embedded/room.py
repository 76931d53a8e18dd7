"""One room: publications, subscriptions, and the audience of each track kept in step with both."""

import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media.embedded import rtcp, rtp, sdp
from media.embedded.audience import Audience
from media.embedded.congestion import Congestion
from media.embedded.inbound import Inbound
from media.embedded.outbound import Outbound
from media.embedded.peer import Peer
from media.embedded.port import MediaPort
from media.embedded.publication import DEAD_AFTER_S, Publication
from media.embedded.quality import Code, Quality
from media.embedded.rtc import Certificate
from media.embedded.sdp import LocalTransport, SentStream
from media.embedded.speakers import Speakers
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
from media.events import Congested, Event, Lost, Published, SeatQuality
from media.record.recorder import RoomRecorder
from media.record.sidecar import utc_text

MAX_TRACKS = 128
MAX_SUBSCRIBED = sdp.MAX_SECTIONS
_QUALITY_EVERY_S = 2.0
_SHORT_SILENCE_S = 1.2
_LEVEL_MASK = 0x7F
_WORST_FIRST: tuple[Code, ...] = ("down", "poor", "good")


@dataclass(frozen=True, slots=True)
class Plane:
    """What a room shares with the others of its worker."""

    port: MediaPort
    certificate: Certificate
    public_host: str
    video_kbps: int
    video_codec: str
    spawn: Callable[[Coroutine[None, None, None]], object]
    emit: Callable[[Event], None]


@dataclass(slots=True)
class _Subscription:
    peer: Peer
    outputs: dict[str, Outbound]
    by_ssrc: dict[int, Outbound]
    congestion: Congestion
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
        self._audience = Audience(Speakers(MAX_TRACKS, frozenset()))
        self._reported_at = 0.0
        self._quality_at: dict[SeatId, float] = {}
        self._quality_code: dict[SeatId, str] = {}

    def publish(self, request: PublishRequest) -> str:
        """See `MediaEngine.publish`."""
        if not request.tracks or any(kind not in MEDIUM_OF_KIND for kind in request.tracks.values()):
            raise MediaRefusal("bad-kind", repr(dict(request.tracks))[:80])
        if len(set(request.tracks.values())) != len(request.tracks):
            raise MediaRefusal("bad-kind", "one kind twice")
        wanted = {mid: MEDIUM_OF_KIND[kind] for mid, kind in request.tracks.items()}
        offer = sdp.parse_offer(request.sdp, wanted, self._plane.video_codec)
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
            self._seat_speakers()
            self._retire_replaced(publication)
            self._announce(publication)

        await publication.peer.run(remote, connected)
        self._publications.remove(publication)
        self._seat_speakers()
        self._silence(publication, self._why_ended(publication))

    def _why_ended(self, publication: Publication) -> str:
        """One that died in silence was lost, as was one that lost its consent; one that said good-bye left, unless its
        seat is coming by another."""
        if publication.is_lost or not publication.peer.has_consent(time.monotonic()):
            return "network"
        return "republished" if any(one.seat == publication.seat for one in self._publications) else "left"

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
            track = self._tracks[ref] = LiveTrack(ref, self._recorder.open(ref), self._plane.port)
        return track

    def subscribe(self, member: MemberId, refs: tuple[TrackRef, ...]) -> SubscribeOffer:
        """See `MediaEngine.subscribe`."""
        if not 0 < len(refs) <= MAX_SUBSCRIBED or len(set(refs)) != len(refs):
            raise MediaRefusal("bad-request", f"{len(refs)} tracks")
        refused = [str(ref) for ref in refs if not self._audience.is_granted(member, ref)]
        if refused:
            raise MediaRefusal("not-granted", ", ".join(refused))
        self._unsubscribe(member)
        if self._audience.is_resting(member):  # ends with the way that was too narrow
            self._plane.emit(Congested(self.case, member, False))
        peer = Peer(self._plane.port, self._plane.certificate)
        outputs = {str(index): Outbound(ref, f"{self.case}-{ref.seat}") for index, ref in enumerate(refs)}
        by_ssrc = {out.ssrc: out for out in outputs.values()}
        self._subscriptions[member] = _Subscription(peer, outputs, by_ssrc, Congestion())
        self._audience.show_all(member)
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
        subscription.peer.on_rtcp = lambda packet, now: self._on_feedback(member, subscription, packet, now)
        self._plane.spawn(self._serve_subscription(member, subscription, remote, accepted))

    async def _serve_subscription(
        self,
        member: MemberId,
        subscription: _Subscription,
        remote: sdp.RemoteTransport,
        accepted: Mapping[str, frozenset[int]],
    ) -> None:
        def connected() -> None:
            for mid, payloads in accepted.items():
                out = subscription.outputs[mid]
                out.accepted = payloads
                out.peer = subscription.peer
                self._track(out.track).request_key_frame(time.monotonic())

        await subscription.peer.run(remote, connected)
        if self._subscriptions.get(member) is subscription:
            self._unsubscribe(member)

    def _on_feedback(self, member: MemberId, subscription: _Subscription, packet: bytes, now: float) -> None:
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
            elif isinstance(report, rtcp.ReceiverReport):
                subscription.congestion.on_report(report, now)
                self._relieve(member, subscription, now)

    def _relieve(self, member: MemberId, subscription: _Subscription, now: float) -> None:
        """Hold pictures back from a subscriber whose way is too narrow; each starts again at a key frame."""
        is_resting = subscription.congestion.is_resting(now)
        if is_resting == self._audience.is_resting(member) or self._subscriptions.get(member) is not subscription:
            return
        self._audience.rest(member, is_resting=is_resting)
        self._apply_pictures(subscription, now)
        self._plane.emit(Congested(self.case, member, is_resting))

    def _apply_pictures(self, subscription: _Subscription, now: float) -> None:
        for out in subscription.outputs.values():
            if out.track.medium == "video":
                self._apply(out.track)
                track = self._track(out.track)
                if track.is_awaited:
                    track.request_key_frame(now)

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
        self._audience.grant(member, ref)
        self._apply(ref)

    def revoke(self, member: MemberId, ref: TrackRef) -> None:
        """See `MediaEngine.revoke`."""
        self._audience.revoke(member, ref)
        self._apply(ref)

    def set_muted(self, ref: TrackRef, *, muted: bool) -> None:
        """See `MediaEngine.mute` and `unmute`."""
        self._track(ref).is_muted = muted
        (self._audience.muted.add if muted else self._audience.muted.discard)(ref)
        self._apply(ref)

    def show(self, member: MemberId, refs: tuple[TrackRef, ...]) -> None:
        """See `MediaEngine.show`."""
        subscription = self._subscriptions.get(member)
        if subscription is None:
            raise MediaRefusal("no-such-subscription", member)
        self._audience.show(member, frozenset(refs))
        self._apply_pictures(subscription, time.monotonic())

    def set_speakers(self, most: int, always: frozenset[SeatId]) -> None:
        """See `MediaEngine.set_speakers`."""
        self._audience.speakers = Speakers(most, always)
        self._seat_speakers()

    def _seat_speakers(self) -> None:
        """Who has a microphone has changed: hear levels only while there is a choice to make."""
        speakers = self._audience.speakers
        mics = [
            track
            for track in self._tracks.values()
            if track.ref.kind == "mic" and track.source is not None and track.source.stream.level_id
        ]
        speakers.seat(frozenset(track.ref.seat for track in mics))
        for track in mics:
            track.listener = self._listener(track.ref.seat) if speakers.chooses else None
        for ref in self._tracks:
            if ref.medium == "audio":
                self._apply(ref)

    def _listener(self, seat: SeatId) -> Callable[[Inbound, bytes, float], None]:
        def hear(source: Inbound, packet: bytes, now: float) -> None:
            if TrackRef(seat, "mic") in self._audience.muted:
                return  # whom nobody hears must not take the place of one who is heard
            level = rtp.extension_of(packet, source.stream.level_id)
            silenced = self._audience.speakers.hear(seat, level & _LEVEL_MASK, now) if level is not None else None
            if silenced is not None:
                for ref in (*self._audience.voices(silenced), *self._audience.voices(seat)):
                    self._apply(ref)

        return hear

    def _apply(self, ref: TrackRef) -> None:
        track = self._tracks.get(ref)
        if track is not None:
            track.open_for(self._audience.of(ref))

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
                continue
            if subscription.peer.unsent:
                subscription.peer.unsent = 0
                subscription.congestion.on_refused(now)
            self._relieve(member, subscription, now)
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
            codec = next((name for p in publications if (name := p.codec)), "")
            self._plane.emit(SeatQuality(self.case, seat, code, loss, rtt_ms, bitrate, codec))

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

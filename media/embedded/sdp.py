"""Session descriptions: parsed with limits into values, written by hand. Nothing here knows rooms or sockets.

aiortc's parser answers bad input with seven kinds of exception and takes 220 ms for 20,000 candidates; `_parse` bounds
the text first and turns every failure into one `MediaRefusal`.
"""

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiortc.sdp import MediaDescription, SessionDescription

from media.engine import MediaRefusal, Medium, TrackRef

MAX_BYTES = 64 * 1024
MAX_SECTIONS = 24
MAX_CANDIDATES = 64

VIDEO_PAYLOAD, RTX_PAYLOAD, AUDIO_PAYLOAD = 96, 97, 111
CLOCK_RATE: Mapping[Medium, int] = {"video": 90_000, "audio": 48_000}
_CODEC: Mapping[Medium, tuple[str, int]] = {"video": ("video/vp8", 90_000), "audio": ("audio/opus", 48_000)}
_PARSER_FAILURES = (AssertionError, StopIteration, KeyError, IndexError, AttributeError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class RemoteTransport:
    """The peer's end of the one bundled transport."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """One accepted m-line of a publisher; `rtx_*` are 0 where retransmission was not offered."""

    mid: str
    medium: Medium
    payload: int
    ssrc: int
    rtx_payload: int = 0
    rtx_ssrc: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A parsed publisher's offer; `sections` are all its m-lines in order, as (medium word, mid, first format)."""

    transport: RemoteTransport
    streams: tuple[OfferedStream, ...]
    sections: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """This side's end: credentials of one peer, the worker's fingerprint and address, and the video limit."""

    ufrag: str
    password: str
    fingerprint: str
    host: str
    port: int
    video_kbps: int


@dataclass(frozen=True, slots=True)
class SentStream:
    """One m-line that we offer to a subscriber."""

    mid: str
    track: TrackRef
    ssrc: int
    rtx_ssrc: int
    cname: str


def parse_offer(text: str, wanted: Mapping[str, Medium]) -> Offer:
    """Parse a publisher's offer; `wanted` maps the mids to take to their medium.

    Raises `MediaRefusal` (`sdp-too-big`, `sdp-too-many-sections`, `sdp-too-many-candidates`, `bad-sdp`, `no-codec`,
    `no-ssrc`).
    """
    description = _parse(text)
    try:
        streams = tuple(
            _stream(media, wanted[media.rtp.muxId]) for media in description.media if media.rtp.muxId in wanted
        )
        sections = tuple((m.kind, m.rtp.muxId, str(m.fmt[0])) for m in description.media)
        if len(streams) != len(wanted) or any(not _is_token(mid) for _, mid, _ in sections):
            raise MediaRefusal("bad-sdp", "the offer lacks a named m-line")
        return Offer(_transport(description, streams[0].mid, roles=("auto", "client")), streams, sections)
    except _PARSER_FAILURES as failure:
        raise MediaRefusal("bad-sdp", type(failure).__name__) from None


def parse_answer(text: str, mids: tuple[str, ...]) -> tuple[RemoteTransport, frozenset[str]]:
    """Parse a subscriber's answer to our offer of `mids`; give its transport and the mids it accepted."""
    description = _parse(text)
    try:
        if tuple(m.rtp.muxId for m in description.media) != mids:
            raise MediaRefusal("bad-sdp", "the answer's m-lines are not the offer's")
        accepted = [m.rtp.muxId for m in description.media if m.port and m.direction in ("recvonly", "sendrecv")]
        if not accepted:
            raise MediaRefusal("bad-sdp", "nothing accepted")
        return _transport(description, accepted[0], roles=("client",)), frozenset(accepted)
    except _PARSER_FAILURES as failure:
        raise MediaRefusal("bad-sdp", type(failure).__name__) from None


def _parse(text: str) -> SessionDescription:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise MediaRefusal("sdp-too-big")
    if text.count("\nm=") > MAX_SECTIONS:
        raise MediaRefusal("sdp-too-many-sections")
    if text.count("\na=candidate") > MAX_CANDIDATES:
        raise MediaRefusal("sdp-too-many-candidates")
    try:
        return SessionDescription.parse(text)
    except _PARSER_FAILURES as failure:
        raise MediaRefusal("bad-sdp", type(failure).__name__) from None


def _is_token(mid: str) -> bool:
    return 0 < len(mid) <= 32 and mid.isascii() and mid.replace("-", "").replace("_", "").isalnum()  # noqa: PLR2004


def _stream(media: MediaDescription, medium: Medium) -> OfferedStream:
    name, clock_rate = _CODEC[medium]
    if media.kind != medium or media.direction not in ("sendonly", "sendrecv") or not media.rtcp_mux:
        raise MediaRefusal("bad-sdp", f"m-line {media.rtp.muxId} does not send {medium}")
    codec = next((c for c in media.rtp.codecs if c.mimeType.lower() == name and c.clockRate == clock_rate), None)
    if codec is None:
        raise MediaRefusal("no-codec", name)
    if not media.ssrc:
        raise MediaRefusal("no-ssrc", media.rtp.muxId)
    pair = next((g.items for g in media.ssrc_group if g.semantic == "FID" and len(g.items) > 1), None)
    ssrc = int(pair[0]) if pair else media.ssrc[0].ssrc
    rtx = next((c for c in media.rtp.codecs if c.name == "rtx" and c.parameters.get("apt") == codec.payloadType), None)
    payload = int(codec.payloadType or 0)
    if rtx is None or pair is None:
        return OfferedStream(media.rtp.muxId, medium, payload, ssrc)
    return OfferedStream(media.rtp.muxId, medium, payload, ssrc, int(rtx.payloadType or 0), int(pair[1]))


def _transport(description: SessionDescription, mid: str, *, roles: tuple[str, ...]) -> RemoteTransport:
    media = next(m for m in description.media if m.rtp.muxId == mid)
    if media.dtls is None or media.dtls.role not in roles:
        raise MediaRefusal("bad-sdp", "DTLS role")
    fingerprints = tuple((f.algorithm, f.value) for f in media.dtls.fingerprints)
    if not fingerprints or media.ice is None:
        raise MediaRefusal("bad-sdp", "no fingerprint")
    ufrag, password = media.ice.usernameFragment, media.ice.password
    if not ufrag or not password or not (ufrag + password).isascii():
        raise MediaRefusal("bad-sdp", "ICE credentials")
    return RemoteTransport(ufrag, password, fingerprints)


def new_credentials() -> tuple[str, str]:
    """Make an ICE user name fragment and password (RFC 8445: 24 and 128 bits at least)."""
    return secrets.token_hex(6), secrets.token_hex(16)


def write_answer(offer: Offer, local: LocalTransport) -> str:
    """Answer a publisher: receive the streams taken, reject every other m-line."""
    taken = {stream.mid: stream for stream in offer.streams}
    lines = _session(local, [mid for _, mid, _ in offer.sections if mid in taken])
    for medium, mid, first_format in offer.sections:
        if mid in taken:
            lines += _received_section(taken[mid], local)
        else:
            lines += _rejected_section(medium, mid, first_format)
    return "\r\n".join(lines) + "\r\n"


def write_offer(streams: tuple[SentStream, ...], local: LocalTransport) -> str:
    """Offer streams to a subscriber, one m-line each."""
    lines = _session(local, [stream.mid for stream in streams])
    for stream in streams:
        lines += _sent_section(stream, local)
    return "\r\n".join(lines) + "\r\n"


def _session(local: LocalTransport, mids: list[str]) -> list[str]:
    return [
        "v=0",
        f"o=- {int(local.ufrag, 16)} 1 IN {_host(local.host)}",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(mids),
        "a=msid-semantic:WMS *",
    ]


def _host(host: str) -> str:
    return f"IP{ipaddress.ip_address(host).version} {host}"


def _head(medium: str, payloads: list[int], mid: str, local: LocalTransport) -> list[str]:
    return [
        f"m={medium} {local.port} UDP/TLS/RTP/SAVPF " + " ".join(map(str, payloads)),
        f"c=IN {_host(local.host)}",
        *([f"b=AS:{local.video_kbps}"] if medium == "video" else []),
        f"a=mid:{mid}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        f"a=candidate:1 1 udp 2130706431 {local.host} {local.port} typ host",
        "a=end-of-candidates",
    ]


def _codecs(medium: Medium, payload: int, rtx_payload: int) -> list[str]:
    if medium == "audio":
        # No DTX: its holes would split the recording (`usedtx` stays at its default of 0).
        return [f"a=rtpmap:{payload} opus/48000/2", f"a=fmtp:{payload} minptime=10;useinbandfec=1"]
    lines = [f"a=rtpmap:{payload} VP8/90000"]
    lines += [f"a=rtcp-fb:{payload} {feedback}" for feedback in ("nack", "nack pli", "goog-remb")]
    if rtx_payload:
        lines += [f"a=rtpmap:{rtx_payload} rtx/90000", f"a=fmtp:{rtx_payload} apt={payload}"]
    return lines


def _received_section(stream: OfferedStream, local: LocalTransport) -> list[str]:
    payloads = [stream.payload] + ([stream.rtx_payload] if stream.rtx_payload else [])
    return [
        *_head(stream.medium, payloads, stream.mid, local),
        "a=recvonly",
        "a=setup:passive",
        *_codecs(stream.medium, stream.payload, stream.rtx_payload),
    ]


def _rejected_section(medium: str, mid: str, first_format: str) -> list[str]:
    profile = "UDP/DTLS/SCTP" if medium == "application" else "UDP/TLS/RTP/SAVPF"
    return [f"m={medium} 0 {profile} {first_format}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", "a=inactive"]


def _sent_section(stream: SentStream, local: LocalTransport) -> list[str]:
    medium = stream.track.medium
    is_video = medium == "video"
    payload, rtx_payload = (VIDEO_PAYLOAD, RTX_PAYLOAD) if is_video else (AUDIO_PAYLOAD, 0)
    # Browsers keep the tracks of one stream in lip sync: a seat's camera and microphone share theirs.
    group = stream.track.seat if stream.track.kind in ("camera", "mic") else f"{stream.track.seat}-{stream.track.kind}"
    lines = [
        *_head(medium, [payload, rtx_payload] if is_video else [payload], stream.mid, local),
        "a=sendonly",
        "a=setup:actpass",
        f"a=msid:{group} {stream.track.seat}-{stream.track.kind}",
        *_codecs(medium, payload, rtx_payload),
    ]
    if is_video:
        lines += [f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}"]
    lines += [f"a=ssrc:{stream.ssrc} cname:{stream.cname}"]
    return lines + ([f"a=ssrc:{stream.rtx_ssrc} cname:{stream.cname}"] if is_video else [])

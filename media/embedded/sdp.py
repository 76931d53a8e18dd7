"""Session descriptions: parsed with limits into values, written by hand. Nothing here knows rooms or sockets.

aiortc's parser answers bad input with seven kinds of exception, and looks through all codecs of a section for each line
of feedback: 64 KiB can keep it busy for five seconds. `_parse` bounds the text first and turns every failure into one
`MediaRefusal`.
"""

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

from media.codecs import CODECS, VP8, Codec, by_preference
from media.engine import MediaRefusal, Medium, TrackRef

MAX_BYTES = 64 * 1024
MAX_SECTIONS = 24
MAX_CANDIDATES = 64
MAX_LINES = 2000
# Lines that are compared with each other. A browser names some fifty codecs in a section, and two sources.
MAX_CODECS = 64
_MOST_LINES: Mapping[str, int] = {
    "a=rtcp-fb:*": MAX_SECTIONS,
    "a=rtcp-fb:": 256,
    "a=fmtp:": 256,
    "a=ssrc": 256,
    "a=extmap:": 512,
}

CLOCK_RATE: Mapping[Medium, int] = {"video": 90_000, "audio": 48_000}
_LEVEL, _NO_ONE_BYTE_ID = "urn:ietf:params:rtp-hdrext:ssrc-audio-level", 15
_PARSER_FAILURES = (AssertionError, StopIteration, KeyError, IndexError, AttributeError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class RemoteTransport:
    """The peer's end of the one bundled transport."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """One accepted m-line of a publisher, its payload numbers and what answers its parameters.

    `rtx_*` and `level_id` are 0 where the offer has no such thing for this codec. `level_id` is the header extension
    that tells how loud an audio packet is (RFC 6464).
    """

    mid: str
    codec: Codec
    payload: int
    ssrc: int
    rtx_payload: int = 0
    rtx_ssrc: int = 0
    level_id: int = 0
    fmtp: str = ""

    @property
    def medium(self) -> Medium:
        """Audio or video."""
        return self.codec.medium


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


def parse_offer(text: str, wanted: Mapping[str, Medium], preferred: str = VP8.name) -> Offer:
    """Parse a publisher's offer; `wanted` maps the mids to take to their medium.

    Of the codecs offered, the one named `preferred` is taken if it is among them. Raises `MediaRefusal` (`sdp-too-big`,
    `sdp-too-many-sections`, `sdp-too-many-candidates`, `sdp-too-many-lines`, `bad-sdp`, `no-codec`, `no-ssrc`).
    """
    description = _parse(text)
    try:
        streams = tuple(
            _stream(media, by_preference(wanted[media.rtp.muxId], preferred))
            for media in description.media
            if media.rtp.muxId in wanted
        )
        sections = tuple((m.kind, m.rtp.muxId, str(m.fmt[0])) for m in description.media)
        if len(streams) != len(wanted) or any(not _is_token(mid) for _, mid, _ in sections):
            raise MediaRefusal("bad-sdp", "the offer lacks a named m-line")
        return Offer(_transport(description, streams[0].mid, roles=("auto", "client")), streams, sections)
    except _PARSER_FAILURES as failure:
        raise MediaRefusal("bad-sdp", type(failure).__name__) from None


def parse_answer(text: str, mids: tuple[str, ...]) -> tuple[RemoteTransport, Mapping[str, frozenset[int]]]:
    """Parse a subscriber's answer to our offer of `mids`; give its transport and by accepted mid the payload types."""
    description = _parse(text)
    try:
        if tuple(m.rtp.muxId for m in description.media) != mids:
            raise MediaRefusal("bad-sdp", "the answer's m-lines are not the offer's")
        accepted = {
            m.rtp.muxId: frozenset(int(payload) for payload in m.fmt)
            for m in description.media
            if m.port and m.direction in ("recvonly", "sendrecv")
        }
        if not accepted:
            raise MediaRefusal("bad-sdp", "nothing accepted")
        return _transport(description, next(iter(accepted)), roles=("client",)), accepted
    except _PARSER_FAILURES as failure:
        raise MediaRefusal("bad-sdp", type(failure).__name__) from None


def _parse(text: str) -> SessionDescription:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise MediaRefusal("sdp-too-big")
    _check_lines(text.splitlines())
    try:
        return SessionDescription.parse(text)
    except _PARSER_FAILURES as failure:
        raise MediaRefusal("bad-sdp", type(failure).__name__) from None


def _check_lines(lines: list[str]) -> None:
    """Refuse what only somebody writes who wants to keep the parser busy; counts lines as it does."""
    if sum(line.startswith("m=") for line in lines) > MAX_SECTIONS:
        raise MediaRefusal("sdp-too-many-sections")
    if sum(line.startswith("a=candidate") for line in lines) > MAX_CANDIDATES:
        raise MediaRefusal("sdp-too-many-candidates")
    if len(lines) > MAX_LINES:
        raise MediaRefusal("sdp-too-many-lines", f"{len(lines)}")
    for start, most in _MOST_LINES.items():
        if sum(line.startswith(start) for line in lines) > most:
            raise MediaRefusal("sdp-too-many-lines", start)
    codecs = 0
    for line in lines:
        codecs = 0 if line.startswith("m=") else codecs + line.startswith("a=rtpmap:")
        if codecs > MAX_CODECS:
            raise MediaRefusal("sdp-too-many-lines", "a=rtpmap:")


def _is_token(mid: str) -> bool:
    return 0 < len(mid) <= 32 and mid.isascii() and mid.replace("-", "").replace("_", "").isalnum()  # noqa: PLR2004


def _stream(media: MediaDescription, codecs: list[Codec]) -> OfferedStream:
    medium = codecs[0].medium
    if media.kind != medium or media.direction not in ("sendonly", "sendrecv") or not media.rtcp_mux:
        raise MediaRefusal("bad-sdp", f"m-line {media.rtp.muxId} does not send {medium}")
    codec, offered, fmtp = _choose(media, codecs)
    if not media.ssrc:
        raise MediaRefusal("no-ssrc", media.rtp.muxId)
    pair = next((g.items for g in media.ssrc_group if g.semantic == "FID" and len(g.items) > 1), None)
    ssrc = int(pair[0]) if pair else media.ssrc[0].ssrc
    payload = int(offered.payloadType or 0)
    # Each codec has a retransmission type of its own; the retransmitting SSRC is the m-line's whatever the codec.
    rtx = next((c for c in media.rtp.codecs if c.name == "rtx" and c.parameters.get("apt") == payload), None)
    if rtx is None or pair is None:
        return OfferedStream(media.rtp.muxId, codec, payload, ssrc, level_id=_level_id(media, medium), fmtp=fmtp)
    rtx_payload, rtx_ssrc = int(rtx.payloadType or 0), int(pair[1])
    return OfferedStream(media.rtp.muxId, codec, payload, ssrc, rtx_payload, rtx_ssrc, fmtp=fmtp)


def _choose(media: MediaDescription, codecs: list[Codec]) -> tuple[Codec, RTCRtpCodecParameters, str]:
    """The first of `codecs` that the m-line offers in a shape we take, how it is offered, and what answers it."""
    for codec in codecs:
        for offered in media.rtp.codecs:
            if f"{offered.name}/{offered.clockRate}".lower() != codec.rtpmap.removesuffix("/2").lower():
                continue
            fmtp = codec.answer_to(offered.parameters)
            if fmtp is not None:
                return codec, offered, fmtp
    raise MediaRefusal("no-codec", "/".join(codec.name for codec in codecs))


def _level_id(media: MediaDescription, medium: Medium) -> int:
    offered = (one.id for one in media.rtp.headerExtensions if one.uri == _LEVEL and 0 < one.id < _NO_ONE_BYTE_ID)
    return next(offered, 0) if medium == "audio" else 0


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


def _codec_lines(codec: Codec, payload: int, rtx_payload: int, fmtp: str) -> list[str]:
    lines = [f"a=rtpmap:{payload} {codec.rtpmap}"]
    lines += [f"a=fmtp:{payload} {fmtp}"] if fmtp else []
    if codec.medium == "video":
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
        *([f"a=extmap:{stream.level_id} {_LEVEL}"] if stream.level_id else []),
        *_codec_lines(stream.codec, stream.payload, stream.rtx_payload, stream.fmtp),
        # No browser offers to send sound again, and all do so for whoever asks (docs/adr/0312): so it is told.
        *([f"a=rtcp-fb:{stream.payload} nack"] if stream.medium == "audio" else []),
    ]


def _rejected_section(medium: str, mid: str, first_format: str) -> list[str]:
    profile = "UDP/DTLS/SCTP" if medium == "application" else "UDP/TLS/RTP/SAVPF"
    return [f"m={medium} 0 {profile} {first_format}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", "a=inactive"]


def _sent_section(stream: SentStream, local: LocalTransport) -> list[str]:
    # Every codec that the track may come in, now or after its seat has come back: each packet says by its payload type
    # which it is, so nobody renegotiates.
    codecs = CODECS[stream.track.medium]
    payloads = [payload for codec in codecs for payload in (codec.payload, codec.rtx_payload) if payload]
    is_repaired = any(codec.rtx_payload for codec in codecs)
    # Browsers keep the tracks of one stream in lip sync: a seat's camera and microphone share theirs.
    group = stream.track.seat if stream.track.kind in ("camera", "mic") else f"{stream.track.seat}-{stream.track.kind}"
    lines = [
        *_head(stream.track.medium, payloads, stream.mid, local),
        "a=sendonly",
        "a=setup:actpass",
        f"a=msid:{group} {stream.track.seat}-{stream.track.kind}",
    ]
    for codec in codecs:
        lines += _codec_lines(codec, codec.payload, codec.rtx_payload, codec.fmtp)
    if is_repaired:
        lines += [f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}"]
    lines += [f"a=ssrc:{stream.ssrc} cname:{stream.cname}"]
    return lines + ([f"a=ssrc:{stream.rtx_ssrc} cname:{stream.cname}"] if is_repaired else [])

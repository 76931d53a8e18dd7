"""Seats without a browser: aiortc peers that publish a synthetic picture and tone, and count what they receive.

Knows nothing of the server's addresses or messages: offers and answers pass through functions that the caller gives.
Encodes once per seat and decodes nothing, so that seven of them fit beside a server on two cores.
"""

import array
import asyncio
import fractions
import math
import queue
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import aioice.ice
import av
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecParameters,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpsender import RTCRtpSender

WIDTH, HEIGHT, FRAMES_PER_SECOND = 320, 180, 10
GOP_FRAMES, LOOP_FRAMES = 20, 40
SAMPLE_RATE, OPUS_SAMPLES = 48_000, 2880
_LOOP_PACKETS = 20

# By codec: libav's encoder and how it is told to be quick, in constrained baseline and without frames out of order.
_ENCODERS: Mapping[str, tuple[str, dict[str, str]]] = {
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
    "H264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "level": "31"}),
}

# What the m-lines of `SeatPeer.publish` carry.
PUBLISHED: Mapping[str, str] = {"0": "camera", "1": "mic"}

# Five rows of three dots each, top row in the highest bits.
_GLYPHS = {
    "0": 0o75557, "1": 0o26227, "2": 0o71747, "3": 0o71317, "4": 0o55711, "5": 0o74717, "6": 0o74757, "7": 0o71244,
    "8": 0o75757, "9": 0o75717, "A": 0o25755, "B": 0o65656, "C": 0o34443, "D": 0o65556, "E": 0o74647, "F": 0o74644,
    "G": 0o34553, "H": 0o55755, "I": 0o72227, "J": 0o11152, "K": 0o55655, "L": 0o44447, "M": 0o57755, "N": 0o65555,
    "O": 0o25552, "P": 0o65644, "Q": 0o25563, "R": 0o65655, "S": 0o34216, "T": 0o72222, "U": 0o55557, "V": 0o55552,
    "W": 0o55775, "X": 0o55255, "Y": 0o55222, "Z": 0o71247, "-": 0o00700, " ": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded frames of a loop: (bytes, whether it is a key frame), the Opus packets of a tone, the frames' codec."""

    video: tuple[tuple[bytes, bool], ...]
    audio: tuple[bytes, ...]
    codec: str = "VP8"


def make_clip(label: str, tone_hz: int = 440, codec: str = "VP8") -> Clip:
    """Encode a seat's picture (its label, a bar that moves with time) and tone; takes about 0.2 s."""
    return Clip(tuple(_encode_video(label, *_ENCODERS[codec])), tuple(_encode_tone(tone_hz)), codec)


def _encode_video(label: str, encoder: str, options: dict[str, str]) -> Iterator[tuple[bytes, bool]]:
    codec = cast(av.VideoCodecContext, av.CodecContext.create(encoder, "w"))
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.bit_rate = 150_000
    codec.gop_size = GOP_FRAMES
    codec.time_base = fractions.Fraction(1, FRAMES_PER_SECOND)
    codec.options = {"keyint_min": str(GOP_FRAMES), **options}
    seed = sum(label.encode()) * 37
    for index in range(LOOP_FRAMES):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        _paint(frame, label, index, (seed % 200 + 28, seed // 3 % 200 + 28))
        frame.pts = index
        for packet in codec.encode(frame):
            yield bytes(packet), packet.is_keyframe
    for packet in codec.encode(None):
        yield bytes(packet), packet.is_keyframe


def _paint(frame: av.VideoFrame, label: str, index: int, hue: tuple[int, int]) -> None:
    stride = frame.planes[0].line_size
    luma = bytearray(b"\x50" * (stride * HEIGHT))
    for place, letter in enumerate(label.upper()[:9]):
        _draw(luma, stride, letter, 16 + place * 32)
    bar = index * (WIDTH - 16) // (LOOP_FRAMES - 1)
    for row in range(140, 164):
        luma[row * stride + bar : row * stride + bar + 16] = b"\xeb" * 16
    frame.planes[0].update(bytes(luma))
    for plane, value in zip(frame.planes[1:], hue, strict=True):
        plane.update(bytes([value]) * (plane.line_size * plane.height))


def _draw(luma: bytearray, stride: int, letter: str, left: int) -> None:
    dots = _GLYPHS.get(letter, 0)
    for bit in range(15):
        if dots >> (14 - bit) & 1:
            x, y = left + bit % 3 * 8, 40 + bit // 3 * 8
            for row in range(y, y + 8):
                luma[row * stride + x : row * stride + x + 8] = b"\xeb" * 8


def _encode_tone(tone_hz: int) -> Iterator[bytes]:
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.bit_rate = SAMPLE_RATE, 24_000
    codec.layout, codec.format = "stereo", "s16"
    codec.options = {"frame_duration": "60", "application": "audio"}
    packets: list[bytes] = []
    samples = _LOOP_PACKETS * OPUS_SAMPLES
    wave = (round(8000 * math.sin(2 * math.pi * tone_hz * n / SAMPLE_RATE)) for n in range(samples))
    loop = array.array("h", (value for sample in wave for value in (sample, sample)))
    for index in range(3 * _LOOP_PACKETS):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=OPUS_SAMPLES)
        start = 2 * OPUS_SAMPLES * (index % _LOOP_PACKETS)
        frame.planes[0].update(loop[start : start + 2 * OPUS_SAMPLES].tobytes())
        frame.sample_rate, frame.pts = SAMPLE_RATE, index * OPUS_SAMPLES
        packets += [bytes(packet) for packet in codec.encode(frame)]
    # The middle of three loops: the encoder has settled, and the tone runs through the seam.
    yield from packets[_LOOP_PACKETS : 2 * _LOOP_PACKETS]


class _Camera(MediaStreamTrack):
    kind = "video"

    def __init__(self, clip: Clip, news: asyncio.Event) -> None:
        super().__init__()
        self._news = news
        self.sender: RTCRtpSender | None = None
        self.sent = 0
        self._frames = clip.video
        self._at = 0
        self._began = 0.0

    async def recv(self) -> "av.Packet[Any]":
        """The next encoded frame when its time has come."""
        self._began = await _wait_until(self, self._began, self.sent / FRAMES_PER_SECOND)
        if self._key_frame_asked():
            self._at = -(-self._at // GOP_FRAMES) * GOP_FRAMES
        data, _ = self._frames[self._at % len(self._frames)]
        packet = av.Packet(data)
        packet.pts, packet.time_base = self.sent, fractions.Fraction(1, FRAMES_PER_SECOND)
        self._at += 1
        self.sent += 1
        self._news.set()
        return packet

    def _key_frame_asked(self) -> bool:
        asked = bool(getattr(self.sender, "_RTCRtpSender__force_keyframe", False))
        if asked:
            setattr(self.sender, "_RTCRtpSender__force_keyframe", False)  # noqa: B010 - a mangled name
        return asked


class _Microphone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, clip: Clip) -> None:
        super().__init__()
        self.sent = 0
        self._packets = clip.audio
        self._began = 0.0

    async def recv(self) -> "av.Packet[Any]":
        """The next Opus packet when its time has come."""
        self._began = await _wait_until(self, self._began, self.sent * OPUS_SAMPLES / SAMPLE_RATE)
        packet = av.Packet(self._packets[self.sent % len(self._packets)])
        packet.pts, packet.time_base = self.sent * OPUS_SAMPLES, fractions.Fraction(1, SAMPLE_RATE)
        self.sent += 1
        return packet


async def _wait_until(track: MediaStreamTrack, began: float, due: float) -> float:
    if track.readyState != "live":
        raise MediaStreamError
    began = began or time.monotonic()
    await asyncio.sleep(max(0.0, began + due - time.monotonic()))
    return began


@dataclass(slots=True)
class Received:
    """What came of one track; `codec` is that of the last frame."""

    frames: int = 0
    bytes: int = 0
    codec: str = ""
    last_frame_at: float = 0.0


class _CountingQueue(queue.Queue):  # type: ignore[type-arg]
    """Stands where aiortc queues frames for its decoder: counts them, lets only the end signal through."""

    def __init__(self, counter: Received, news: asyncio.Event) -> None:
        super().__init__()
        self._counter = counter
        self._news = news

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        if item is None:
            super().put(item, block, timeout)
            return
        self._counter.frames += 1
        self._counter.bytes += len(item[1].data)  # type: ignore[index]
        self._counter.codec = item[0].name  # type: ignore[index]
        self._counter.last_frame_at = time.monotonic()
        self._news.set()


class _Cut:
    """The sending half of a socket whose cable is out."""

    def sendto(self, _data: bytes, _addr: object = None) -> None:
        """Lose it."""


class SeatPeer:
    """One seat. `address` is the local address its sockets use (needed where there is only loopback).

    `offer` is what it was offered last. `loudness` is what its microphone says of each packet (RFC 6464: 0 loudest, 127
    silence), None: nothing.
    """

    def __init__(self, clip: Clip, address: str | None = "127.0.0.1") -> None:
        self.received: dict[str, Received] = {}
        self.loudness: int | None = None
        self.offer = ""
        self._clip = clip
        self._news = asyncio.Event()
        self._publisher: RTCPeerConnection | None = None
        self._subscriber: RTCPeerConnection | None = None
        self._camera: _Camera | None = None
        self._cut: dict[aioice.ice.StunProtocol, asyncio.DatagramTransport] = {}
        if address is not None:
            aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]

    @property
    def frames_sent(self) -> int:
        """Camera frames sent by the present publication."""
        return self._camera.sent if self._camera is not None else 0

    async def publish(self, exchange_offer: Callable[[str], Awaitable[str]]) -> None:
        """Send camera and microphone; `exchange_offer` takes the offer, gives the answer. Again: a new connection."""
        if self._publisher is not None:
            await self._publisher.close()
        connection = self._publisher = _connection()
        self._camera = _Camera(self._clip, self._news)
        self._camera.sender = connection.addTrack(self._camera)
        self._say_loudness(connection.addTrack(_Microphone(self._clip)))
        _send_only(connection.getTransceivers()[0], self._clip.codec)
        await connection.setLocalDescription(await connection.createOffer())
        answer = await exchange_offer(connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def _say_loudness(self, sender: RTCRtpSender) -> None:
        next_frame = sender._next_encoded_frame

        async def with_loudness(codec: RTCRtpCodecParameters) -> Any:  # noqa: ANN401 - a class that is not public
            frame = await next_frame(codec)
            if frame is not None and self.loudness is not None:
                frame.audio_level = -self.loudness
            return frame

        setattr(sender, "_next_encoded_frame", with_loudness)  # noqa: B010 - an encoded packet carries no level

    async def subscribe(
        self,
        get_offer: Callable[[], Awaitable[tuple[str, Mapping[str, str]]]],
        send_answer: Callable[[str], Awaitable[None]],
    ) -> None:
        """Receive what the other side offers: `get_offer` gives its SDP and which mid is which track."""
        if self._subscriber is not None:
            await self._subscriber.close()
        connection = self._subscriber = _connection()
        sdp, tracks = await get_offer()
        self.offer = sdp
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        for transceiver in connection.getTransceivers():
            counter = self.received.setdefault(tracks[str(transceiver.mid)], Received())
            _count_instead_of_decoding(transceiver.receiver, counter, self._news)
        await connection.setLocalDescription(await connection.createAnswer())
        await send_answer(connection.localDescription.sdp)

    async def connected(self) -> None:
        """Return when every connection made so far is up."""
        for connection in (self._publisher, self._subscriber):
            while connection is not None and connection.connectionState != "connected":
                changed = asyncio.Event()
                connection.once("connectionstatechange", changed.set)
                await changed.wait()

    async def until(self, is_true: Callable[[], bool], seconds: float = 10) -> None:
        """Return when `is_true`, looked at with every frame sent or received; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not is_true():
                self._news.clear()
                await self._news.wait()

    def drop_network(self) -> None:
        """Pull the cable: from now on nothing leaves or reaches this seat's sockets."""
        for protocol in self._protocols():
            if protocol not in self._cut:
                self._cut[protocol] = protocol.transport
                setattr(protocol, "transport", _Cut())  # noqa: B010 - not the class its annotation names
                setattr(protocol, "datagram_received", _drop)  # noqa: B010

    def restore_network(self) -> None:
        """Put the cable back."""
        for protocol, transport in self._cut.items():
            protocol.transport = transport
            delattr(protocol, "datagram_received")
        self._cut.clear()

    def _protocols(self) -> Iterator[aioice.ice.StunProtocol]:
        for connection in (self._publisher, self._subscriber):
            if connection is None:
                continue
            for transport in {t.receiver.transport.transport for t in connection.getTransceivers()}:
                yield from transport._connection._protocols

    async def close(self) -> None:
        """Leave."""
        self.restore_network()
        for connection in (self._publisher, self._subscriber):
            if connection is not None:
                await connection.close()


def _drop(_data: bytes, _addr: object) -> None:
    return


def _connection() -> RTCPeerConnection:
    # Under any other policy aiortc 1.16 leaves the second audio section on a transport that is never connected.
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


def _send_only(transceiver: RTCRtpTransceiver, codec: str) -> None:
    """The frames are encoded already, so no other codec can be sent; its retransmissions go with it."""
    offered = RTCRtpSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences([one for one in offered if one.name.upper() in (codec, "RTX")])


def _count_instead_of_decoding(receiver: RTCRtpReceiver, counter: Received, news: asyncio.Event) -> None:
    setattr(receiver, "_RTCRtpReceiver__decoder_queue", _CountingQueue(counter, news))  # noqa: B010 - a mangled name

"""Loss on the way up and down, and strangers at the port."""

import socket
import struct
from collections.abc import Callable

from demo.peers import SeatPeer
from media import access
from media.codecs import OPUS
from media.embedded.inbound import FRUITLESS, NACK_EVERY_S, NACK_TRIES, Inbound
from media.embedded.sdp import OfferedStream
from media.engine import TrackStats
from media.events import Alarm, SegmentClosed
from tests.media.scene import CASE, Scene, a_scene, camera, decoded_frames, mic

# Three pictures and five sounds come every 300 ms: an eighth would always be of the same kind.
ONE_IN = 7
SOUND_MS = 60


def _is_media(datagram: bytes) -> bool:
    return datagram[0] >= 128 and not 192 <= datagram[1] < 224


def _losing(pass_on: Callable[..., None]) -> Callable[..., None]:
    """Let through all but each seventh media packet, from the tenth on: the join itself is not the matter."""
    seen = 0

    def maybe(datagram: bytes, address: object) -> None:
        nonlocal seen
        seen += _is_media(datagram)
        if not (_is_media(datagram) and seen > 10 and seen % ONE_IN == 0):
            pass_on(datagram, address)

    return maybe


def _lose_on_the_way_up(peer: SeatPeer) -> None:
    for protocol in peer._protocols():
        setattr(protocol, "send_data", _async(_losing(protocol.transport.sendto)))  # noqa: B010


def _async(function: Callable[..., None]) -> Callable[..., object]:
    async def call(data: bytes, addr: object) -> None:
        function(data, addr)

    return call


def _lose_on_the_way_down(peer: SeatPeer) -> None:
    for protocol in peer._protocols():
        setattr(protocol, "datagram_received", _losing(protocol.datagram_received))  # noqa: B010


async def _stats(scene: Scene) -> TrackStats:
    return await scene.track_stats(camera("A-01"))


async def test_packets_lost_on_the_way_up_are_fetched_again_and_recorded() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        _lose_on_the_way_up(peer)
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n == 4)
        sent = peer.frames_sent
        stats = await _stats(scene)
        await scene.worker.close_room(CASE)
        assert stats.packets_repaired >= 2
        assert stats.packets_lost <= 1
        assert decoded_frames(scene.folder(camera("A-01")) / "take01.webm") >= 0.95 * sent


async def test_lost_sound_is_asked_for_too_and_comes_again_as_it_was() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        _lose_on_the_way_up(peer)
        await scene.wait_for(SegmentClosed, lambda e: e.track == "mic" and e.n == 5)
        stats = await scene.track_stats(mic("A-01"))
        await scene.worker.close_room(CASE)
        assert stats.packets_repaired >= 10
        assert stats.packets_lost <= 2
        folder = scene.folder(mic("A-01"))
        recorded_ms = sum(one.dur_ms for one in access.segments(folder, 1))
        assert decoded_frames(folder / "take01.webm") * SOUND_MS >= 0.98 * recorded_ms


def test_who_never_sends_sound_again_is_asked_no_more() -> None:
    source = Inbound(OfferedStream("0", OPUS, OPUS.payload, 7))
    asked = []
    for step in range(2 * FRUITLESS):
        number, now = 2 * step, 0.4 * step  # each other packet is lost, and given up before the next
        source.accept(struct.pack("!BBHII", 0x80, OPUS.payload, number, 960 * number, 7), number, 960 * number, now)
        for turn in range(NACK_TRIES + 1):
            asked += source.due_nacks(now + turn * NACK_EVERY_S)
    assert len(set(asked)) == FRUITLESS
    assert not source.is_repairable
    assert source.missing == {}


async def test_packets_lost_on_the_way_down_are_sent_again() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"))
        picture = viewer.received["A-01/camera"]
        await viewer.until(lambda: picture.frames >= 2)
        missed_before = peer.frames_sent - picture.frames
        _lose_on_the_way_down(viewer)
        await viewer.until(lambda: picture.frames >= 45)
        assert (await _stats(scene)).retransmitted >= 2
        assert peer.frames_sent - picture.frames - missed_before <= 4


async def test_strangers_at_the_port_disturb_nobody() -> None:
    async with a_scene() as scene:
        peer = await scene.seat("A-01")
        await scene.wait_for(SegmentClosed)
        target = ("127.0.0.1", scene.port)
        wrong_priority = struct.pack("!HHI12sHHI", 1, 8, 0x2112A442, bytes(12), 0x0024, 2, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for first in (0x00, 0x01, 0x16, 0x80, 0xFF):
                stranger.sendto(bytes([first]) * 40, target)
                stranger.sendto(b"", target)
            for _ in range(100):
                stranger.sendto(wrong_priority, target)
        frames = peer.frames_sent
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n >= 2)
        assert (await _stats(scene)).packets_in >= frames
        assert scene.seen(Alarm) == []

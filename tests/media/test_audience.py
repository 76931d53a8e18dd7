"""Who sees and hears whom, and how well: pictures that are shown, voices that are heard, a way that is too narrow."""

import asyncio
import random
import re
from collections.abc import Callable, Iterable
from typing import Any

import aioice.ice
import pytest

from demo import peers
from demo.peers import SeatPeer, make_clip
from media.embedded import rtp
from media.embedded.congestion import Congestion
from media.embedded.rtcp import MalformedRtcp, ReceiverReport, ReportBlock, parse, receiver_report
from media.embedded.speakers import HOLD_S, Speakers
from media.engine import MediaRefusal, MemberId, SeatId, track_ref
from media.events import Congested, SegmentClosed
from tests.media.scene import CASE, Scene, a_scene, camera, clip_of, mic

VIEWER = MemberId("B-02")
SILENT, LOUD = 127, 20


async def sent_out(scene: Scene, seat: str, kind: str) -> int:
    track = camera(seat) if kind == "camera" else mic(seat)
    return (await scene.track_stats(track)).packets_out.get("B-02", 0)


async def test_a_picture_that_is_not_shown_stops_on_the_wire_while_sound_and_recording_go_on() -> None:
    async with a_scene() as scene:
        for seat in ("A-01", "C-03"):
            await scene.seat(seat)
        await scene.grant("B-02", camera("A-01"), mic("A-01"), camera("C-03"))
        viewer = await scene.watch("B-02", camera("A-01"), mic("A-01"), camera("C-03"))
        hidden, shown = viewer.received["A-01/camera"], viewer.received["C-03/camera"]
        sound = viewer.received["A-01/mic"]
        await viewer.until(lambda: hidden.frames >= 3 and shown.frames >= 3)

        await scene.worker.show(CASE, VIEWER, (camera("C-03"),))
        stopped, so_far = await sent_out(scene, "A-01", "camera"), len(scene.events)
        seen, heard = shown.frames, sound.frames
        await viewer.until(lambda: shown.frames >= seen + 10 and sound.frames >= heard + 10)
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and scene.events.index(e) > so_far)
        assert await sent_out(scene, "A-01", "camera") == stopped

        frames = hidden.frames
        await scene.worker.show(CASE, VIEWER, (camera("A-01"), camera("C-03")))
        await viewer.until(lambda: hidden.frames >= frames + 5, seconds=3)


async def test_showing_what_was_never_granted_brings_no_packet_of_it() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.seat("C-03")
        await scene.grant("B-02", camera("C-03"))
        viewer = await scene.watch("B-02", camera("C-03"))
        await scene.worker.show(CASE, VIEWER, (camera("A-01"), camera("C-03")))
        await viewer.until(lambda: viewer.received["C-03/camera"].frames >= 10)
        assert (await scene.track_stats(camera("A-01"))).packets_out == {}
        with pytest.raises(MediaRefusal) as refusal:
            await scene.worker.show(CASE, MemberId("D-04"), (camera("A-01"),))
        assert refusal.value.code == "no-such-subscription"


async def test_who_speaks_is_heard_and_who_is_silent_makes_room_but_for_the_leader() -> None:
    async with a_scene() as scene:
        voices = ("A-01", "C-03", "D-04")
        for seat, loudness in zip(voices, (SILENT, SILENT, SILENT), strict=True):
            peer = await scene.seat(seat)
            peer.loudness = loudness
        await scene.worker.set_speakers(CASE, 1, (SeatId("D-04"),))
        await scene.grant("B-02", *map(mic, voices))
        viewer = await scene.watch("B-02", *map(mic, voices))
        first, second, leader = (viewer.received[f"{seat}/mic"] for seat in voices)
        await viewer.until(lambda: first.frames >= 5 and leader.frames >= 5)
        assert second.frames == 0

        scene.peers["C-03 camera+mic VP8"].loudness = LOUD
        await viewer.until(lambda: second.frames >= 10)
        stopped = await sent_out(scene, "A-01", "mic")
        heard, led = second.frames, leader.frames
        await viewer.until(lambda: second.frames >= heard + 10 and leader.frames >= led + 10)
        assert await sent_out(scene, "A-01", "mic") == stopped

        await scene.worker.mute(CASE, mic("A-01"))
        scene.peers["A-01 camera+mic VP8"].loudness = LOUD
        scene.peers["C-03 camera+mic VP8"].loudness = SILENT
        heard = second.frames
        await viewer.until(lambda: second.frames >= heard + 100)  # two seconds: whom nobody hears takes no place
        await scene.worker.unmute(CASE, mic("A-01"))

        await scene.worker.set_speakers(CASE, 3, ())
        frames = first.frames
        await viewer.until(lambda: first.frames >= frames + 5)


async def test_on_a_way_too_narrow_pictures_rest_and_voices_go_on() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"), mic("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"), mic("A-01"))
        picture = viewer.received["A-01/camera"]
        await viewer.until(lambda: picture.frames >= 5)
        losses = lose_half(viewer)
        await scene.wait_for(Congested, lambda e: e.member == "B-02" and e.resting, seconds=15)
        stopped, voiced = await sent_out(scene, "A-01", "camera"), await sent_out(scene, "A-01", "mic")
        # A rest is two seconds long at first; a fifth of a second of sound lies well within it.
        async with asyncio.timeout(2):
            while await sent_out(scene, "A-01", "mic") < voiced + 10:
                continue
        assert await sent_out(scene, "A-01", "camera") == stopped
        for protocol in losses:
            delattr(protocol, "datagram_received")
        await scene.wait_for(Congested, lambda e: not e.resting, seconds=20)
        arrived = pictures_arrived(viewer)
        sound = viewer.received["A-01/mic"]
        heard = sound.frames
        await viewer.until(lambda: sound.frames >= heard + 30)
        assert pictures_arrived(viewer) >= arrived + 10


async def test_who_subscribes_again_while_its_pictures_rest_is_told_that_they_do_no_longer() -> None:
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"), mic("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"), mic("A-01"))
        await viewer.until(lambda: viewer.received["A-01/camera"].frames >= 5)
        lose_half(viewer)
        await scene.wait_for(Congested, lambda e: e.member == "B-02" and e.resting, seconds=15)
        await scene.worker.subscribe(CASE, VIEWER, (camera("A-01"),))
        await scene.wait_for(Congested, lambda e: not e.resting, seconds=1)


async def test_a_member_granted_the_disguise_gets_no_byte_of_the_face_or_the_voice_on_the_wire(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disguise = make_clip("MASK", 300)
    taken: list[bytes] = []
    count = peers._CountingQueue.put

    def keep(queue: peers._CountingQueue, item: Any, *more: Any) -> None:  # noqa: ANN401 - what aiortc queues
        if item is not None:
            taken.append(bytes(item[1].data))
        count(queue, item, *more)

    monkeypatch.setattr(peers._CountingQueue, "put", keep)
    disguised = (track_ref("A-01/masked"), track_ref("A-01/voice"))
    async with a_scene() as scene:
        scene.peers["A-01 masked+voice VP8"] = SeatPeer(disguise)
        await scene.seat("A-01")
        await scene.seat("A-01", {"0": "masked", "1": "voice"})
        await scene.grant("B-02", *disguised)
        viewer = await scene.watch("B-02", *disguised)
        arrived = sniffed(viewer)
        await scene.worker.show(CASE, VIEWER, (*disguised, camera("A-01"), mic("A-01")))
        await viewer.until(lambda: all(viewer.received[str(track)].frames >= 25 for track in disguised))
        offered = {int(ssrc) for ssrc in re.findall(r"a=ssrc:(\d+) ", viewer.offer)}
    assert arrived
    assert arrived <= offered
    assert len(offered) == 3
    pictures, sounds = {data for data, _ in disguise.video}, set(disguise.audio)
    assert set(taken) <= pictures | sounds
    own = clip_of("A-01")
    assert not set(taken) & ({data for data, _ in own.video} | set(own.audio))


def sniffed(peer: SeatPeer) -> set[int]:
    """The SSRCs of all media packets that reach this peer's sockets from now on, still encrypted."""
    arrived: set[int] = set()
    for protocol in peer._protocols():
        take = protocol.datagram_received

        def note(data: bytes, addr: tuple[str, int], take: Callable[..., None] = take) -> None:
            if data[0] >> 6 == 2 and not 192 <= data[1] < 224:
                arrived.add(int.from_bytes(data[8:12], "big"))
            take(data, addr)

        setattr(protocol, "datagram_received", note)  # noqa: B010 - a method of this one
    return arrived


def pictures_arrived(peer: SeatPeer) -> int:
    """Packets, not frames: aiortc asks for a lost one once, and puts no frame together before 128 more have come."""
    assert peer._subscriber is not None
    receivers = (one for one in peer._subscriber.getReceivers() if one.track.kind == "video")
    streams = (stream for one in receivers for stream in vars(one)["_RTCRtpReceiver__remote_streams"].values())
    return sum(stream.packets_received for stream in streams)


def lose_half(peer: SeatPeer) -> list[aioice.ice.StunProtocol]:
    """Every second media packet on its way to this peer is gone."""
    chance = random.Random(7)
    protocols = list(peer._protocols())
    for protocol in protocols:
        take = protocol.datagram_received

        def sometimes(data: bytes, addr: tuple[str, int], take: Callable[..., None] = take) -> None:
            if not (data[0] >> 6 == 2 and not 192 <= data[1] < 224 and chance.random() < 0.5):
                take(data, addr)

        setattr(protocol, "datagram_received", sometimes)  # noqa: B010 - a method of this one
    return protocols


def heard(speakers: Speakers, seats: Iterable[str]) -> set[str]:
    return {seat for seat in seats if speakers.is_heard(SeatId(seat))}


def test_nobody_who_speaks_is_cut_off_for_somebody_else() -> None:
    seats = [SeatId(name) for name in ("A", "B", "C", "L")]
    a, b, c, _ = seats
    speakers = Speakers(2, frozenset({SeatId("L")}))
    speakers.seat(frozenset(seats))
    assert speakers.chooses
    assert heard(speakers, seats) == {"A", "B", "L"}
    speakers.hear(a, LOUD, 10.0)
    speakers.hear(b, LOUD, 10.0)
    assert speakers.hear(c, LOUD, 10.0 + HOLD_S / 2) is None
    speakers.hear(a, LOUD, 10.0 + HOLD_S)
    assert speakers.hear(c, LOUD, 10.0 + HOLD_S) == b
    assert heard(speakers, seats) == {"A", "C", "L"}
    assert speakers.hear(b, SILENT, 60.0) is None


def test_a_committee_that_fits_is_heard_whole() -> None:
    seats = frozenset(SeatId(f"V1-{number:02}") for number in range(1, 8))
    speakers = Speakers(7, frozenset())
    speakers.seat(seats)
    assert not speakers.chooses
    assert heard(speakers, seats) == seats


def reported(fractions: Iterable[int], packets: int = 40) -> tuple[Congestion, float]:
    congestion, now, highest = Congestion(), 100.0, 1000
    for fraction in fractions:
        congestion.on_report(ReceiverReport(7, fraction, highest), now)
        now, highest = now + 1.0, highest + packets
    return congestion, now


def test_repaired_loss_is_no_congestion_and_a_burst_is_not_either() -> None:
    congestion, now = reported([20] * 60)  # 8 %
    assert not congestion.is_resting(now - 1)
    congestion, now = reported([0, 0, 120, 0, 0, 120, 0])
    assert not congestion.is_resting(now - 1)


def test_pictures_rest_longer_each_time_and_no_longer_than_sixteen_seconds() -> None:
    congestion, now = reported([0, 120, 120])
    assert congestion.is_resting(now - 1)
    rests = []
    for _ in range(6):
        until = next(now + tenth / 10 for tenth in range(400) if not congestion.is_resting(now + tenth / 10))
        rests.append(until - now)
        now = until
        congestion.on_refused(now)
    assert [round(rest) for rest in rests] == [1, 4, 8, 16, 16, 16]


def test_a_report_cut_short_is_malformed() -> None:
    block = ReportBlock(0xDEADBEEF, 64, 5, 70_000, 3, 0, 0)
    with pytest.raises(MalformedRtcp):
        parse(b"\x82\xc9\x00\x07" + receiver_report(1, [block])[4:])


def test_a_level_is_found_behind_other_extensions_and_padding() -> None:
    header = bytes([0x90, 111]) + bytes(10)
    packet = header + b"\xbe\xde\x00\x03" + b"\x31abc"[:3] + b"\x00" + b"\x10\x9e" + b"\x00" * 6 + b"opus"
    assert rtp.extension_of(packet, 1) == 0x9E
    assert rtp.extension_of(packet, 2) is None
    assert rtp.extension_of(bytes([0x80]) + packet[1:], 1) is None
    assert rtp.extension_of(header + b"\xbe\xde\xff\xff\x1f", 1) is None

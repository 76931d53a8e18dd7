"""Packets of a stranger: a call goes on, nothing is raised, hardly a line is logged."""

import random
import socket
import struct
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from aioice import stun as judge

from demo.peers import Received
from media.embedded import rtcp, stun
from tests.media.scene import a_scene, camera, mic

SEED = 20261126
PACKETS, BURSTS = 10_000, 20
LOG_LINES = 10
# A packet of 28 bytes that needs no password: the attribute PRIORITY with a length that is not its own.
SHORT_PRIORITY = struct.pack("!HHI12sHHI", 1, 8, 0x2112A442, bytes(12), 0x0024, 2, 0)


def hostile(chance: random.Random) -> Iterator[bytes]:
    """Packets of every family that shares the port, each cut, stretched or flipped; and the short one."""
    request = judge.Message(judge.Method.BINDING, judge.Class.REQUEST)
    request.attributes["USERNAME"] = "abcd:wxyz"
    request.add_message_integrity(b"a guess")
    seeds = (
        bytes(request),
        bytes([22, 254, 253]) + bytes(10) + chance.randbytes(60),
        bytes([0x80, 96]) + chance.randbytes(80),
        bytes([0x81, 206, 0, 2]) + chance.randbytes(8),
        chance.randbytes(40),
    )
    while True:
        yield SHORT_PRIORITY
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    del data[at + 1 :]
                case _:
                    data[at:at] = chance.randbytes(chance.randrange(1, 40))
        yield bytes(data[:1400])


async def test_a_call_goes_on_through_ten_thousand_packets_of_a_stranger(capfd: pytest.CaptureFixture[str]) -> None:
    packets = hostile(random.Random(SEED))
    async with a_scene() as scene:
        await scene.seat("A-01")
        await scene.grant("B-02", camera("A-01"), mic("A-01"))
        viewer = await scene.watch("B-02", camera("A-01"), mic("A-01"))
        picture = viewer.received["A-01/camera"]
        assert scene.worker.ready
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(("127.0.0.1", scene.worker.ready.port))
            for _ in range(BURSTS):
                for _ in range(PACKETS // BURSTS):
                    stranger.send(next(packets))
                seen = picture.frames
                await viewer.until(partial(has_more, picture, seen))
        stats = await scene.track_stats(camera("A-01"))
        assert stats.live
        assert stats.takes == 1
    assert len(capfd.readouterr().err.splitlines()) <= LOG_LINES


def has_more(picture: Received, seen: int) -> bool:
    """Whether a burst's length of frames has come since."""
    return picture.frames >= seen + 2


@pytest.mark.parametrize(
    ("parse", "refusal"),
    [(stun.parse, stun.MalformedStun), (rtcp.parse, rtcp.MalformedRtcp)],
)
def test_packets_of_a_stranger_are_read_or_refused_by_name(
    parse: Callable[[bytes], object], refusal: type[Exception]
) -> None:
    packets = hostile(random.Random(SEED))
    refused = 0
    for _ in range(PACKETS):
        try:
            parse(next(packets))
        except refusal:
            refused += 1
    assert refused > PACKETS // 10

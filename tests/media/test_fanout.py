"""One packet to many subscribers, on real sockets under real keys: what each gets, and what nobody may ever get."""

import errno
import os
import socket
import struct
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from pylibsrtp import Policy, Session

from media.embedded.datagrams import Outbox
from media.embedded.fanout import FanOut, Lane
from media.embedded.peer import Peer
from media.embedded.port import MediaPort
from media.embedded.rtc import Certificate, Protector

PAYLOAD = 96
PROFILE = Policy.SRTP_PROFILE_AEAD_AES_256_GCM
CONTENT = b"a picture, or a part of one"


def packet(sequence: int, stamp: int, content: bytes = CONTENT) -> bytes:
    return struct.pack("!BBHII", 0x80, 0x80 | 101, sequence, stamp, 7) + content


@dataclass(frozen=True)
class Subscriber:
    lane: Lane
    socket: socket.socket
    session: Session

    def received(self) -> tuple[int, int, int, int, bytes]:
        """Second byte, sequence number, time stamp, SSRC, content of the next packet."""
        plain = self.session.unprotect(self.socket.recv(2048))
        return (*struct.unpack_from("!xBHII", plain), plain[12:])

    def has_nothing(self) -> bool:
        try:
            return not self.socket.recv(2048)
        except BlockingIOError:
            return True


@contextmanager
def subscribers(port: MediaPort, *floors: int, family: int = socket.AF_INET) -> Iterator[list[Subscriber]]:
    made: list[Subscriber] = []
    for place, floor in enumerate(floors):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        sock.setblocking(False)
        peer = Peer(port, Certificate())
        peer.on_check(sock.getsockname()[:2], True, time.monotonic())
        key = os.urandom(44)
        protector = Protector(Policy(key, Policy.SSRC_ANY_OUTBOUND, 0, PROFILE))
        lane = Lane(peer, protector, 1000 + place, floor, 10 * (place + 1), 100 * (place + 1))
        made.append(Subscriber(lane, sock, Session(Policy(key, Policy.SSRC_ANY_INBOUND, 0, PROFILE))))
    try:
        yield made
    finally:
        for one in made:
            one.socket.close()


@pytest.fixture
async def port() -> AsyncIterator[MediaPort]:
    made = MediaPort("127.0.0.1", 0)
    yield made
    made.close()


async def test_each_gets_the_packet_under_numbers_and_a_key_of_its_own(port: MediaPort) -> None:
    with subscribers(port, 0, 0) as (first, second):
        fan = FanOut(port, PAYLOAD, [first.lane, second.lane])
        fan.send(65530, packet(65530, 0xFFFFFFF0), time.monotonic())
        port.flush()
        assert first.received() == (0x80 | PAYLOAD, 4, 84, 1000, CONTENT)
        assert second.received() == (0x80 | PAYLOAD, 14, 184, 1001, CONTENT)
        assert (fan.packets, fan.octets, fan.highest) == (1, len(CONTENT), 65530)


async def test_who_began_later_gets_nothing_of_before_and_who_was_there_gets_the_repaired(port: MediaPort) -> None:
    with subscribers(port, 0, 20) as (first, second):
        fan = FanOut(port, PAYLOAD, [first.lane, second.lane])
        for number in (20, 19):
            fan.send(number, packet(number, number), time.monotonic())
            port.flush()
        assert [first.received()[1], first.received()[1]] == [30, 29]
        assert second.received()[1] == 40
        assert second.has_nothing()
        assert fan.highest == 20


async def test_a_peer_that_moves_is_sent_to_where_it_is_now(port: MediaPort) -> None:
    with subscribers(port, 0, 0) as (first, second):
        fan = FanOut(port, PAYLOAD, [first.lane])
        first.lane.peer.on_check(second.socket.getsockname(), True, time.monotonic())
        fan.send(1, packet(1, 1), time.monotonic())
        port.flush()
        assert first.has_nothing()
        assert first.session.unprotect(second.socket.recv(2048))[12:] == CONTENT


async def test_what_cannot_be_encrypted_is_not_sent_in_clear(port: MediaPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.embedded.fanout.protect", lambda *_: 1)
    with subscribers(port, 0) as (only,):
        FanOut(port, PAYLOAD, [only.lane]).send(1, packet(1, 1), time.monotonic())
        port.flush()
        assert only.socket.recv(2048) == b""


async def test_a_datagram_that_the_kernel_refuses_is_counted_with_its_peer_and_costs_no_other(port: MediaPort) -> None:
    with subscribers(port, 0, 0, 0) as (first, second, third):
        second.lane.peer.name.set(("127.0.0.1", 0))
        fan = FanOut(port, PAYLOAD, [first.lane, second.lane, third.lane])
        fan.send(1, packet(1, 1), time.monotonic())
        port.flush()
        assert first.received()[4] == third.received()[4] == CONTENT
        assert [one.lane.peer.unsent for one in (first, second, third)] == [0, 1, 0]


PARTS = (b"a" * 700, b"b" * 700, b"c" * 700, b"d" * 100, b"e" * 300, b"f" * 301, b"g" * 301)


async def test_parts_of_a_picture_that_came_together_arrive_one_by_one_and_in_order(port: MediaPort) -> None:
    with subscribers(port, 0, 0) as (first, second):
        fan = FanOut(port, PAYLOAD, [first.lane, second.lane])
        for number, part in enumerate(PARTS):
            fan.send(number, packet(number, 1, part), time.monotonic())
        port.flush()
        for one in (first, second):
            assert [one.received()[4] for _ in PARTS] == list(PARTS)


@pytest.mark.parametrize(("error", "later"), [(errno.EIO, 1), (errno.EAGAIN, 4)])
async def test_where_they_cannot_travel_together_they_travel_alone(
    port: MediaPort, monkeypatch: pytest.MonkeyPatch, error: int, later: int
) -> None:
    with subscribers(port, 0, 0) as (first, second):
        fan = FanOut(port, PAYLOAD, [first.lane, second.lane])

        def refuse(outbox: Outbox, used: int) -> list[int]:
            outbox.errno = error
            return [1] if used > 1 else []

        monkeypatch.setattr(Outbox, "send", refuse)
        for number in range(2):
            fan.send(number, packet(number, 1), time.monotonic())
        port.flush()
        assert [second.received()[1] for _ in range(2)] == [20, 21]
        assert second.lane.peer.unsent == 0
        assert len(port.outbox([first.lane.peer.name], 4).rows) == later


async def test_the_same_over_ipv6() -> None:
    port = MediaPort("::1", 0)
    with subscribers(port, 0, family=socket.AF_INET6) as (only,):
        FanOut(port, PAYLOAD, [only.lane]).send(1, packet(1, 1), time.monotonic())
        port.flush()
        assert only.received()[4] == CONTENT
    port.close()

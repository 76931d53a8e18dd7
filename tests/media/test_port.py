"""The UDP port in this process: who is let in, and where a peer is sent to."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from aioice import stun as judge

from media.embedded import stun
from media.embedded.datagrams import Slot
from media.embedded.peer import STALE_ADDRESS_S, Peer
from media.embedded.plane import Rooms
from media.embedded.port import MediaPort
from media.embedded.rtc import Certificate
from media.embedded.sdp import RemoteTransport

REMOTE = RemoteTransport("wxyz", "password-of-the-browser", (("sha-256", ":".join(["AB"] * 32)),))


@pytest.fixture
async def port() -> MediaPort:
    return MediaPort("127.0.0.1", 0)


@contextmanager
def _interface() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


def _check(peer: Peer, password: str, *, nominates: bool = False) -> bytes:
    message = judge.Message(judge.Method.BINDING, judge.Class.REQUEST)
    message.attributes["USERNAME"] = f"{peer.ufrag}:wxyz"
    if nominates:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


async def _receive(sock: socket.socket) -> bytes:
    async with asyncio.timeout(2):
        return await asyncio.get_running_loop().sock_recv(sock, 2048)


async def _is_silent(sock: socket.socket) -> bool:
    try:
        async with asyncio.timeout(0.1):
            await asyncio.get_running_loop().sock_recv(sock, 2048)
    except TimeoutError:
        return True
    return False


async def test_only_one_who_knows_the_password_is_bound_and_answered(port: MediaPort) -> None:
    port.open()
    peer = Peer(port, Certificate())
    with _interface() as friend, _interface() as stranger:
        for sock in (friend, stranger):
            sock.connect(("127.0.0.1", port.port))
        stranger.send(_check(peer, "a guess"))
        friend.send(_check(peer, peer.password))
        answer = judge.parse_message(await _receive(friend))
        assert answer.message_class == judge.Class.RESPONSE
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == friend.getsockname()
        assert await _is_silent(stranger)
        assert peer.addresses == [friend.getsockname()]
        peer.hang_up()
        friend.send(_check(peer, peer.password))
        assert await _is_silent(friend)
    port.close()


async def test_a_peer_is_sent_to_where_it_nominates_and_heard_from_wherever_it_checked(port: MediaPort) -> None:
    port.open()
    peer = Peer(port, Certificate())
    with _interface() as first, _interface() as second, _interface() as third:
        for sock in (first, second, third):
            sock.connect(("127.0.0.1", port.port))
        for sock, nominates in ((first, False), (second, True), (third, False)):
            sock.send(_check(peer, peer.password, nominates=nominates))
            await _receive(sock)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(peer.run(REMOTE, lambda: None))
            await asyncio.sleep(0)
            peer.ping(time.monotonic())
            ping = stun.parse(await _receive(second))
            assert stun.is_authentic(ping, REMOTE.password)
            assert await _is_silent(first)
            assert await _is_silent(third)
            assert len(peer.addresses) == 3
            # The nominated address falls silent: the next check says where the peer is now.
            peer.on_check(third.getsockname(), False, time.monotonic() + STALE_ADDRESS_S + 1)
            peer.ping(time.monotonic())
            ping = stun.parse(await _receive(third))
            third.send(stun.response(ping, ("127.0.0.1", 1), "not the password"))
            assert await _is_silent(third)
            assert peer.rtt_ms == -1
            third.send(stun.response(ping, ("127.0.0.1", 1), REMOTE.password))
            assert await _is_silent(third)
            assert 0 <= peer.rtt_ms < 1000
            peer.hang_up()
            await running
        assert peer.is_closed
        assert peer.addresses == []
    port.close()


class Faulty(Peer):
    """A peer whose packets go wrong; `taken` counts them."""

    taken = 0

    def on_media(self, slot: Slot, now: float) -> None:
        del slot, now
        self.taken += 1
        raise struct.error("a header nobody thought of")


async def test_a_packet_that_goes_wrong_takes_no_other_with_it_and_is_said_a_few_times_only(
    port: MediaPort, caplog: pytest.LogCaptureFixture
) -> None:
    port.open()
    faulty, sound = Faulty(port, Certificate()), Peer(port, Certificate())
    with _interface() as bad, _interface() as good:
        for sock, peer in ((bad, faulty), (good, sound)):
            sock.connect(("127.0.0.1", port.port))
            sock.send(_check(peer, peer.password))
            await _receive(sock)
        for _ in range(20):
            bad.send(b"\x80\x60" + bytes(20))
        good.send(_check(sound, sound.password))
        assert await _receive(good)
    assert faulty.taken == 20
    assert [record.getMessage() for record in caplog.records] == ["a packet was not taken"] * 5
    port.close()


def test_a_room_that_goes_wrong_does_not_end_the_watch_over_the_others(caplog: pytest.LogCaptureFixture) -> None:
    class Room:
        case = "E-1"

        def tick(self, _now: float) -> None:
            raise ValueError

    rooms = Rooms(cast(Any, None), cast(Any, None), cast(Any, None))
    for now in (*range(8), 61):
        rooms._tick(cast(Any, Room()), now)
    said = ["room E-1 did not look after itself"] * 5
    assert [record.getMessage() for record in caplog.records] == [*said, "3 more faults were not said", said[0]]

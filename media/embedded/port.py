"""The one UDP socket of a worker: tells STUN, DTLS and SRTP apart (RFC 7983) and finds the peer. Never blocks."""

import asyncio
import logging
import socket
import time
from typing import Protocol

from media.embedded import stun
from media.embedded.stun import Address

log = logging.getLogger(__name__)

_MAX_DATAGRAM = 2048
_BATCH = 64
_MAX_ADDRESSES = 8
_SOCKET_BUFFER = 4 << 20
_MAX_STUN_FIRST_BYTE = 3
_DTLS_FIRST_BYTES = range(20, 64)
_RTP_FIRST_BYTES = range(128, 192)


class PortUser(Protocol):
    """What the port asks of a peer; every method is called from the event loop and must not wait."""

    password: str
    addresses: list[Address]

    def on_check(self, source: Address, nominates: bool, now: float) -> None:
        """The peer proved again, from this address, that it knows the password."""

    def on_pong(self, message: stun.Binding, now: float) -> None:
        """Take a response from one of the peer's addresses; not yet authenticated."""

    def on_dtls(self, datagram: bytes) -> None:
        """Take a DTLS record."""

    def on_media(self, datagram: bytes, now: float) -> None:
        """Take an encrypted RTP or RTCP packet."""


class MediaPort:
    """Owns the socket and the two tables that lead a datagram to its peer: by ICE user name and by address."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER)
        self._socket.bind((host, port))
        self.port: int = self._socket.getsockname()[1]
        self._by_ufrag: dict[str, PortUser] = {}
        self._by_address: dict[Address, PortUser] = {}
        self.unsent = 0

    def open(self) -> None:
        """Start reading."""
        asyncio.get_running_loop().add_reader(self._socket, self._on_readable)

    def close(self) -> None:
        """Stop reading and free the port."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def admit(self, ufrag: str, peer: PortUser) -> None:
        """Let a peer be found by its user name."""
        self._by_ufrag[ufrag] = peer

    def forget(self, ufrag: str) -> None:
        """Remove a peer; datagrams for it are dropped from now on."""
        peer = self._by_ufrag.pop(ufrag, None)
        while peer is not None and peer.addresses:
            self._unbind(peer, peer.addresses[0])

    def send(self, datagram: bytes | memoryview, address: Address) -> None:
        """Send, or count a loss where the kernel would make us wait."""
        try:
            self._socket.sendto(datagram, address)
        except OSError:
            self.unsent += 1

    def _on_readable(self) -> None:
        now = time.monotonic()
        for _ in range(_BATCH):
            try:
                datagram, source = self._socket.recvfrom(_MAX_DATAGRAM)
            except OSError:  # nothing left, or an ICMP error of a peer that went away
                return
            if datagram:
                self._dispatch(datagram, source[:2], now)

    def _dispatch(self, datagram: bytes, source: Address, now: float) -> None:
        first = datagram[0]
        if first <= _MAX_STUN_FIRST_BYTE:
            self._on_stun(datagram, source, now)
            return
        peer = self._by_address.get(source)
        if peer is None:
            return
        if first in _RTP_FIRST_BYTES:
            peer.on_media(datagram, now)
        elif first in _DTLS_FIRST_BYTES:
            peer.on_dtls(datagram)

    def _on_stun(self, datagram: bytes, source: Address, now: float) -> None:
        try:
            message = stun.parse(datagram)
        except stun.MalformedStun:
            return
        if message.kind == "response":
            answered = self._by_address.get(source)
            if answered is not None:
                answered.on_pong(message, now)
            return
        peer = self._by_ufrag.get(message.local_ufrag)
        if peer is None or not stun.is_authentic(message, peer.password):
            return
        if source not in peer.addresses:
            self._bind(peer, source)
        peer.on_check(source, message.nominates, now)
        self.send(stun.response(message, source, peer.password), source)

    def _bind(self, peer: PortUser, source: Address) -> None:
        # A browser with several interfaces checks several pairs at once and sends media before it has settled on one.
        former = self._by_address.get(source)
        if former is not None:
            self._unbind(former, source)
        if len(peer.addresses) == _MAX_ADDRESSES:
            self._unbind(peer, peer.addresses[0])
        peer.addresses.append(source)
        self._by_address[source] = peer

    def _unbind(self, peer: PortUser, source: Address) -> None:
        peer.addresses.remove(source)
        self._by_address.pop(source, None)

"""The one UDP socket of a worker: tells STUN, DTLS and SRTP apart (RFC 7983) and finds the peer. Never blocks."""

import asyncio
import errno
import logging
import socket
import time
from typing import Protocol

from media.embedded import stun
from media.embedded.datagrams import Inbox, Name, Outbox, Slot, can_segment, key_of
from media.embedded.faults import Faults
from media.embedded.stun import Address

log = logging.getLogger(__name__)

_BATCH, _ROUNDS = 64, 4
_MAX_ADDRESSES = 8
_SOCKET_BUFFER = 4 << 20
_MAX_STUN_FIRST_BYTE = 3
_DTLS_FIRST_BYTES = range(20, 64)
_RTP_FIRST_BYTES = range(128, 192)


class PortUser(Protocol):
    """What the port asks of a peer; every method is called from the event loop and must not wait."""

    password: str
    addresses: list[Address]
    unsent: int

    def on_check(self, source: Address, nominates: bool, now: float) -> None:
        """The peer proved again, from this address, that it knows the password."""

    def on_pong(self, message: stun.Binding, now: float) -> None:
        """Take a response from one of the peer's addresses; not yet authenticated."""

    def on_dtls(self, datagram: bytes) -> None:
        """Take a DTLS record."""

    def on_media(self, slot: Slot, now: float) -> None:
        """Take an encrypted RTP or RTCP packet; the slot is used again afterwards."""


class Held(Protocol):
    """Who has datagrams ready that may wait for the next of the same wake-up."""

    def flush(self) -> None:
        """Send them."""


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
        self._by_key: dict[bytes, PortUser] = {}
        self._inbox = Inbox(self._socket, _BATCH)
        self._can_segment = can_segment(self._socket)
        self._held: Held | None = None
        self._faults = Faults(log)

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
        """Send, or count it with the peer as lost where the kernel would make us wait."""
        try:
            self._socket.sendto(datagram, address)
        except OSError:
            peer = self._by_address.get(address)
            if peer is not None:
                peer.unsent += 1

    def name(self) -> Name:
        """Where a peer is sent to, for an `outbox`."""
        return Name(self._socket.family)

    def outbox(self, names: list[Name], depth: int) -> Outbox:
        """Datagrams to these peers that one call sends, at most `depth` for each."""
        return Outbox(self._socket, names, depth if self._can_segment else 1)

    def hold(self, sender: Held) -> None:
        """Flush `sender` when there is nothing more to read, or somebody else has something to send."""
        if self._held is not sender:
            self.flush()
            self._held = sender

    def flush(self) -> None:
        """Send what is held."""
        held, self._held = self._held, None
        if held is not None:
            held.flush()

    def on_refused_segments(self, error: int) -> None:
        """The kernel took no datagrams that travel together: if for good, none are given to it any more."""
        if error in (errno.EIO, errno.EINVAL):
            self._can_segment = False

    def _on_readable(self) -> None:
        # More has often come meanwhile: looking again costs a tenth of a turn of the event loop.
        for _ in range(_ROUNDS):
            count = self._inbox.receive()
            if not count:
                return
            self._take(count, time.monotonic())
            self.flush()

    def _take(self, count: int, now: float) -> None:
        peers = self._by_key
        for slot in self._inbox.slots[:count]:
            peer = peers.get(slot.key.tobytes())
            try:
                if peer is not None and slot.view[0] in _RTP_FIRST_BYTES:
                    peer.on_media(slot, now)
                else:
                    self._on_other(slot, peer, now)
            except Exception:  # the outermost loop of one packet: it must not take those of others with it
                self._faults.note("a packet was not taken", now)

    def _on_other(self, slot: Slot, peer: PortUser | None, now: float) -> None:
        datagram = bytes(slot.view[: slot.length[0]])
        if not datagram:
            return  # what lies in the slot is of an earlier one
        if datagram[0] <= _MAX_STUN_FIRST_BYTE:
            self._on_stun(datagram, self._inbox.address_of(slot), now)
        elif peer is not None and datagram[0] in _DTLS_FIRST_BYTES:
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
        self._by_key[key_of(self._socket.family, source)] = peer

    def _unbind(self, peer: PortUser, source: Address) -> None:
        peer.addresses.remove(source)
        self._by_address.pop(source, None)
        self._by_key.pop(key_of(self._socket.family, source), None)

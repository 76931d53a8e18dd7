"""One WebRTC connection of this worker: consent, DTLS, keys. Knows packets, never tracks or rooms."""

import asyncio
import secrets
import time
from collections.abc import Callable

from media.embedded import sdp, stun
from media.embedded.datagrams import Slot
from media.embedded.port import MediaPort
from media.embedded.rtc import Certificate, DtlsServer, Protector, Unprotector
from media.embedded.rtp import HEADER_BYTES as RTP_HEADER_BYTES
from media.embedded.stun import Address

# RFC 7675, section 5.1. Shorter, and a Firefox that asks every 5 s lost its connection to two cuts in a row.
CONSENT_S = 30.0
# A Firefox confirms its address every 5 s, without nominating it again.
STALE_ADDRESS_S = 8.0
HANDSHAKE_S = 20.0
_RTCP_SECOND_BYTES = range(192, 224)


class Peer:
    """A connection with one browser.

    `heard` is when its last authenticated RTP or RTCP came (monotonic seconds), `rtt_ms` its round trip, -1 unknown,
    `unsent` how many datagrams the kernel would not take for it.
    """

    def __init__(self, port: MediaPort, certificate: Certificate) -> None:
        self.ufrag, self.password = sdp.new_credentials()
        self.addresses: list[Address] = []
        self.heard = 0.0
        self.rtt_ms = -1
        self.unsent = 0
        self.is_closed = False
        self.on_rtp: Callable[[bytes, float], None] = _ignore
        self.on_rtcp: Callable[[bytes, float], None] = _ignore
        self.name = port.name()
        self._address: Address | None = None
        self._confirmed = self._consent = time.monotonic()
        self._port = port
        self._dtls = DtlsServer(certificate, self.send_raw)
        self._remote: sdp.RemoteTransport | None = None
        self._ping: tuple[bytes, float] = (b"", 0.0)
        self._keys: tuple[Unprotector, Protector] | None = None
        port.admit(self.ufrag, self)

    @property
    def is_connected(self) -> bool:
        """Whether media can flow."""
        return self._keys is not None and not self.is_closed

    async def run(self, remote: sdp.RemoteTransport, on_connected: Callable[[], None]) -> None:
        """Shake hands, then stay until the peer leaves or `hang_up` is called; always ends closed."""
        self._remote = remote
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                self._keys = await self._dtls.handshake(remote.fingerprints)
            if self._keys is not None and not self.is_closed:
                self.heard = time.monotonic()
                on_connected()
                await self._dtls.closed()
        except TimeoutError:
            pass
        finally:
            self.is_closed = True
            self._keys = None
            await self._dtls.stop()
            self._port.forget(self.ufrag)
            # Who listens knows this peer: in a circle, its caches would wait for a collection, which is rare here.
            self.on_rtp = self.on_rtcp = _ignore

    def hang_up(self) -> None:
        """End the connection; `run` returns soon after."""
        self.is_closed = True
        self._dtls.hang_up()
        self._port.forget(self.ufrag)

    def has_consent(self, now: float) -> bool:
        """Whether the peer asked for its binding lately (RFC 7675; a Firefox asks every 5 s only)."""
        return now - self._consent < CONSENT_S

    def on_check(self, source: Address, nominates: bool, now: float) -> None:
        """Note an authenticated binding request; send to where the peer nominates, or to where it still is."""
        self._consent = now
        if nominates or self._address is None or now - self._confirmed > STALE_ADDRESS_S:
            self._address = source
            self.name.set(source)
        if source == self._address:
            self._confirmed = now

    def ping(self, now: float) -> None:
        """Measure the round trip: a lite agent need not check, but the peer answers if it does."""
        if self._remote is None or self._address is None:
            return
        self._ping = (secrets.token_bytes(stun.TRANSACTION_BYTES), now)
        username = f"{self._remote.ufrag}:{self.ufrag}"
        self._port.send(stun.request(self._ping[0], username, self._remote.password), self._address)

    def on_pong(self, message: stun.Binding, now: float) -> None:
        """Take the answer to the last ping."""
        transaction, sent = self._ping
        if self._remote is None or message.transaction != transaction:
            return
        if stun.is_authentic(message, self._remote.password):
            self.rtt_ms = round(1000 * (now - sent))

    def on_dtls(self, datagram: bytes) -> None:
        """Hand a record to the association."""
        self._dtls.feed(datagram)

    def on_media(self, slot: Slot, now: float) -> None:
        """Decrypt and hand on; what does not authenticate is dropped."""
        if self._keys is None or slot.length[0] < RTP_HEADER_BYTES:
            return
        unprotector = self._keys[0]
        if slot.view[1] not in _RTCP_SECOND_BYTES:
            packet = unprotector.rtp(slot)
            if packet is not None:
                self.heard = now
                self.on_rtp(packet, now)
            return
        report = unprotector.rtcp(slot)
        if report is not None:
            self.heard = now
            self.on_rtcp(report, now)

    @property
    def protector(self) -> Protector | None:
        """What encrypts for this peer, while it is there."""
        return self._keys[1] if self._keys is not None else None

    def send_rtp(self, packet: bytes, header: tuple[int, int, int, int]) -> None:
        """Send `packet` under (second byte, sequence number, time stamp, SSRC)."""
        if self._keys is None or self._address is None:
            return
        datagram = self._keys[1].rtp(packet, header)
        if datagram is not None:
            self._port.send(datagram, self._address)

    def send_rtcp(self, packet: bytes) -> None:
        """Send a compound packet."""
        if self._keys is None or self._address is None:
            return
        datagram = self._keys[1].rtcp(packet)
        if datagram is not None:
            self._port.send(datagram, self._address)

    def send_raw(self, datagram: bytes | memoryview) -> None:
        """Send a datagram as it is to where the peer is."""
        if self._address is not None:
            self._port.send(datagram, self._address)


def _ignore(_packet: bytes, _now: float) -> None:
    return

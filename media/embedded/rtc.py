"""DTLS and SRTP by aiortc and pylibsrtp: the one file that touches their private names, and a test that they exist.

aiortc's peer connection, receiver, sender and ICE are not used: it decodes every track and encodes it again.
"""

import asyncio
import logging
import struct
from collections.abc import Callable
from importlib import metadata
from typing import Any, cast

from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from OpenSSL import SSL
from pylibsrtp import Policy, Session
from pylibsrtp import ffi as _ffi  # type: ignore[attr-defined]
from pylibsrtp import lib as _lib  # type: ignore[attr-defined]

from media.embedded.datagrams import Slot

log = logging.getLogger(__name__)

TESTED_AIORTC = "1.16.0"
_BUFFER_BYTES = 2048
MAX_TRAILER = 148
# RFC 5764 §4.2: the label, and the server's place in what it exports.
_EXPORTER, _SERVER = b"EXTRACTOR-dtls_srtp", 1
# How late a repaired packet may be encrypted, in packets; libsrtp moves a bit for each of them with every packet.
_WINDOW = 128
_HEADER = struct.Struct("!BBHII")

# `(context, pointer, length)`: encrypts or decrypts in place and writes the new length; anything but 0 is a failure.
protect: Callable[[Any, Any, Any], int] = _lib.srtp_protect
_unprotect: Callable[[Any, Any, Any], int] = _lib.srtp_unprotect
_bytes_at: Callable[[Any, int], bytes] = _ffi.unpack


class UnfitLibrary(RuntimeError):
    """The installed aiortc or pylibsrtp lacks a private name this plane stands on."""

    code = "unfit-library"


def self_test() -> None:
    """Check the version and every private name used below; raise `UnfitLibrary` before any peer is served."""
    found = metadata.version("aiortc")
    if found != TESTED_AIORTC:
        raise UnfitLibrary(f"aiortc {found}, tested with {TESTED_AIORTC}")
    transport = RTCDtlsTransport(cast(RTCIceTransport, _Pipe(_nowhere)), [RTCCertificate.generateCertificate()])
    wanted = {"_set_role", "_rx_srtp", "_ssl", "_task", "_recv_next"}
    missing = [name for name in wanted if not hasattr(transport, name)]
    missing += [name for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp") if not hasattr(_lib, name)]
    if missing or not hasattr(Session(), "_srtp") or not rtcdtlstransport.SRTP_PROFILES:
        raise UnfitLibrary(f"missing {sorted(missing)}")


class Certificate:
    """The DTLS certificate of this process; browsers pin it by the fingerprint in the SDP."""

    def __init__(self) -> None:
        self._certificate = RTCCertificate.generateCertificate()
        self.sha256 = next(f.value for f in self._certificate.getFingerprints() if f.algorithm == "sha-256")


class _Pipe:
    """What `RTCDtlsTransport` takes for an ICE transport: datagrams in by a bounded queue, out by a callback."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=64)
        self._out = send

    def feed(self, datagram: bytes) -> None:
        if not self._queue.full():
            self._queue.put_nowait(datagram)

    def hang_up(self) -> None:
        while self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def _recv(self) -> bytes:
        datagram = await self._queue.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._out(datagram)

    def close(self) -> None:
        """Let go of the other end, which knows this one."""
        self._out = _nowhere


def _nowhere(_datagram: bytes) -> None:
    return


class Unprotector:
    """SRTP and SRTCP in, decrypted where they lie. What does not authenticate, or was seen before, gives None."""

    def __init__(self, session: Session) -> None:
        self._session = session  # keeps the C context alive
        self._context: Any = session._srtp[0]

    def rtp(self, slot: Slot) -> bytes | None:
        """Give the plain RTP packet."""
        if _unprotect(self._context, slot.pointer, slot.length):
            return None
        return _bytes_at(slot.pointer, slot.length[0])

    def rtcp(self, slot: Slot) -> bytes | None:
        """Give the plain compound RTCP packet."""
        if _lib.srtp_unprotect_rtcp(self._context, slot.pointer, slot.length):
            return None
        return _bytes_at(slot.pointer, slot.length[0])


class Protector:
    """SRTP and SRTCP out. A pair of SSRC and sequence number must be used for one content only (GCM nonce)."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._session = Session(policy)  # keeps the C context alive
        self.context: Any = self._session._srtp[0]
        self._buffer = _ffi.new("char[]", _BUFFER_BYTES)
        self._view = _ffi.buffer(self._buffer)
        self._out = memoryview(self._view)
        self._length = _ffi.new("int *")

    def for_stream(self) -> "Protector":
        """One of the same key for an SSRC of its own: libsrtp looks a session's streams through one by one."""
        return Protector(self._policy)

    def rtp(self, packet: bytes, header: tuple[int, int, int, int]) -> memoryview | None:
        """Copy `packet`, put (second byte, sequence number, time stamp, SSRC) into it, encrypt.

        The view is valid until the next call.
        """
        size = len(packet)
        if size > _BUFFER_BYTES - MAX_TRAILER:
            return None
        self._view[:size] = packet
        _HEADER.pack_into(self._out, 0, packet[0], *header)
        self._length[0] = size
        if _lib.srtp_protect(self.context, self._buffer, self._length):
            return None
        return self._out[: self._length[0]]

    def rtcp(self, packet: bytes) -> bytes | None:
        """Encrypt a compound RTCP packet."""
        size = len(packet)
        if size > _BUFFER_BYTES - MAX_TRAILER:
            return None
        self._view[:size] = packet
        self._length[0] = size
        if _lib.srtp_protect_rtcp(self.context, self._buffer, self._length):
            return None
        return bytes(self._view[: self._length[0]])


class DtlsServer:
    """The passive side of one DTLS-SRTP association with a peer of known fingerprints."""

    def __init__(self, certificate: Certificate, send: Callable[[bytes], None]) -> None:
        self._pipe = _Pipe(send)
        self._transport = RTCDtlsTransport(cast(RTCIceTransport, self._pipe), [certificate._certificate])
        self._transport._set_role("server")
        self.feed = self._pipe.feed
        self.hang_up = self._pipe.hang_up

    async def handshake(self, fingerprints: tuple[tuple[str, str], ...]) -> tuple[Unprotector, Protector] | None:
        """Run the handshake, check the peer's fingerprint; None when it failed or was hung up."""
        remote = RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value) for algorithm, value in fingerprints])
        try:
            await self._transport.start(remote)
        except (SSL.Error, AttributeError, ValueError) as failure:
            # What a hostile peer can provoke inside the library ends this connection and no other.
            log.info("handshake failed: %s", type(failure).__name__)
            return None
        if self._transport.state != "connected":
            return None
        return Unprotector(self._transport._rx_srtp), Protector(self._sending_policy())

    def _sending_policy(self) -> Policy:
        """What aiortc makes its own sending session of."""
        ssl = self._transport._ssl
        assert ssl is not None  # noqa: S101 - connected
        chosen = ssl.get_selected_srtp_profile()
        profile = next(known for known in rtcdtlstransport.SRTP_PROFILES if known.openssl_profile == chosen)
        material = ssl.export_keying_material(_EXPORTER, 2 * (profile.key_length + profile.salt_length))
        key = profile.get_key_and_salt(material, _SERVER)
        policy = Policy(key, Policy.SSRC_ANY_OUTBOUND, 0, profile.libsrtp_profile)
        policy.allow_repeat_tx = True
        policy.window_size = _WINDOW
        return policy

    async def closed(self) -> None:
        """Return when the peer has said good-bye or `hang_up` was called."""
        task = self._transport._task
        if task is not None:
            await asyncio.wait([task])

    async def stop(self) -> None:
        """Say good-bye; nothing is sent any more."""
        await self._transport.stop()
        self._pipe.close()

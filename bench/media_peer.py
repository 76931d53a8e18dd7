"""One WebRTC connection of the media load: its socket, connectivity checks, the handshake, descriptions by hand.

aiortc shakes hands and gives the SRTP sessions; nothing of it sees a packet of the load.
"""

import asyncio
import contextlib
import re
import secrets
import socket
from typing import Any, cast

from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from pylibsrtp import Session

VIDEO_PAYLOAD, RTX_PAYLOAD, AUDIO_PAYLOAD = 96, 97, 111
CHECK_S, HANDSHAKE_S = 0.05, 20.0
_LAST_STUN_BYTE, _MOST_BYTES = 3, 2048
_BUFFER = 1 << 20


class Connection:
    """One bundled transport of one participant; after `connect` its socket belongs to the load."""

    def __init__(self, host: str, certificate: RTCCertificate) -> None:
        self.role = "controlling"  # aiortc asks its ICE transport for it
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        self.socket.bind((host, 0))
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self._remote_ufrag, self._remote_password = "", ""
        self._controls = True
        self._records: asyncio.Queue[bytes] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self), [certificate])
        self._dtls._set_role("client")
        fingerprints = self._dtls.getLocalParameters().fingerprints
        self._fingerprint = next(row.value for row in fingerprints if row.algorithm == "sha-256")

    @property
    def sessions(self) -> tuple[Session, ...]:
        """SRTP in and out, once connected."""
        return self._dtls._rx_srtp, self._dtls._tx_srtp

    @property
    def profile(self) -> str:
        """The SRTP profile that was agreed on."""
        assert self._dtls._ssl is not None  # noqa: S101
        return self._dtls._ssl.get_selected_srtp_profile().decode()

    async def connect(self, remote: str) -> None:
        """Check, nominate and shake hands with who wrote the description `remote`. Raises `TimeoutError`."""
        self._remote_ufrag, self._remote_password = _line(remote, "a=ice-ufrag:"), _line(remote, "a=ice-pwd:")
        address, port = re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", remote, re.IGNORECASE)[0]
        self.socket.connect((address, int(port)))
        loop = asyncio.get_running_loop()
        loop.add_reader(self.socket, self._read)
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                while not self._answered.is_set():
                    self.check()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._answered.wait(), CHECK_S)
                algorithm, value = _line(remote, "a=fingerprint:").split()
                await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))
        finally:
            loop.remove_reader(self.socket)
        if self._dtls.state != "connected":
            raise TimeoutError("no handshake")

    def check(self) -> None:
        """Send one connectivity check that nominates; also what keeps consent."""
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes.update({"USERNAME": f"{self._remote_ufrag}:{self.ufrag}", "PRIORITY": 0x6E7F1EFF})
        role: dict[str, int | None] = {"ICE-CONTROLLING": 1, "USE-CANDIDATE": None}
        message.attributes.update(role if self._controls else {"ICE-CONTROLLED": 1})
        message.add_message_integrity(self._remote_password.encode())
        self.socket.send(bytes(message))

    def on_check(self, datagram: bytes) -> None:
        """Take a STUN message: answer a check of the other side, note an answer to ours."""
        message = stun.parse_message(datagram)
        if message.message_class == stun.Class.RESPONSE:
            self._answered.set()
        elif message.message_class == stun.Class.ERROR:
            self._controls = False  # a full agent that offers controls itself (role conflict, RFC 8445 §7.3.1.1)
        elif message.message_class == stun.Class.REQUEST:
            answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id)
            answer.attributes["XOR-MAPPED-ADDRESS"] = self.socket.getpeername()
            answer.add_message_integrity(self.password.encode())
            self.socket.send(bytes(answer))

    def _read(self) -> None:
        try:
            datagram = self.socket.recv(_MOST_BYTES)
        except OSError:
            return
        if datagram[0] <= _LAST_STUN_BYTE:
            self.on_check(datagram)
        else:
            self._records.put_nowait(datagram)

    async def _recv(self) -> bytes:
        return await self._records.get()

    async def _send(self, datagram: bytes) -> None:
        self.socket.send(datagram)

    def close(self) -> None:
        """Forget the connection; the other side is ended as a whole."""
        task = self._dtls._task
        if task is not None:
            task.cancel()
        self.socket.close()

    def offer(self, video_ssrc: int, audio_ssrc: int) -> str:
        """A camera as mid 0 with retransmission, a microphone as mid 1."""
        video = [
            *self._section("video", [VIDEO_PAYLOAD, RTX_PAYLOAD], "0", "sendonly"),
            *_video_codec(VIDEO_PAYLOAD, RTX_PAYLOAD), f"a=ssrc-group:FID {video_ssrc} {video_ssrc + 1}",
            f"a=ssrc:{video_ssrc} cname:load", f"a=ssrc:{video_ssrc + 1} cname:load",
        ]  # fmt: skip
        audio = [
            *self._section("audio", [AUDIO_PAYLOAD], "1", "sendonly"),
            f"a=rtpmap:{AUDIO_PAYLOAD} opus/48000/2", f"a=ssrc:{audio_ssrc} cname:load",
        ]  # fmt: skip
        return _written(["0", "1"], video + audio)

    def answer(self, offer: str) -> str:
        """Accept every m-line of an offer as it is."""
        lines: list[str] = []
        mids = []
        for section in offer.split("\r\nm=")[1:]:
            medium, _, _, *formats = section.split("\r\n", 1)[0].split()
            mids.append(_line(section, "a=mid:"))
            lines += self._section(medium, [int(payload) for payload in formats], mids[-1], "recvonly")
            lines += re.findall(r"a=(?:rtpmap|fmtp|rtcp-fb):[^\r]+", section)
        return _written(mids, lines)

    def _section(self, medium: str, payloads: list[int], mid: str, direction: str) -> list[str]:
        host, port = self.socket.getsockname()
        return [
            f"m={medium} {port} UDP/TLS/RTP/SAVPF {' '.join(map(str, payloads))}", f"c=IN IP4 {host}",
            f"a=mid:{mid}", f"a={direction}", "a=rtcp-mux", f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.password}",
            f"a=fingerprint:sha-256 {self._fingerprint}", "a=setup:active",
            f"a=candidate:1 1 udp 2130706431 {host} {port} typ host", "a=end-of-candidates",
        ]  # fmt: skip


def _video_codec(payload: int, rtx: int) -> list[str]:
    feedback = [f"a=rtcp-fb:{payload} {kind}" for kind in ("nack", "nack pli")]
    return [f"a=rtpmap:{payload} VP8/90000", *feedback, f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={payload}"]


def _written(mids: list[str], lines: list[str]) -> str:
    head = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE " + " ".join(mids)]
    return "\r\n".join([*head, *lines, ""])


def _line(text: str, start: str) -> str:
    found: Any = re.search(rf"^{re.escape(start)}([^\r\n]*)", text, re.MULTILINE)
    return str(found[1])

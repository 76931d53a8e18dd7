"""RTCP as bytes (RFC 3550, 4585, 5104 and the REMB draft): strict parsing, and building of what we send."""

import struct
from dataclasses import dataclass
from typing import TypeAlias

_SR, _RR, _SDES, _BYE, _RTPFB, _PSFB = 200, 201, 202, 203, 205, 206
_FMT_NACK, _FMT_PLI, _FMT_FIR, _FMT_REMB = 1, 1, 4, 15
_WORD, _VERSION = 4, 2
_REPORT = struct.Struct("!IB3sIIII")
_SENDER = struct.Struct("!IQIII")


class MalformedRtcp(ValueError):
    """The datagram is no well-formed compound RTCP packet."""

    code = "bad-rtcp"


@dataclass(frozen=True, slots=True)
class SenderReport:
    """The sender's clocks: 64-bit NTP time and the RTP time stamp of the same instant."""

    ssrc: int
    ntp: int
    rtp: int


@dataclass(frozen=True, slots=True)
class Nack:
    """Sequence numbers a receiver misses."""

    ssrc: int
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """PLI or FIR."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """What a receiver says of one stream: `fraction_lost` of 256 since its last report, the highest number it has."""

    ssrc: int
    fraction_lost: int
    highest: int


Report: TypeAlias = SenderReport | ReceiverReport | Nack | KeyFrameRequest


def parse(data: bytes) -> list[Report]:
    """Parse a compound packet; unknown kinds are skipped, a wrong length raises `MalformedRtcp`."""
    reports: list[Report] = []
    at = 0
    while at < len(data):
        if len(data) - at < _WORD or data[at] >> 6 != _VERSION:
            raise MalformedRtcp("header")
        end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data):
            raise MalformedRtcp("length")
        try:
            reports += _parse_one(data[at + 1], data[at] & 0x1F, data[at + 4 : end])
        except struct.error:
            raise MalformedRtcp("body") from None
        at = end
    return reports


def _parse_one(kind: int, count: int, body: bytes) -> list[Report]:
    if kind == _SR:
        ssrc, ntp, rtp, _, _ = _SENDER.unpack_from(body)
        return [SenderReport(ssrc, ntp, rtp)]
    if kind == _RR:
        return [_block(body, 4 + at * _REPORT.size) for at in range(count)]
    if kind == _RTPFB and count == _FMT_NACK:
        return [Nack(struct.unpack_from("!II", body)[1], tuple(_lost(body[8:])))]
    if kind == _PSFB and count == _FMT_PLI:
        return [KeyFrameRequest(struct.unpack_from("!II", body)[1])]
    if kind == _PSFB and count == _FMT_FIR:
        return [KeyFrameRequest(struct.unpack_from("!I", body, at)[0]) for at in range(8, len(body), 8)]
    return []


def _block(body: bytes, at: int) -> ReceiverReport:
    ssrc, fraction_lost, _, highest, *_ = _REPORT.unpack_from(body, at)
    return ReceiverReport(ssrc, fraction_lost, highest)


def _lost(items: bytes) -> list[int]:
    lost = []
    for at in range(0, len(items), 4):
        first, mask = struct.unpack_from("!HH", items, at)
        lost += [first] + [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return lost


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What we report about a stream we receive; `lost` is cumulative, `highest` the extended sequence number."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


def receiver_report(ssrc: int, blocks: list[ReportBlock]) -> bytes:
    """Build an RR with at most 31 report blocks."""
    body = b"".join(
        _REPORT.pack(
            b.ssrc,
            b.fraction_lost,
            max(0, min(b.lost, 0x7FFFFF)).to_bytes(3, "big"),
            b.highest & 0xFFFFFFFF,
            b.jitter & 0xFFFFFFFF,
            b.lsr,
            b.dlsr,
        )
        for b in blocks
    )
    return _packet(_RR, len(blocks), struct.pack("!I", ssrc) + body)


def sender_report(report: SenderReport, packets: int, octets: int, cname: str) -> bytes:
    """Build SR + SDES(CNAME)."""
    head = _packet(_SR, 0, _SENDER.pack(report.ssrc, report.ntp, report.rtp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF))
    name = cname.encode()
    chunk = struct.pack("!IBB", report.ssrc, 1, len(name)) + name + b"\0"
    return head + _packet(_SDES, 1, chunk + b"\0" * (-len(chunk) % 4))


def nack(ssrc: int, media_ssrc: int, lost: list[int]) -> bytes:
    """Build a generic NACK for sequence numbers in ascending order."""
    items = []
    index = 0
    while index < len(lost):
        first, mask = lost[index], 0
        index += 1
        while index < len(lost) and 0 < (lost[index] - first) & 0xFFFF <= 16:  # noqa: PLR2004 - bits of the mask
            mask |= 1 << ((lost[index] - first) & 0xFFFF) - 1
            index += 1
        items.append(struct.pack("!HH", first, mask))
    return _packet(_RTPFB, _FMT_NACK, struct.pack("!II", ssrc, media_ssrc) + b"".join(items))


def key_frame_request(ssrc: int, media_ssrc: int) -> bytes:
    """Build a PLI."""
    return _packet(_PSFB, _FMT_PLI, struct.pack("!II", ssrc, media_ssrc))


def bitrate_limit(ssrc: int, bits_per_second: int, media: list[int]) -> bytes:
    """Build a REMB: the most we want to receive of these streams together."""
    exponent = max(0, bits_per_second.bit_length() - 18)
    mantissa = bits_per_second >> exponent
    fci = b"REMB" + struct.pack("!BBH", len(media), exponent << 2 | mantissa >> 16, mantissa & 0xFFFF)
    fci += b"".join(struct.pack("!I", stream) for stream in media)
    return _packet(_PSFB, _FMT_REMB, struct.pack("!II", ssrc, 0) + fci)

"""RTP headers (RFC 3550) and sequence arithmetic; bytes in, numbers out."""

import struct

HEADER_BYTES = 12
_HEADER = struct.Struct("!BBHII")
_ONE_BYTE_PROFILE = b"\xbe\xde"
SEQUENCE_MODULUS = 1 << 16
_SEQUENCE_HALF = 1 << 15


def fields(packet: bytes) -> tuple[int, int, int, int]:
    """Give (second byte, sequence number, time stamp, SSRC)."""
    _, second, sequence, stamp, ssrc = _HEADER.unpack_from(packet)
    return second, sequence, stamp, ssrc


def payload_of(packet: bytes) -> bytes:
    """Strip header, CSRCs, extension and padding; empty when the packet is padding only or malformed."""
    start = header_length(packet)
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    return packet[start:end] if start <= end else b""


def header_length(packet: bytes) -> int:
    """Length of the header with CSRCs and extension."""
    length = HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if len(packet) < length + 4:
            return len(packet) + 1
        length += 4 + 4 * int.from_bytes(packet[length + 2 : length + 4], "big")
    return length


def extension_of(packet: bytes, wanted: int) -> int | None:
    """First byte of a one-byte header extension (RFC 8285 §4.2) of this id, None where the packet has it not."""
    if not packet[0] & 0x10:
        return None
    at = HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[at : at + 2] != _ONE_BYTE_PROFILE:
        return None
    end = min(at + 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big"), len(packet))
    at += 4
    while at + 1 < end:
        head = packet[at]
        if head >> 4 == wanted:
            return packet[at + 1]
        at += 2 + (head & 0x0F) if head else 1
    return None


def unwrap(sequence: int, reference: int) -> int:
    """Extend a 16-bit sequence number to the integer nearest to `reference`."""
    return reference + (sequence - reference + _SEQUENCE_HALF) % SEQUENCE_MODULUS - _SEQUENCE_HALF


def unwrap_stamp(stamp: int, reference: int) -> int:
    """Extend a 32-bit time stamp to the integer nearest to `reference`."""
    return reference + ((stamp - reference + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def restore(packet: bytes, payload: int, ssrc: int) -> tuple[int, bytes] | None:
    """Undo RTX (RFC 4588): give (sequence number, original packet); None for probes without content."""
    body = payload_of(packet)
    if len(body) <= 2:  # noqa: PLR2004 - the original sequence number
        return None
    sequence = int.from_bytes(body[:2], "big")
    header = bytes([0x80, packet[1] & 0x80 | payload]) + body[:2] + packet[4:8] + ssrc.to_bytes(4, "big")
    return sequence, header + body[2:]


def wrap(packet: bytes) -> bytes:
    """Make the body of an RTX packet: the header's 12 bytes (to be overwritten), original sequence number, payload."""
    return bytes([0x80]) + packet[1:HEADER_BYTES] + packet[2:4] + payload_of(packet)

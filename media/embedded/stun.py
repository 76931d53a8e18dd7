"""STUN binding requests and responses (RFC 8489), as much of it as an ICE-lite agent needs.

Own parser because a single unauthenticated datagram can throw `struct.error` out of aioice's.
"""

import binascii
import hashlib
import hmac
import ipaddress
import struct
from dataclasses import dataclass

Address = tuple[str, int]

_COOKIE = 0x2112A442
_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_REQUEST, _RESPONSE = 0x0001, 0x0101
_USERNAME, _INTEGRITY, _XOR_ADDRESS, _USE_CANDIDATE, _FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x0025, 0x8028
_FINGERPRINT_XOR = 0x5354554E
_INTEGRITY_BYTES = 20


class MalformedStun(ValueError):
    """The datagram is no binding request with user name and integrity."""

    code = "bad-stun"


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A parsed request; `covered` are the bytes under its MESSAGE-INTEGRITY, with the length that was hashed."""

    transaction: bytes
    local_ufrag: str
    covered: bytes
    integrity: bytes
    nominates: bool


def parse_binding_request(datagram: bytes) -> BindingRequest:
    """Parse `header ‖ attributes`; raise `MalformedStun` for anything that is not a well-formed binding request."""
    if len(datagram) < _HEADER.size or len(datagram) % 4:
        raise MalformedStun("length")
    kind, length, cookie, transaction = _HEADER.unpack_from(datagram)
    if kind != _REQUEST or cookie != _COOKIE or length != len(datagram) - _HEADER.size:
        raise MalformedStun("header")
    seen: dict[int, bytes] = {}
    at = _HEADER.size
    while at + 4 <= len(datagram):
        attribute, size = _ATTRIBUTE.unpack_from(datagram, at)
        value = datagram[at + 4 : at + 4 + size]
        if len(value) != size:
            raise MalformedStun("attribute length")
        if attribute == _INTEGRITY:
            return _request(datagram, at, transaction, seen, value)
        seen[attribute] = value
        at += 4 + size + (-size % 4)
    raise MalformedStun("no integrity")


def _request(datagram: bytes, at: int, transaction: bytes, seen: dict[int, bytes], integrity: bytes) -> BindingRequest:
    if len(integrity) != _INTEGRITY_BYTES:
        raise MalformedStun("integrity length")
    hashed_length = struct.pack("!H", at - _HEADER.size + 4 + _INTEGRITY_BYTES)
    covered = datagram[:2] + hashed_length + datagram[4:at]
    try:
        local_ufrag = seen.get(_USERNAME, b"").decode("ascii").partition(":")[0]
    except UnicodeDecodeError:
        raise MalformedStun("user name") from None
    return BindingRequest(transaction, local_ufrag, covered, integrity, _USE_CANDIDATE in seen)


def is_authentic(request: BindingRequest, password: str) -> bool:
    """Whether the request was made by one who knows the password of this side."""
    return hmac.compare_digest(request.integrity, _mac(request.covered, password))


def binding_response(request: BindingRequest, source: Address, password: str) -> bytes:
    """Build the success response: XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY, FINGERPRINT."""
    body = _attribute(_XOR_ADDRESS, _xor_address(source, request.transaction))
    covered = _header(len(body) + 4 + _INTEGRITY_BYTES, request.transaction) + body
    body += _attribute(_INTEGRITY, _mac(covered, password))
    checked = _header(len(body) + 8, request.transaction) + body
    crc = binascii.crc32(checked) ^ _FINGERPRINT_XOR
    return checked + _attribute(_FINGERPRINT, struct.pack("!I", crc))


def _mac(data: bytes, password: str) -> bytes:
    # HMAC-SHA1 is what RFC 8445 agents use for connectivity checks.
    return hmac.new(password.encode(), data, hashlib.sha1).digest()


def _header(length: int, transaction: bytes) -> bytes:
    return _HEADER.pack(_RESPONSE, length, _COOKIE, transaction)


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value


def _xor_address(source: Address, transaction: bytes) -> bytes:
    address = ipaddress.ip_address(source[0])
    mask = struct.pack("!I", _COOKIE) + transaction
    masked = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, source[1] ^ (_COOKIE >> 16)) + masked  # noqa: PLR2004

"""STUN binding requests and responses (RFC 8489), as much of it as an ICE-lite agent needs.

Own parser because a single unauthenticated datagram can throw `struct.error` out of aioice's.
"""

import binascii
import hashlib
import hmac
import ipaddress
import struct
from dataclasses import dataclass
from typing import Literal

Address = tuple[str, int]
Kind = Literal["request", "response"]

_COOKIE = 0x2112A442
_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_REQUEST, _RESPONSE = 0x0001, 0x0101
_USERNAME, _INTEGRITY, _XOR_ADDRESS, _PRIORITY, _USE_CANDIDATE = 0x0006, 0x0008, 0x0020, 0x0024, 0x0025
_FINGERPRINT, _ICE_CONTROLLED = 0x8028, 0x8029
_FINGERPRINT_XOR = 0x5354554E
_INTEGRITY_BYTES = 20
TRANSACTION_BYTES = 12


class MalformedStun(ValueError):
    """The datagram is no binding request or success response with integrity."""

    code = "bad-stun"


@dataclass(frozen=True, slots=True)
class Binding:
    """A parsed message; `covered` are the bytes under its MESSAGE-INTEGRITY, with the length that was hashed.

    `local_ufrag` (of a request) is the receiver's half of its user name; `nominates` whether it has USE-CANDIDATE.
    """

    kind: Kind
    transaction: bytes
    local_ufrag: str
    covered: bytes
    integrity: bytes
    nominates: bool


def parse(datagram: bytes) -> Binding:
    """Parse `header ‖ attributes`; raise `MalformedStun` for anything but a well-formed binding with integrity."""
    if len(datagram) < _HEADER.size or len(datagram) % 4:
        raise MalformedStun("length")
    kind, length, cookie, transaction = _HEADER.unpack_from(datagram)
    if kind not in (_REQUEST, _RESPONSE) or cookie != _COOKIE or length != len(datagram) - _HEADER.size:
        raise MalformedStun("header")
    seen: dict[int, bytes] = {}
    at = _HEADER.size
    while at + 4 <= len(datagram):
        attribute, size = _ATTRIBUTE.unpack_from(datagram, at)
        value = datagram[at + 4 : at + 4 + size]
        if len(value) != size:
            raise MalformedStun("attribute length")
        if attribute == _INTEGRITY:
            return _binding(datagram, at, transaction, seen, value)
        seen[attribute] = value
        at += 4 + size + (-size % 4)
    raise MalformedStun("no integrity")


def _binding(datagram: bytes, at: int, transaction: bytes, seen: dict[int, bytes], integrity: bytes) -> Binding:
    if len(integrity) != _INTEGRITY_BYTES:
        raise MalformedStun("integrity length")
    hashed_length = struct.pack("!H", at - _HEADER.size + 4 + _INTEGRITY_BYTES)
    covered = datagram[:2] + hashed_length + datagram[4:at]
    try:
        local_ufrag = seen.get(_USERNAME, b"").decode("ascii").partition(":")[0]
    except UnicodeDecodeError:
        raise MalformedStun("user name") from None
    kind: Kind = "request" if datagram[0] == 0 else "response"
    return Binding(kind, transaction, local_ufrag, covered, integrity, _USE_CANDIDATE in seen)


def is_authentic(message: Binding, password: str) -> bool:
    """Whether the message was made by one who knows this password."""
    return hmac.compare_digest(message.integrity, _mac(message.covered, password))


def response(to: Binding, source: Address, password: str) -> bytes:
    """Build the success response to a request: XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY, FINGERPRINT."""
    mapped = _attribute(_XOR_ADDRESS, _xor_address(source, to.transaction))
    return _sealed(_RESPONSE, to.transaction, mapped, password)


def request(transaction: bytes, username: str, password: str) -> bytes:
    """Build a request of the controlled side; `username` is `remote:local`, `password` the remote's."""
    name = username.encode()
    body = _attribute(_USERNAME, name) + b"\0" * (-len(name) % 4)
    body += _attribute(_PRIORITY, struct.pack("!I", 0x6E7F1EFF)) + _attribute(_ICE_CONTROLLED, bytes(8))
    return _sealed(_REQUEST, transaction, body, password)


def _sealed(kind: int, transaction: bytes, body: bytes, password: str) -> bytes:
    covered = _HEADER.pack(kind, len(body) + 4 + _INTEGRITY_BYTES, _COOKIE, transaction) + body
    body += _attribute(_INTEGRITY, _mac(covered, password))
    checked = _HEADER.pack(kind, len(body) + 8, _COOKIE, transaction) + body
    crc = binascii.crc32(checked) ^ _FINGERPRINT_XOR
    return checked + _attribute(_FINGERPRINT, struct.pack("!I", crc))


def _mac(data: bytes, password: str) -> bytes:
    # HMAC-SHA1 is what RFC 8445 agents use for connectivity checks.
    return hmac.new(password.encode(), data, hashlib.sha1).digest()


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value


def _xor_address(source: Address, transaction: bytes) -> bytes:
    address = ipaddress.ip_address(source[0])
    mask = struct.pack("!I", _COOKIE) + transaction
    masked = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, source[1] ^ (_COOKIE >> 16)) + masked  # noqa: PLR2004

"""A security key's answer in an authorisation record (docs/security-keys.md), held against the registered key."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from archive.verifier import der, p256, x509
from signing.canonical import canonical

FIELDS: Final = {"authenticatorData", "clientDataJSON", "signature"}
MOST_CLIENT_BYTES: Final = 4096
LEAST_BYTES: Final = 37
PRESENT_AND_VERIFIED: Final = 0x05


@dataclass(frozen=True, slots=True)
class Registered:
    """The point (`04 ‖ x ‖ y`) of a registered key and the origin that it answers for."""

    point: bytes
    origin: str


def counter_of(assertion: Any) -> int | None:  # noqa: ANN401 - whatever the record holds
    """How often the key had answered, as it says; None where the answer cannot be read."""
    try:
        data, _, _ = _read(assertion)
    except ValueError:
        return None
    return int.from_bytes(data[33:37], "big")


def fault(value: Mapping[str, Any], key: Registered) -> str:
    """What is wrong with the answer in a record's value, "" if nothing is."""
    try:
        data, client, (r, s) = _read(value.get("assertion"))
        said: Any = json.loads(client.decode())  # Bytes would have `json` guess an encoding.
    except (ValueError, RecursionError):
        return "security-key-missing"
    challenge = _encoded(sha256(canonical(value["act"])).digest())
    if not isinstance(said, dict) or said.get("type") != "webauthn.get" or said.get("challenge") != challenge:
        return "security-key-challenge"
    host = urlsplit(key.origin).hostname or ""
    is_ours = said.get("origin") == key.origin and data[:32] == sha256(host.encode()).digest()
    if said.get("crossOrigin") is True or not is_ours:
        return "security-key-origin"
    if data[32] & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED:
        return "security-key-unverified"
    point = p256.decode_point(key.point)
    holds = point is not None and p256.verify(point, data + sha256(client).digest(), r, s)
    return "" if holds else "security-key-signature"


def _read(assertion: Any) -> tuple[bytes, bytes, tuple[int, int]]:  # noqa: ANN401 - whatever the record holds
    """Authenticator data, client data, (r, s). Raises ValueError."""
    if not isinstance(assertion, dict) or assertion.keys() != FIELDS:
        raise der.NotDer("not an assertion")
    data, client, signature = (_decoded(assertion[name]) for name in sorted(FIELDS))
    if len(data) < LEAST_BYTES or len(client) > MOST_CLIENT_BYTES:
        raise der.NotDer("not an assertion's lengths")
    return data, client, x509.signature_of(signature)


def _decoded(text: Any) -> bytes:  # noqa: ANN401 - whatever the record holds
    """Bytes of base64url without padding, in its one spelling. Raises ValueError."""
    if not isinstance(text, str):
        raise der.NotDer("not text")
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encoded(data) != text:
        raise der.NotDer("not the one spelling")
    return data


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

"""A security key's answer to an act (WebAuthn level 2 §7.2): what it must say, and the refusals by name.

Which key is registered for whom is stated elsewhere; the bytes are laid down in docs/security-keys.md.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

FIELDS = ("authenticatorData", "clientDataJSON", "signature")
MOST_CLIENT_BYTES = 4096
HASH_BYTES, HEAD_BYTES = 32, 37
PRESENT, VERIFIED = 0x01, 0x04


class SecurityKeyRefused(Exception):
    """An answer that releases nothing."""

    code = "security-key-refused"


class AssertionMissing(SecurityKeyRefused):
    """A key is registered, and nothing or nothing readable came from it."""

    code = "security-key-missing"


class OtherChallenge(SecurityKeyRefused):
    """The answer to another question: other digests, another time, an answer used before."""

    code = "security-key-challenge"


class AnswerUsed(SecurityKeyRefused):
    """An answer that has released a signature already."""

    code = "security-key-used"


class OtherBytes(SecurityKeyRefused):
    """The key was asked about other bytes than those its answer is handed in for."""

    code = "security-key-other-bytes"


class OtherOrigin(SecurityKeyRefused):
    """Given to another address."""

    code = "security-key-origin"


class NobodyPresent(SecurityKeyRefused):
    """Nobody touched the key."""

    code = "security-key-absent"


class NotVerified(SecurityKeyRefused):
    """The key did not check who touched it."""

    code = "security-key-unverified"


class AssertionSignatureWrong(SecurityKeyRefused):
    """Not by the registered key, or changed."""

    code = "security-key-signature"


class CounterWentBack(SecurityKeyRefused):
    """The counter does not go on from the last answer: a copy of the key may exist."""

    code = "security-key-counter"


@dataclass(frozen=True, slots=True)
class SecurityKey:
    """A registered key: its credential id, its point `04 ‖ x ‖ y`, the origin it answers for, its last counter."""

    id: bytes
    point: bytes
    origin: str
    counter: int = 0

    @property
    def host(self) -> str:
        """The relying party's id: the origin's host name."""
        return urlsplit(self.origin).hostname or ""

    def binding(self, credential: str) -> str:
        """The name under which a signing key is sealed that needs this one to answer, and to this address."""
        return f"{credential}|{sha256(self.point + self.origin.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the browser hands over."""

    authenticator: bytes
    client: bytes
    signature: bytes

    def to_json(self) -> dict[str, str]:
        """As it stands in an authorisation record."""
        values = (self.authenticator, self.client, self.signature)
        return {name: encoded(value) for name, value in zip(FIELDS, values, strict=True)}

    @property
    def challenge(self) -> object:
        """The question it answers, as the browser spells it. Raises AssertionMissing where that cannot be read."""
        return _client(self.client).get("challenge")

    @property
    def counter(self) -> int:
        """How often the key has answered, as it says; 0 where it does not count."""
        return int.from_bytes(self.authenticator[33:37])


def parse_assertion(value: object) -> Assertion:
    """The assertion of that JSON value. Raises AssertionMissing."""
    if not isinstance(value, Mapping) or value.keys() != set(FIELDS):
        raise AssertionMissing
    found = Assertion(*(_decoded(value[name]) for name in FIELDS))
    if found.to_json() != value or len(found.authenticator) < HEAD_BYTES or len(found.client) > MOST_CLIENT_BYTES:
        raise AssertionMissing
    return found


def check_assertion(assertion: Assertion, key: SecurityKey, challenge: bytes) -> None:
    """Refuse unless the key answered this challenge (32 bytes), for its origin, to its recognised owner, just now.

    Raises SecurityKeyRefused by its kinds.
    """
    said = _client(assertion.client)
    if said.get("type") != "webauthn.get" or said.get("challenge") != encoded(challenge):
        raise OtherChallenge
    is_ours = assertion.authenticator[:HASH_BYTES] == sha256(key.host.encode()).digest()
    if said.get("origin") != key.origin or said.get("crossOrigin") is True or not is_ours:
        raise OtherOrigin
    flags = assertion.authenticator[HASH_BYTES]
    if not flags & PRESENT:
        raise NobodyPresent
    if not flags & VERIFIED:
        raise NotVerified
    _check_signature(assertion, key.point)
    if assertion.counter <= key.counter and (assertion.counter or key.counter):
        raise CounterWentBack


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: object) -> bytes:
    try:
        return urlsafe_b64decode(f"{text}{'=' * (-len(str(text)) % 4)}".encode("ascii"))
    except ValueError:
        raise AssertionMissing from None


def _client(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data.decode())  # Bytes would have `json` guess an encoding, and load what it needs for that.
    except (ValueError, RecursionError):
        raise AssertionMissing from None
    if not isinstance(said, dict):
        raise AssertionMissing
    return said


def _check_signature(assertion: Assertion, point: bytes) -> None:
    signed = assertion.authenticator + sha256(assertion.client).digest()
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        public.verify(assertion.signature, signed, ec.ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        raise AssertionSignatureWrong from None

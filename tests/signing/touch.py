"""A security key in software: what it registers, and what it says when it is touched."""

import hmac
import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.keystore import Prf
from signing.security_key import Assertion, SecurityKey, encoded


@dataclass
class Touch:
    """One key at one address; it counts its answers."""

    origin: str = "https://bid.example"
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    counter: int = 0
    secret: bytes = field(default_factory=lambda: os.urandom(32))

    @property
    def key(self) -> SecurityKey:
        """As the server keeps it when it is registered."""
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return SecurityKey(b"key-of-a-test", point, self.origin)

    def answer(self, challenge: bytes) -> Assertion:
        """The owner touches it."""
        self.counter += 1
        said = {"type": "webauthn.get", "challenge": encoded(challenge), "origin": self.origin, "crossOrigin": False}
        client = json.dumps(said, separators=(",", ":")).encode()
        host = urlsplit(self.origin).hostname or ""
        data = sha256(host.encode()).digest() + b"\x05" + self.counter.to_bytes(4)
        return Assertion(data, client, self.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256())))

    def computed(self, salt: bytes) -> memoryview:
        """What it computes of a salt: HMAC-SHA256, as CTAP 2.1 §12.5 and WebAuthn level 3 §10.1.4 have it."""
        return memoryview(hmac.digest(self.secret, sha256(b"WebAuthn PRF\0" + salt).digest(), "sha256"))

    def prf(self, now: bytes, then: bytes) -> Prf:
        """The same of both salts of an act."""
        return Prf(self.computed(now), self.computed(then), then)

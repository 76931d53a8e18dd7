"""What a signing password released: the act (`bid-sad/1`) and its record (`bid-authorisation/1`); see docs/records.md.

A record names the digests that may be signed, by which certificate, in which case, for 120 seconds. It never holds
the password or anything made of it.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from signing.canonical import Json, NotCanonical, canonical, digest, parse
from signing.merkle import root_of_entries
from signing.security_key import Assertion, AssertionMissing, parse_assertion

RECORD_VERSION, ACT_VERSION = "bid-authorisation/1", "bid-sad/1"
SHA_256_OID = "2.16.840.1.101.3.4.2.1"
PIN, PIN_AND_KEY = "pin", "pin+key"
LIFE = timedelta(seconds=120)
DIGEST_BYTES, NONCE_BYTES = 32, 16
MOST_LEAVES = 10_000
PURPOSE = re.compile(r"[a-z][a-z-]{0,31}", re.ASCII)
HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class AuthorisationRefused(Exception):
    """A signature without the authorisation it needs; `field` is what does not fit."""

    code = "authorisation-refused"

    def __init__(self, field: str) -> None:
        super().__init__(f"{self.code}: {field}")
        self.field = field


class AuthorisationMalformed(AuthorisationRefused):
    """Not a record of the one spelling."""

    code = "authorisation-malformed"


class AuthorisationNotForThis(AuthorisationRefused):
    """A right record that released something else: other content, certificate, case or time."""

    code = "authorisation-not-for-this"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """One release: these digests, by this certificate, in this case.

    `leaves` are SHA-256 digests of contents to be signed (1 … 10,000, all different), in order; `display` is the
    SHA-256 of the text shown for reading back; `purpose` a word such as `score-sheet`; `issued_at` is UTC in whole
    seconds; `assertion` what a security key said to it, where one is needed.
    Raises AuthorisationMalformed.
    """

    leaves: tuple[bytes, ...]
    credential: str
    certificate_sha256: bytes
    case: str
    purpose: str
    display: bytes
    nonce: bytes
    issued_at: datetime
    assertion: Assertion | None = None

    def __post_init__(self) -> None:
        fits = {
            "leaves": 0 < len(self.leaves) <= MOST_LEAVES and len(set(self.leaves)) == len(self.leaves),
            "digests": all(len(item) == DIGEST_BYTES for item in (*self.leaves, self.certificate_sha256, self.display)),
            "credential": bool(self.credential),
            "case": bool(self.case),
            "purpose": bool(PURPOSE.fullmatch(self.purpose)),
            "nonce": len(self.nonce) == NONCE_BYTES,
            "issued_at": self.issued_at.tzinfo == UTC and not self.issued_at.microsecond,
        }
        for field, holds in fits.items():
            if not holds:
                raise AuthorisationMalformed(field)

    @property
    def released(self) -> bytes:
        """What `act.hashes` holds: the one leaf, or the RFC 6962 root over several."""
        return self.leaves[0] if len(self.leaves) == 1 else root_of_entries(self.leaves)

    @property
    def expires_at(self) -> datetime:
        """The last moment at which a signature may name this record."""
        return self.issued_at + LIFE

    def act(self) -> dict[str, Json]:
        """The signature activation data, `bid-sad/1`."""
        return {
            "certSha256": self.certificate_sha256.hex(),
            "credentialID": self.credential,
            "display": self.display.hex(),
            "exp": int(self.expires_at.timestamp()),
            "hashAlgorithmOID": SHA_256_OID,
            "hashes": [self.released.hex()],
            "iat": int(self.issued_at.timestamp()),
            "meeting": self.case,
            "nonce": urlsafe_b64encode(self.nonce).rstrip(b"=").decode(),
            "numSignatures": len(self.leaves),
            "purpose": self.purpose,
            "v": ACT_VERSION,
        }

    @property
    def challenge(self) -> bytes:
        """What a security key is asked to sign: SHA-256 of the act."""
        return digest(canonical(self.act()))

    def to_bytes(self) -> bytes:
        """The record's canonical bytes, stored under their SHA-256."""
        record: dict[str, object] = {"act": self.act(), "leaves": [leaf.hex() for leaf in self.leaves]}
        if self.assertion is not None:
            record["assertion"] = self.assertion.to_json()
        method = PIN if self.assertion is None else PIN_AND_KEY
        return canonical(record | {"method": method, "v": RECORD_VERSION})

    @property
    def sha256(self) -> bytes:
        """What a CMS names the record by."""
        return digest(self.to_bytes())

    def check_covers(self, content_sha256: bytes, certificate_sha256: bytes, case: str, signed_at: datetime) -> None:
        """Refuse unless this released a signature over that content, by that certificate, in that case, at that time.

        Raises AuthorisationNotForThis. That the CMS names this record (`sha256`) is compared by the caller.
        """
        fits = {
            "leaves": content_sha256 in self.leaves,
            "certificate": certificate_sha256 == self.certificate_sha256,
            "case": case == self.case,
            "time": self.issued_at <= signed_at <= self.expires_at,
        }
        for field, holds in fits.items():
            if not holds:
                raise AuthorisationNotForThis(field)


def parse_authorisation(data: bytes) -> Authorisation:
    """The record whose bytes are `data`: read, written again, compared. Raises AuthorisationMalformed."""
    try:
        record = cast("dict[str, dict[str, Json]]", parse(data))
        act = record["act"]
        found = Authorisation(
            leaves=tuple(_digest(leaf) for leaf in record["leaves"]),
            credential=str(act["credentialID"]),
            certificate_sha256=_digest(act["certSha256"]),
            case=str(act["meeting"]),
            purpose=str(act["purpose"]),
            display=_digest(act["display"]),
            nonce=urlsafe_b64decode(str(act["nonce"]) + "=="),
            issued_at=datetime.fromtimestamp(int(cast("int", act["iat"])), UTC),
            assertion=parse_assertion(record["assertion"]) if "assertion" in record else None,
        )
        again = found.to_bytes()
    except (NotCanonical, AssertionMissing, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise AuthorisationMalformed("record") from error
    if again != data:
        raise AuthorisationMalformed("spelling")
    return found


def _digest(text: Json) -> bytes:
    if not isinstance(text, str) or not HEX.fullmatch(text):
        raise AuthorisationMalformed("digests")
    return bytes.fromhex(text)

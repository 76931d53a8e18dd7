"""Members' certificates from a licensed CA (docs/licensed-ca.md): what is asked of it, and what is believed.

The centre's own CA never stands in for it silently: where it is away nothing is enrolled, and the member asks again.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.ca import Subject
from signing.keys import NotOurKey, load_public
from signing.path import PathRefused, check_path

log = logging.getLogger("bid.licensed")

LONGEST, SHORTEST = timedelta(days=30), timedelta(hours=1)


class LicensedAway(Exception):
    """The licensed CA does not answer; the message says how."""

    code = "licensed.away"


class LicensedRefused(Exception):
    """The licensed CA refuses; the message is its own sentence."""

    code = "licensed.refused"


class ChainRefused(Exception):
    """What came is no certificate for this key and name under the licensed CA's root; the message says why."""

    code = "licensed.chain_refused"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the centre vouches for: the member in its case. No name: this server may not know it yet."""

    case: str
    member: str
    alias: str
    kind: str
    venue: str
    seat: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: PKCS #10 (DER), until when at most (UTC, whole seconds), for whom."""

    csr: bytes
    not_after: datetime
    identity: Identity

    @property
    def number(self) -> str:
        """The first 16 bytes of the request's SHA-256, hex: the same when asked again."""
        return hashlib.sha256(self.csr).digest()[:16].hex()


class LicensedCa(Protocol):
    """A licensed CA behind its adapter."""

    async def certificates(self, asked: Asked, /) -> list[bytes]:
        """What it answers, DER, judged by nobody yet. Raises `LicensedAway`, `LicensedRefused`."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Licensed:
    """The licensed CA of this deployment, and the one root that its certificates are believed under."""

    ca: LicensedCa
    root: x509.Certificate

    async def certify(self, csr: bytes, subject: Subject, public_key: bytes, identity: Identity) -> tuple[bytes, bytes]:
        """Certificate and issuing CA's (DER) for a key (DER). Raises this module's refusals."""
        now = datetime.now(UTC).replace(microsecond=0)
        asked = Asked(csr, now + LONGEST, identity)
        try:
            found = await self.ca.certificates(asked)
            signer = judge(found, subject, self.root, (now, asked.not_after))
            if signer.public_key() != load_public(public_key):
                raise ChainRefused("another key")
        except (LicensedAway, LicensedRefused, ChainRefused) as refused:
            log.warning("no certificate of the licensed CA, request %s: %s: %s", asked.number, refused.code, refused)
            raise
        return found[0], found[1]


def judge(
    found: Sequence[bytes], subject: Subject, root: x509.Certificate, term: tuple[datetime, datetime]
) -> x509.Certificate:
    """The member's of two certificates (DER), if they hold; `term`: now, and when it must have ended at the latest.

    The numbers are those of docs/licensed-ca.md; whose key it is, is compared by the caller. Raises `ChainRefused`.
    """
    now, not_after = term
    try:
        signer, issuing = (x509.load_der_x509_certificate(one) for one in found)
        if signer.subject.public_bytes() != subject.to_external_name().public_bytes():  # 1
            raise ChainRefused("another name")
        check_path(signer, issuing, [root], now)  # 2
        for one in (signer, issuing, root):  # 2
            load_public(one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    except NotOurKey as refused:
        raise ChainRefused("not P-256 throughout") from refused
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm, PathRefused) as refused:
        raise ChainRefused(str(refused)) from refused
    if not now + SHORTEST <= signer.not_valid_after_utc <= not_after:  # 3
        raise ChainRefused("valid for too short or too long")
    return signer

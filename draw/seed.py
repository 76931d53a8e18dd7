"""From commitments and reveals to the one key that orders the pool, which nobody can know while one secret is kept.

```
ctx   = JCS {"v":"bid-draw/1","request":hex,"pool":{"root":hex,"size":n},"commits":{party:hex},
             "beacon":null|{type,ref},"attempt":n,"parties":{party:legal person},"ineligible":{reason:n}}
H     = SHA-256(ctx)                    signed by every party and logged before any reveal
IKM_i = for each party by ascending id: u16 length ‖ id ‖ reveal_i, then the beacon's bytes
PRK_i = HMAC-SHA256(key = H, IKM_i)     HKDF-Extract, RFC 5869 §2.2
```
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from draw import chain, exclusions
from draw.refusal import NotOneSpelling, PartiesDiffer
from draw.request import Request
from signing.canonical import canonical

VERSION = "bid-draw/1"
LONGEST_PARTY = 0xFFFF


@dataclass(frozen=True, slots=True)
class Beacon:
    """A public source announced beforehand, such as a numbered lottery: its kind and which issue."""

    kind: str
    reference: str

    def to_json(self) -> dict[str, Any]:
        """`{"ref","type"}`."""
        return {"type": self.kind, "ref": self.reference}


@dataclass(frozen=True, slots=True)
class Session:
    """All that is fixed before a reveal. `commits` are the parties' last links, ascending by party id.

    `legal_persons` says to whom each party belongs, `ineligible` how many were screened out before the freeze, as
    `draw.exclusions` publishes it. Both are stated, not computed; H holds them so that nobody restates them later.
    """

    request: Request
    pool_root: bytes
    pool_size: int
    commits: tuple[tuple[str, bytes], ...]
    attempt: int = 1
    beacon: Beacon | None = None
    legal_persons: tuple[tuple[str, str], ...] = ()
    ineligible: exclusions.Counts = ()

    def __post_init__(self) -> None:
        parties = [party for party, _ in self.commits]
        if not parties or parties != sorted(set(parties)):
            raise NotOneSpelling("commits", "ascending, each once, at least one")
        if not all(party.isascii() and len(party) <= LONGEST_PARTY for party in parties):
            # In ASCII the order of RFC 8785 (UTF-16 units) and the order of bytes are the same in every language.
            raise NotOneSpelling("commits", "ASCII party ids")
        if any(len(committed) != chain.LINK_BYTES for _, committed in self.commits):
            raise NotOneSpelling("commits", "32 bytes each")
        if self.attempt < 1:
            raise NotOneSpelling("attempt", str(self.attempt))
        if self.legal_persons and ([party for party, _ in self.legal_persons] != parties or not all(self._persons())):
            raise NotOneSpelling("parties", "a legal person for each party that committed")
        exclusions.check(self.ineligible)

    def _persons(self) -> list[str]:
        return [person for _, person in self.legal_persons]

    def independent(self) -> int:
        """How many distinct legal persons hold keys: keys under one legal person count as one. 0 where not stated."""
        return len(set(self._persons()))

    def context(self) -> bytes:
        """The canonical bytes `ctx` that every party reads and signs; what is not stated is left out."""
        context: dict[str, Any] = {
            "v": VERSION,
            "request": self.request.digest().hex(),
            "pool": {"root": self.pool_root.hex(), "size": self.pool_size},
            "commits": {party: committed.hex() for party, committed in self.commits},
            "beacon": self.beacon.to_json() if self.beacon else None,
            "attempt": self.attempt,
        }
        if self.legal_persons:
            context["parties"] = dict(self.legal_persons)
        if self.ineligible:
            context["ineligible"] = dict(self.ineligible)
        return canonical(context)

    def digest(self) -> bytes:
        """H = SHA-256(ctx)."""
        return sha256(self.context()).digest()


def check_reveals(session: Session, reveals: Mapping[str, bytes], round_no: int) -> None:
    """Refuse a round in which a reveal is missing, uninvited or not the link that was committed to."""
    for party in sorted(reveals.keys() ^ dict(session.commits).keys()):
        raise PartiesDiffer(party)
    for party, committed in session.commits:
        chain.check(party, committed, reveals[party], round_no)


def key(session: Session, reveals: Mapping[str, bytes], beacon_value: bytes = b"") -> bytes:
    """PRK_i from the reveals of one round, which the caller has checked."""
    if bool(beacon_value) != (session.beacon is not None):
        raise NotOneSpelling("beacon", "a value exactly when one was announced")
    shown = [(party.encode(), reveals[party]) for party in sorted(reveals)]
    material = b"".join(len(party).to_bytes(2, "big") + party + revealed for party, revealed in shown)
    return extract(session.digest(), material + beacon_value)


def extract(salt: bytes, material: bytes) -> bytes:
    """HKDF-Extract with SHA-256 (RFC 5869 §2.2)."""
    return hmac.digest(salt, material, "sha256")

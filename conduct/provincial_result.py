"""The result of the province's draw as it arrives: a signed package whose rows are sealed to this server.

The bytes stand in docs/provincial-draw.md. Whoever carries the package reads nothing of it; the log gets none of this.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.packages import Package
from conduct.ports import stamp
from expert_pool.blind_match import normalised
from signing import hpke

ROLES = MEMBER, ALTERNATE = "member", "alternate"
SALT_BYTES = HASH_BYTES = 32
MOST_ROWS = 200


class ResultUnreadable(Exception):
    """The package is the province's and holds no result of the agreed form, or one sealed to another server."""

    code = "provincial.unreadable"


@dataclass(frozen=True, slots=True)
class Expert:
    """A row of the result: SHA-256 of salt and identity number, and what the province says of the person."""

    id_hash: bytes = field(repr=False)
    name: str = field(repr=False)
    category: str
    place: str
    role: str
    order: int

    @property
    def quota(self) -> tuple[str, str]:
        """Where and as what: alternates follow within it."""
        return self.place, self.category


@dataclass(frozen=True, slots=True)
class Result:
    """A result whose signature was judged. `file`: SHA-256 of the package, `signer`: of the certificate (hex)."""

    case: str
    project: str
    request: str
    drawn_at: str
    file: str
    signer: str
    salt: bytes = field(repr=False)
    experts: tuple[Expert, ...]

    def of_role(self, role: str) -> tuple[Expert, ...]:
        """The members, or the alternates."""
        return tuple(one for one in self.experts if one.role == role)


def purpose(case: str) -> bytes:
    """What the box of a case's experts is for."""
    return hpke.info(case=case, v="bid-experts/1")


def blinded(id_number: str, salt: bytes) -> bytes:
    """The province's hash of an identity number: 32 bytes."""
    return sha256(salt + normalised(id_number)).digest()


def read(package: Package, signer: str, key: X25519PrivateKey) -> Result:
    """The result in a package of type `experts`. Raises `FileMissing`, `ResultUnreadable`."""
    box = package.of_role("experts").content
    try:
        told, data = json.loads(hpke.unseal(box, key, purpose(package.case))), package.data
        salt, experts = _bytes(told["salt"], SALT_BYTES), tuple(map(_expert, told["experts"]))
        drawn_at = stamp(datetime.fromisoformat(data["drawn_at"]))
        project, request = _text(data["project"]), _text(data["request"])
    except (hpke.NotForThis, ValueError, KeyError, TypeError) as broken:
        raise ResultUnreadable from broken
    if len(experts) > MOST_ROWS:
        raise ResultUnreadable
    return Result(package.case, project, request, drawn_at, package.sha256, signer, salt, experts)


def standing(experts: list[tuple[Expert, str]], gone: frozenset[str]) -> tuple[list[tuple[Expert, str]], int]:
    """Who stands, with their handles, and how many are missing: alternates follow within a quota, in its order."""
    ordered = sorted(experts, key=lambda pair: (pair[0].quota, ROLES.index(pair[0].role), pair[0].order))
    found, missing = [], 0
    for _, group in groupby(ordered, key=lambda pair: pair[0].quota):
        rows = list(group)
        wanted = sum(expert.role == MEMBER for expert, _ in rows)
        left = [(expert, handle) for expert, handle in rows if handle not in gone][:wanted]
        found += left
        missing += wanted - len(left)
    return found, missing


def _expert(row: dict[str, Any]) -> Expert:
    role, order = row["role"], row["order"]
    if role not in ROLES or type(order) is not int:
        raise ValueError
    name, category, place = (_text(row[key]) for key in ("name", "category", "place"))
    return Expert(_bytes(row["id_hash"], HASH_BYTES), name, category, place, role, order)


def _bytes(text: str, size: int) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != size:
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MOST_ROWS:
        raise ValueError
    return value

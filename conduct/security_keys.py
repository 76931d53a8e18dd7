"""Security keys of a case's signers: what is registered, what one is asked, how far it has counted.

The key's answer is judged where signing keys are opened (`activation`); here only what leads to it is kept.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conduct.ports import Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import CaseId
from signing.authorisation import Authorisation
from signing.keystore import PrfMissing, is_under_prf, salt_of
from signing.security_key import Assertion, AssertionMissing, CounterWentBack, SecurityKey, encoded

ACTS = "act"
"""Shelf of acts that a security key was asked about: by person, the one asked last."""


class KeyNeeded(Exception):
    """In this case a signing password is set together with a security key."""

    code = "signing.key_needed"


@dataclass(frozen=True, slots=True)
class Act:
    """What makes an act different from every other: a nonce, and when it was fixed (UTC) if that was before signing.

    `salts`: the signing key's present one and a fresh one, where it is sealed with what the security key computes.
    """

    nonce: bytes
    issued_at: datetime | None = None
    salts: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page hands to the browser: the challenge, the key's id, how many seconds it holds, an `Act`'s salts."""

    challenge: bytes
    key: bytes
    seconds: int
    salts: tuple[bytes, ...] = ()


class Made(Protocol):
    """A new signing key: its name, its sealed bytes, and the security key that it was made for."""

    @property
    def credential(self) -> str:
        """Its name."""

    @property
    def sealed(self) -> bytes:
        """As it is stored."""

    @property
    def security_key(self) -> SecurityKey | None:
        """If there is one."""


def is_needed(tx: Tx, case: CaseId) -> bool:
    """Whether the case's rules want a security key beside a member's signing password."""
    return profile_of(tx, case).rules.password.security_key


def demand(tx: Tx, case: CaseId, key: SecurityKey | None) -> None:
    """Refuse a member's credential without a security key where the case's rules want one. Raises `KeyNeeded`."""
    if key is None and is_needed(tx, case):
        raise KeyNeeded


def state(tx: Tx, case: CaseId, who: str, made: Made) -> None:
    """State the key that was registered with a credential, if one was, and whether it helps to seal the signing key."""
    if (key := made.security_key) is not None:
        about = {"key": encoded(key.id), "point": key.point.hex(), "origin": key.origin}
        named = {"who": who, "credential": made.credential, "prf": is_under_prf(made.sealed)}
        tx.record(case, "key.registered", named | about)


def to_row(key: SecurityKey | None) -> Json:
    """The part of a credential's row."""
    if key is None:
        return {}
    about = {"id": b64encode(key.id).decode(), "point": key.point.hex(), "origin": key.origin, "counter": key.counter}
    return {"key": about}


def of(row: Json) -> SecurityKey | None:
    """The key of a credential's row."""
    about = row.get("key")
    if about is None:
        return None
    return SecurityKey(b64decode(about["id"]), bytes.fromhex(about["point"]), about["origin"], about["counter"])


def counted(row: Json, assertion: Assertion) -> Json:
    """The row after an answer was used. Raises `CounterWentBack` where another was used since this one was judged."""
    last = row["key"]["counter"]
    if assertion.counter <= last and (assertion.counter or last):
        raise CounterWentBack
    return {**row, "key": {**row["key"], "counter": assertion.counter}}


def resealed(row: Json, opened: bytes, fresh: bytes) -> Json:
    """The row with the signing key under its fresh salt, if it still is the one that was opened.

    Of two signatures at once the first to be stated seals it; what the security key computed for the other is void.
    """
    if not fresh or b64decode(row["sealed"]) != opened:
        return row
    return {**row, "sealed": b64encode(fresh).decode()}


def fix(tx: Tx, case: CaseId, who: str, batch: str, sealed: bytes) -> Act:
    """A new act over a batch, to be signed with this key; the one asked about before is void."""
    salts = (salt_of(sealed), tx.random(32)) if is_under_prf(sealed) else ()
    at = tx.now.replace(microsecond=0)
    act = Act(tx.random(16), at, salts)
    row = {"batch": batch, "nonce": act.nonce.hex(), "at": at.isoformat(), "salts": [salt.hex() for salt in salts]}
    tx.shelf(case, ACTS).put(who, row)
    return act


def take(tx: Tx, case: CaseId, who: str, batch: str, sealed: bytes) -> Act:
    """The act that was asked about this batch.

    Raises `AssertionMissing`, and `PrfMissing` where the signing key was sealed anew since.
    """
    row = tx.shelf(case, ACTS).get(who)
    if row is None or row["batch"] != batch:
        raise AssertionMissing
    salts = tuple(map(bytes.fromhex, row.get("salts", ())))  # An older version asked about none.
    if salts[:1] != ((salt_of(sealed),) if is_under_prf(sealed) else ()):
        raise PrfMissing
    return Act(bytes.fromhex(row["nonce"]), datetime.fromisoformat(row["at"]), salts)


def asked_at(tx: Tx, case: CaseId, who: str, batch: str) -> datetime | None:
    """When the act over this batch was fixed; None where the key has not been asked about it."""
    row = tx.shelf(case, ACTS).get(who)
    return datetime.fromisoformat(row["at"]) if row is not None and row["batch"] == batch else None


def asked(row: Json, record: Authorisation, salts: tuple[bytes, ...]) -> Asked:
    """What is asked of the key of a credential's row. Raises `AssertionMissing` where there is none."""
    key = of(row)
    if key is None:
        raise AssertionMissing
    return Asked(record.challenge, key.id, int((record.expires_at - record.issued_at).total_seconds()), salts)

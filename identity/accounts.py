"""Accounts: log-in with a password, the lock after five failures. Hashes and compares; never keeps a password."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from identity.passwords import normal
from identity.roles import Role

# OWASP's second choice for Argon2id: 19 MiB, two passes; 35 ms on a slow core.
_MEMORY_KIB, _PASSES, _LANES, _LENGTH = 19456, 2, 1, 32

TRIES = 5
LOCK = timedelta(minutes=15)


class LoginRefused(Exception):
    """Unknown name or wrong password: the answer does not say which (ASVS 6.3.8)."""

    code = "login.refused"


class LoginLocked(Exception):
    """Five failures in a row: nobody logs in to this name until the lock ends."""

    code = "login.locked"

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until.isoformat()}")
        self.until = until


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account. `password` is an Argon2id PHC string; `venue` and `organisation` may be empty."""

    name: str
    role: Role
    password: str
    person: str
    venue: str = ""
    organisation: str = ""
    failures: int = 0
    locked_until: datetime | None = None
    disabled: bool = False


def hash_password(password: str, salt: bytes) -> str:
    """The PHC string to keep; `salt` is 16 fresh random bytes."""
    derivation = Argon2id(salt=salt, length=_LENGTH, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return derivation.derive_phc_encoded(normal(password).encode())


# Verified for a name that is not there, so that the time taken does not tell (ASVS 6.3.8).
NOBODY = hash_password("nobody", bytes(16))


def is_right(password: str, kept: str) -> bool:
    """Whether `password` is the one behind the PHC string `kept`; takes some 35 ms, so call it outside the writer."""
    try:
        Argon2id.verify_phc_encoded(normal(password).encode(), kept)
    except InvalidKey:
        return False
    return True


def check_unlocked(account: Account, now: datetime) -> None:
    """Raise `LoginLocked` while the lock lasts."""
    if account.locked_until and now < account.locked_until:
        raise LoginLocked(account.locked_until)


def after_failure(account: Account, now: datetime) -> Account:
    """The account after one more wrong password: the fifth in a row locks it for fifteen minutes."""
    expired = account.locked_until is not None and now >= account.locked_until
    failures = (0 if expired else account.failures) + 1
    return replace(account, failures=failures, locked_until=now + LOCK if failures >= TRIES else None)


def after_success(account: Account) -> Account:
    """The account after a right password: failures forgotten."""
    return replace(account, failures=0, locked_until=None)

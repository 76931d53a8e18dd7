"""Tries of a signing password: each is counted before it is made, and settled by what came of it.

A try without an outcome is *open*; `take_back` and `take_back_all` undo what no answer decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from conduct.ports import Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import CaseId


class PasswordLocked(Exception):
    """Too many wrong passwords; the desk gives a new certificate in two minutes, drafts and signatures stay."""

    code = "signing.locked"


class NotEnrolled(Exception):
    """No signing password has been set here yet."""

    code = "signing.not_enrolled"


class Tried(Protocol):
    """One counted try: whose, in which case, of which key, the how many-th of how many."""

    @property
    def who(self) -> str:
        """A member, or an account."""

    @property
    def case(self) -> CaseId:
        """The case."""

    @property
    def credential(self) -> str:
        """The key's name."""

    @property
    def tries(self) -> int:
        """How many there were with this one."""

    @property
    def allowed(self) -> int:
        """How many there may be."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One counted try of somebody's password that is no batch's."""

    who: str
    case: CaseId
    credential: str
    tries: int
    allowed: int


def count(tx: Tx, case: CaseId, who: str) -> tuple[Json, Counted]:
    """Count a try of somebody's password, and leave it open; the credential's row. Raises `NotEnrolled`,
    `PasswordLocked`."""
    shelf = tx.shelf(case, "credential")
    row = shelf.get(who)
    if row is None:
        raise NotEnrolled
    allowed = profile_of(tx, case).rules.password.tries
    if row["tries"] >= allowed:
        raise PasswordLocked
    shelf.put(who, {**row, "tries": row["tries"] + 1, "open": row["open"] + 1})
    return row, Counted(who, case, row["credential"], row["tries"] + 1, allowed)


def failed(tx: Tx, tried: Tried) -> None:
    """Put a wrong password on the record."""
    _settle(tx, tried, kept=1)
    locked = tried.tries >= tried.allowed
    tx.record(tried.case, "password.failed", {"member": tried.who, "tries": tried.tries, "locked": locked})


def right(tx: Tx, tried: Tried) -> Json:
    """The password was right: what was wrong before is forgotten; the credential's row. Raises `NotEnrolled`."""
    shelf = tx.shelf(tried.case, "credential")
    row = shelf.get(tried.who)
    if row is None or row["credential"] != tried.credential:
        raise NotEnrolled
    # Whatever else is open may still turn out wrong.
    settled = {**row, "tries": row["open"] - 1, "open": row["open"] - 1}
    shelf.put(tried.who, settled)
    return settled


def take_back(tx: Tx, tried: Tried) -> None:
    """No answer decided whether the password was right: the try does not count."""
    _settle(tx, tried, kept=0)


def take_back_all(tx: Tx, cases: Iterable[CaseId]) -> None:
    """The same for whatever was open when the server died; before anybody is served again."""
    for case in cases:
        shelf = tx.shelf(case, "credential")
        for who, row in list(shelf.items()):
            undecided = row.get("open")  # an older version did not count it
            if undecided != 0:
                shelf.put(who, {**row, "tries": row["tries"] - (undecided or 0), "open": 0})


def _settle(tx: Tx, tried: Tried, kept: int) -> None:
    """An open try has its outcome; `kept` is 1 when it counts, else 0. Nothing if its key was replaced meanwhile."""
    shelf = tx.shelf(tried.case, "credential")
    row = shelf.get(tried.who)
    if row is not None and row["credential"] == tried.credential:
        shelf.put(tried.who, {**row, "tries": row["tries"] - 1 + kept, "open": row["open"] - 1})

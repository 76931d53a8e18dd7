"""The second screen's word: where a profile wants it, a member signs only what the screen beside the seat has shown.

The screen says which bytes it shows by a digest of its own computing; it can say nothing else, and it releases nothing.
"""

from datetime import datetime, timedelta

from conduct.ports import Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import CaseId, MemberId
from identity.screens import Screen

SHOWN = "shown"
"""Shelf of what a member's second screen has shown last: the digest of the bytes read back, and since when."""

TO_COMPARE = timedelta(seconds=5)
"""What stood for a shorter time was not compared: eight characters on two screens and a password take longer. Without
it a page could have other bytes prepared and shown in the very moment in which the password is sent."""

NOT_READ_BACK = frozenset({"return"})
"""Coming back to a seat is signed on the spot: nothing is read back, so there is nothing to show."""


class NotShown(Exception):
    """The second screen has not shown what is to be signed; it may be off, or show something else."""

    code = "signing.not_shown"


class JustShown(Exception):
    """The second screen has shown this for too short a time to be compared: it may have changed just now."""

    code = "signing.just_shown"


def is_wanted(tx: Tx, case: CaseId) -> bool:
    """Whether the case's rules want the second screen."""
    return profile_of(tx, case).rules.password.second_screen


def state_paired(tx: Tx, case: CaseId, actor: Actor, screen: Screen) -> None:
    """Put on record that the desk made this browser the second screen of a seat."""
    tx.record(case, "screen.paired", _of(actor, screen))


def state_parted(tx: Tx, case: CaseId, actor: Actor, screen: Screen) -> None:
    """Put on record that the desk parted them."""
    tx.record(case, "screen.parted", _of(actor, screen))


def _of(actor: Actor, screen: Screen) -> Json:
    return {"by": actor.as_by(), "seat": screen.seat, "screen": screen.digest}


def note(tx: Tx, case: CaseId, who: str, display: bytes) -> None:
    """Keep what the member's second screen shows and since when, where the rules want it."""
    shelf, shown = tx.shelf(case, SHOWN), display.hex()
    if is_wanted(tx, case) and (shelf.get(who) or {}).get("display") != shown:
        shelf.put(who, {"display": shown, "at": tx.now.isoformat()})


def demand(tx: Tx, case: CaseId, who: str, purpose: str, display: bytes) -> None:
    """Refuse a member's signature over what no second screen has shown, where the rules want it.

    Raises `NotShown`, and `JustShown` for what has not stood there long enough to be compared.
    """
    if not _is_needed(tx, case, who, purpose):
        return
    row = tx.shelf(case, SHOWN).get(who)
    if row is None or row["display"] != display.hex():
        raise NotShown
    if tx.now - datetime.fromisoformat(row["at"]) < TO_COMPARE:
        raise JustShown


def state(tx: Tx, case: CaseId, who: str, purpose: str, display: bytes) -> None:
    """Put on record, in front of what is signed, that a screen had shown it, where the rules want it."""
    if _is_needed(tx, case, who, purpose):
        tx.record(case, "screen.shown", {"member": who, "display": display.hex()})


def _is_needed(tx: Tx, case: CaseId, who: str, purpose: str) -> bool:
    return purpose not in NOT_READ_BACK and MemberId(who) in tx.case(case).members and is_wanted(tx, case)

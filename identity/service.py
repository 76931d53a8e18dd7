"""Accounts, sessions and seats kept and found on shelves; every function acts only through the shelf it is given.

A failed log-in must be remembered, so `attempt` returns instead of raising: a refusal would undo its own count.
"""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from identity import accounts, seats, sessions
from identity.accounts import Account
from identity.ports import Json, Shelf
from identity.roles import Role
from identity.screens import Screen
from identity.seats import PairedSeat, Pairing, PairingRefused
from identity.sessions import Session

# A session is touched at most this often: reading a page is no reason to write.
TOUCH = timedelta(seconds=30)


def add_account(shelf: Shelf, account: Account) -> None:
    """Keep an account, or the new state of one."""
    shelf.put(account.name, _as_json(asdict(account)))


def find_account(shelf: Shelf, name: str) -> Account | None:
    """The account of this name, or None."""
    row = shelf.get(name)
    if row is None:
        return None
    locked = row["locked_until"]
    return Account(
        **{**row, "role": Role(row["role"]), "locked_until": datetime.fromisoformat(locked) if locked else None}
    )


def attempt(shelf: Shelf, name: str, is_right: bool, now: datetime) -> Account | None:
    """Count one log-in: the account when it is in, None when it is not. Raises `LoginLocked` while it is locked."""
    account = find_account(shelf, name)
    if account is None or account.disabled:
        return None
    accounts.check_unlocked(account, now)
    counted = accounts.after_success(account) if is_right else accounts.after_failure(account, now)
    if counted != account:
        add_account(shelf, counted)
    return counted if is_right else None


def keep_session(shelf: Shelf, session: Session) -> None:
    """Keep a session that was opened."""
    shelf.put(session.digest, _as_json(asdict(session)))


def find_session(shelf: Shelf, cookie: str, now: datetime) -> Session:
    """The living session behind a cookie. Writes nothing. Raises `SessionOver`."""
    return living_session(shelf, sessions.digest(cookie), now)


def living_session(shelf: Shelf, digest: str, now: datetime) -> Session:
    """The same by what it is named in tables."""
    row = shelf.get(digest)
    if row is None:
        raise sessions.SessionOver
    session = _session(row)
    sessions.check_alive(session, now)
    return session


def touch_session(shelf: Shelf, digest: str, now: datetime) -> None:
    """Note that a session was used; one that has ended meanwhile stays ended."""
    row = shelf.get(digest)
    if row is not None:
        keep_session(shelf, replace(_session(row), seen=now))


def end_session(shelf: Shelf, digest: str) -> None:
    """End one session."""
    shelf.delete(digest)


def end_sessions(shelf: Shelf, role: Role, who: str, case: str = "") -> int:
    """End every session of one holder, at once; how many there were."""
    theirs = [digest for digest, row in shelf.items() if (row["role"], row["who"], row["case"]) == (role, who, case)]
    for digest in theirs:
        shelf.delete(digest)
    return len(theirs)


def issue_pairing(shelf: Shelf, venue: str, seat: str, random: bytes, now: datetime) -> str:
    """A code for the paper that pairs one browser with this seat; earlier codes for the seat die."""
    for digest, row in list(shelf.items()):
        if (row["venue"], row["seat"]) == (venue, seat):
            shelf.delete(digest)
    code = seats.pairing_code(random)
    digest = sessions.digest(seats.read_pairing_code(code))
    shelf.put(digest, _as_json(asdict(Pairing(digest, venue, seat, now))))
    return code


def pair(pairings: Shelf, paired: Shelf, typed: str, cookie: str, now: datetime) -> PairedSeat:
    """Spend a pairing code: the browser that holds `cookie` is the seat, and no other. Raises `PairingRefused`."""
    digest = sessions.digest(seats.read_pairing_code(typed))
    row = pairings.get(digest)
    if row is None:
        raise PairingRefused
    pairing = Pairing(**{**row, "issued": datetime.fromisoformat(row["issued"])})
    seats.check_pairing(pairing, now)
    pairings.delete(digest)
    for former, other in list(paired.items()):
        if (other["venue"], other["name"]) == (pairing.venue, pairing.seat):
            paired.delete(former)
    seat = PairedSeat(sessions.digest(cookie), pairing.venue, pairing.seat)
    paired.put(seat.digest, asdict(seat))
    return seat


def find_seat(shelf: Shelf, cookie: str) -> PairedSeat:
    """The seat this browser is. Raises `SeatNotPaired`."""
    row = shelf.get(sessions.digest(cookie))
    if row is None:
        raise seats.SeatNotPaired
    return PairedSeat(**row)


def pair_screen(shelf: Shelf, screen: Screen) -> None:
    """This browser is the second screen of that seat, and no other is."""
    part_screen(shelf, screen.venue, screen.seat)
    shelf.put(screen.digest, asdict(screen))


def part_screen(shelf: Shelf, venue: str, seat: str) -> Screen | None:
    """The seat has no second screen any more; the one it had."""
    found = screen_of(shelf, venue, seat)
    if found is not None:
        shelf.delete(found.digest)
    return found


def screen_of(shelf: Shelf, venue: str, seat: str) -> Screen | None:
    """The second screen of a seat, if it has one."""
    place = (venue, seat)
    return next((Screen(**row) for _, row in shelf.items() if (row["venue"], row["seat"]) == place), None)


def find_screen(shelf: Shelf, screen: str) -> Screen | None:
    """What this browser is the second screen of, by the digest of its cookie."""
    row = shelf.get(screen)
    return None if row is None else Screen(**row)


def _session(row: Json) -> Session:
    times = {name: datetime.fromisoformat(row[name]) for name in ("created", "seen")}
    return Session(**{**row, **times, "role": Role(row["role"])})


def _as_json(row: Json) -> Json:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}

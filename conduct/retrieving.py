"""Retrieval (调阅): recordings of a closed case, on a written request, after two people's approval, for a time.

The case's own log is closed for ever, so requests, decisions and every look are entries of the deployment's. The words
of a request may name somebody: they stay sealed, the log has their digest. What is granted covers the seats asked for.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from conduct.directory import DEPLOYMENT
from conduct.ports import Actor, Json, Tx, stamp
from evaluation.case import Case, CaseId, State

SHELF: Final = "retrieval"
APPROVALS: Final = 2
LEAST_WORDS: Final = 10
MOST_HOURS: Final = 7 * 24


class CaseNotClosed(Exception):
    """Nothing is retrieved of a case that goes on."""

    code = "retrieval.case_open"


class ReasonMissing(Exception):
    """A request says in words of its own what it is for."""

    code = "retrieval.reason_missing"


class SeatsUnknown(Exception):
    """A request names no seat, or one at which nobody sat."""

    code = "retrieval.seats_unknown"


class TooLong(Exception):
    """A request for no time, or for more than a week."""

    code = "retrieval.too_long"


class NoSuchRetrieval(Exception):
    """This case has no request of this number."""

    code = "retrieval.unknown"


class AlreadyDecided(Exception):
    """The request is granted or declined already, or this person has approved it."""

    code = "retrieval.decided"


class OwnRequest(Exception):
    """Nobody approves a request of their own."""

    code = "retrieval.own_request"


class NotGranted(Exception):
    """Two people have not approved it, it is another's, or it does not cover this seat."""

    code = "retrieval.not_granted"


class GrantOver(Exception):
    """The time that was granted has run out."""

    code = "retrieval.over"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: why, which seats, for how many hours from the second approval on."""

    reason: str
    seats: tuple[str, ...]
    hours: int


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One request and what became of it; `until` is empty before the second approval, times are stamps.

    `looked` are the seats that were opened under the grant: bytes are served of these alone.
    """

    id: str
    asked_by: str
    asked_at: str
    reason: str
    seats: tuple[str, ...]
    hours: int
    approved: Mapping[str, str] = field(default_factory=dict)
    declined_by: str = ""
    until: str = ""
    looked: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return not self.until and not self.declined_by


def seats(state: Case) -> dict[str, str]:
    """Every seat that somebody sat at, who was replaced as well, with the alias of the last who sat there."""
    gone = [one.member for one in state.replaced.values()]
    return {member.seat: member.alias for member in (*gone, *state.members.values())}


def request(tx: Tx, case: CaseId, actor: Actor, wish: Wish) -> str:
    """Ask to see seats of a closed case; the number of the request.

    Raises `CaseNotClosed`, `ReasonMissing`, `SeatsUnknown`, `TooLong`.
    """
    state = tx.case(case)
    if state.state is not State.CLOSED:
        raise CaseNotClosed
    words, sat = wish.reason.strip(), set(seats(state))
    if len(words) < LEAST_WORDS:
        raise ReasonMissing
    if not wish.seats or not set(wish.seats) <= sat:
        raise SeatsUnknown
    if not 0 < wish.hours <= MOST_HOURS:
        raise TooLong
    made = Retrieval(
        f"r{len(of_case(tx, case)) + 1}", actor.who, stamp(tx.now), words, tuple(sorted(set(wish.seats))), wish.hours
    )
    salt = tx.random(32)
    stated = {"reason": hashlib.sha256(salt + words.encode()).hexdigest(), "seats": list(made.seats)}
    body = {"by": actor.as_by(), "about": case, "id": made.id, **stated, "hours": made.hours}
    tx.record(DEPLOYMENT, "retrieval.requested", body)
    _keep(tx, case, made, salt.hex())
    return made.id


def decide(tx: Tx, case: CaseId, actor: Actor, name: str, approved: bool) -> Retrieval:
    """Approve or decline; the second approval grants, one refusal declines.

    Raises `NoSuchRetrieval`, `OwnRequest`, `AlreadyDecided`.
    """
    found = find(tx, case, name)
    if actor.who == found.asked_by:
        raise OwnRequest
    if not found.is_open or actor.who in found.approved:
        raise AlreadyDecided
    if approved:
        found = replace(found, approved={**found.approved, actor.who: stamp(tx.now)})
        if len(found.approved) == APPROVALS:
            found = replace(found, until=stamp(tx.now + timedelta(hours=found.hours)))
    else:
        found = replace(found, declined_by=actor.who)
    body = {"by": actor.as_by(), "about": case, "id": name, "approved": approved}
    tx.record(DEPLOYMENT, "retrieval.decided", body | ({"until": found.until} if found.until else {}))
    _keep(tx, case, found)
    return found


def look(tx: Tx, case: CaseId, actor: Actor, name: str, seat: str) -> Retrieval:
    """Open one seat's recording under a grant; the look is stated. Raises what `check` raises."""
    found = check(tx, case, actor, name, seat)
    tx.record(DEPLOYMENT, "retrieval.looked", {"by": actor.as_by(), "about": case, "id": name, "seat": seat})
    _keep(tx, case, replace(found, looked=tuple(sorted({*found.looked, seat}))))
    return found


def check(tx: Tx, case: CaseId, actor: Actor, name: str, seat: str = "") -> Retrieval:
    """Refuse whoever may not see this seat now. Raises `NoSuchRetrieval`, `NotGranted`, `GrantOver`."""
    found = find(tx, case, name)
    if not found.until or actor.who != found.asked_by or (seat and seat not in found.seats):
        raise NotGranted
    if tx.now >= datetime.fromisoformat(found.until):
        raise GrantOver
    return found


def check_looked(tx: Tx, case: CaseId, actor: Actor, name: str, seat: str) -> Retrieval:
    """The same for a recording's bytes: nothing is seen whose look is not stated. Raises what `check` raises."""
    found = check(tx, case, actor, name, seat)
    if seat not in found.looked:
        raise NotGranted
    return found


def find(tx: Tx, case: CaseId, name: str) -> Retrieval:
    """One request. Raises `NoSuchRetrieval`."""
    row = tx.shelf(DEPLOYMENT, SHELF).get(f"{case}/{name}")
    if row is None:
        raise NoSuchRetrieval
    return _read(row)


def of_case(tx: Tx, case: CaseId) -> list[Retrieval]:
    """The requests about a case, oldest first."""
    rows = [row for key, row in tx.shelf(DEPLOYMENT, SHELF).items() if key.startswith(f"{case}/")]
    return sorted(map(_read, rows), key=lambda one: one.asked_at)


def _keep(tx: Tx, case: CaseId, one: Retrieval, salt: str = "") -> None:
    shelf, key = tx.shelf(DEPLOYMENT, SHELF), f"{case}/{one.id}"
    known = shelf.get(key) or {"salt": salt}
    shelf.put(key, {**asdict(one), "salt": known["salt"]})


def _read(row: Json) -> Retrieval:
    told = {name: value for name, value in row.items() if name != "salt"}
    return Retrieval(**{**told, "seats": tuple(told["seats"]), "looked": tuple(told["looked"])})

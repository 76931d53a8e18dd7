"""签到台: blind match of the identity, seat slip, the seat's one-time code.

The desk learns 相符 or 不符 and nothing else before the committee opens (domain page 1.3a).
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count

from conduct import asking, drawing, recall, sealed
from conduct.expert_form import EXPERTS
from conduct.ports import Actor, Store, Tx
from conduct.roll import roll_of
from conduct.rulebook import profile_of
from conduct.sealed_draw.questions import Count, CountStanding, DrawProcess, Match, Matched
from evaluation import life
from evaluation.case import Case, CaseId, MemberId, State
from evaluation.night import IdentityUnchecked
from expert_pool.blind_match import blinded, matched


class SeatTaken(Exception):
    """The seat is not one of this venue's booked seats, or somebody sits there."""

    code = "checkin.seat_taken"


class BadSeatCode(Exception):
    """The six digits are wrong, used, or too old."""

    code = "seat.code_refused"


class WrongVenue(Exception):
    """The member sits at another venue."""

    code = "checkin.wrong_venue"


class MembersMissing(Exception):
    """A place on the committee is empty after the second screening; the next in order is still being called."""

    code = "checkin.members_missing"


class SamePerson(Exception):
    """The manual check needs two different members of staff."""

    code = "checkin.second_person"


@dataclass(frozen=True, slots=True)
class Slip:
    """What the desk prints: the seat and a six-digit 席位码, valid once and for the time the profile gives."""

    member: MemberId
    venue: str
    seat: str
    code: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was matched: an expert's handle or a representative's number; an expert's name is masked."""

    person: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the desk enters: identity number, seat, locker number, and the second member of staff who looked."""

    id_number: str
    seat: str
    locker: str
    second: str


async def open_desk(store: Store, process: DrawProcess, case: CaseId, actor: Actor) -> None:
    """Open check-in; from here the venues know what they host. Raises `MembersMissing`.

    Whoever is recalled was drawn before: there is no draw to ask whether anybody is missing.
    """
    if await store.read(lambda tx: tx.case(case).reevaluation is not None):
        await store.act(lambda tx: tx.record(case, "checkin.opened", {"by": actor.as_by()}))
        return

    def read(tx: Tx) -> CountStanding:
        life.check(tx.case(case), "checkin.opened")
        return CountStanding(drawing.ref_of(tx, case, EXPERTS), roll_of(tx, case))

    def act(tx: Tx, counted: Count) -> None:
        if counted.missing_members:
            raise MembersMissing
        tx.record(case, "checkin.opened", {"by": actor.as_by()})

    await asking.settle(store, process, read, act)


async def match(store: Store, process: DrawProcess, case: CaseId, actor: Actor, arrival: Arrival) -> Slip | None:
    """Hold an identity number against the sealed list; on 相符 take the seat and hand out the slip.

    None is 不符: not on the list of this case and venue, or checked in already; it is recorded, hence no exception.
    Raises `SeatTaken`, `SamePerson`.
    """
    if await store.read(lambda tx: tx.case(case).reevaluation is not None):
        return await store.act(lambda tx: _recall(tx, case, actor, arrival))

    def read(tx: Tx) -> Match:
        # The seat first: a refusal after the match would tell, off the record, who is on the list.
        _check_seat(tx, case, actor, arrival)
        places = sealed.places_at(tx, case, actor.venue)
        return Match(drawing.ref_of(tx, case, EXPERTS), roll_of(tx, case), arrival.id_number, places)

    def act(tx: Tx, found: Matched | None) -> Slip | None:
        person = _expert(found) if found else _representative(tx, case, actor, arrival.id_number)
        if person is None or person.person in _seated(tx, case):
            tx.record(case, "checkin.refused", {"by": actor.as_by(), "venue": actor.venue})
            return None
        return _seat(tx, case, actor, arrival, person, _next_member(tx.case(case), person.kind))

    return await asking.settle(store, process, read, act)


def _recall(tx: Tx, case: CaseId, actor: Actor, arrival: Arrival) -> Slip | None:
    """A member of the committee that evaluates again sits down under its old number; anybody else is 不符."""
    _check_seat(tx, case, actor, arrival)
    member, again = recall.find(tx, case, arrival.id_number), tx.case(case).reevaluation
    if member is None or again is None:
        tx.record(case, "checkin.refused", {"by": actor.as_by(), "venue": actor.venue})
        return None
    return _seat(tx, case, actor, arrival, Person(member, again.committee[member].kind, ""), member)


def _check_seat(tx: Tx, case: CaseId, actor: Actor, arrival: Arrival) -> None:
    if arrival.second == actor.who:
        raise SamePerson
    state = tx.case(case)
    life.check(state, "checkin.matched")
    taken = {member.seat for member in state.members.values()}
    if arrival.seat not in sealed.seats_of(tx, case, actor.venue) or arrival.seat in taken:
        raise SeatTaken


def _expert(found: Matched) -> Person:
    return Person(found.handle.hex(), "expert", found.masked_name)


def _representative(tx: Tx, case: CaseId, actor: Actor, id_number: str) -> Person | None:
    """A representative of the tenderer, who sits at the main venue; the agent named them to this server."""
    if "main" not in sealed.places_at(tx, case, actor.venue):
        return None
    salt = tx.random(32)
    rows = tx.shelf(case, "representative").items()
    expected = {blinded(row["id_number"], salt): Person(number, "representative", row["name"]) for number, row in rows}
    found = matched(id_number, salt, expected)
    return expected[found] if found is not None else None


def _seat(tx: Tx, case: CaseId, actor: Actor, arrival: Arrival, person: Person, member: MemberId) -> Slip:
    row = {"person": person.person, "name": person.name} | recall.sealed_number(tx, arrival.id_number)
    tx.shelf(case, "seated").put(member, row)
    body = {
        "by": actor.as_by(),
        "second": arrival.second,
        "method": "manual",
        "member": member,
        "kind": person.kind,
        "venue": actor.venue,
        "seat": arrival.seat,
        "locker": arrival.locker,
    }
    tx.record(case, "checkin.matched", body)
    return Slip(member, actor.venue, arrival.seat, new_code(tx, case, member, arrival.seat))


def reprint(tx: Tx, case: CaseId, actor: Actor, member: MemberId) -> Slip:
    """A fresh code for a member already matched at this venue; the old one dies.

    Raises `WrongVenue`; `IdentityUnchecked` after a night (`nights.renew`).
    """
    state = tx.case(case)
    row = state.members[member]
    if row.venue != actor.venue:
        raise WrongVenue
    if state.pause is not None and state.pause.is_barred(member):
        raise IdentityUnchecked
    return Slip(member, row.venue, row.seat, new_code(tx, case, member, row.seat))


def enter(tx: Tx, seat: str, code: str) -> tuple[CaseId, MemberId]:
    """At the paired seat: exchange the code for the membership. Raises `BadSeatCode`; a code works once."""
    for case in tx.cases():
        if tx.case(case).state is State.CLOSED:
            continue
        shelf = tx.shelf(case, "code")
        slip = shelf.get(_code_key(seat, code))
        if slip is not None:
            shelf.delete(_code_key(seat, code))
            if slip["until"] < tx.now.timestamp():
                raise BadSeatCode
            return case, MemberId(slip["member"])
    raise BadSeatCode


def device_checked(tx: Tx, case: CaseId, actor: Actor, result: dict[str, str]) -> None:
    """Keep the result of a seat's equipment check."""
    member = tx.case(case).members[MemberId(actor.who)]
    tx.record(case, "device.checked", {"seat": member.seat, "member": member.id, "result": result})


def ready(tx: Tx, case: CaseId, recorder: str) -> None:
    """READY: recorder green, clocks right, everybody seated."""
    seated = len(tx.case(case).members)
    tx.record(case, "case.ready", {"recorder": recorder, "seated": seated})


def _seated(tx: Tx, case: CaseId) -> set[str]:
    return {value["person"] for _, value in tx.shelf(case, "seated").items()}


def _next_member(state: Case, kind: str) -> MemberId:
    """Experts first, then representatives; whoever comes for somebody gone has a number of its own."""
    experts, size = (state.application.experts, state.application.size) if state.application else (0, 0)
    own = range(1, experts + 1) if kind == "expert" else range(experts + 1, size + 1)
    taken = {*state.members, *state.replaced}
    return next(one for number in chain(own, count(size + 1)) if (one := MemberId(f"m{number}")) not in taken)


def new_code(tx: Tx, case: CaseId, member: MemberId, seat: str) -> str:
    """A six-digit 席位码 for the member at this seat; an earlier one dies."""
    shelf = tx.shelf(case, "code")
    for key, slip in list(shelf.items()):
        if slip["member"] == member:
            shelf.delete(key)
    code = f"{int.from_bytes(tx.random(8)) % 1_000_000:06d}"
    until = (tx.now + timedelta(seconds=profile_of(tx, case).rules.check_in.seat_code_s)).timestamp()
    shelf.put(_code_key(seat, code), {"member": member, "until": int(until)})
    return code


def _code_key(seat: str, code: str) -> str:
    return hashlib.sha256(f"{seat}\n{code}".encode()).hexdigest()

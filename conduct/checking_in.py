"""签到台: blind match of the identity, seat slip, the seat's one-time code, names opening when all are in.

The desk learns 相符 or 不符 and nothing else before the committee opens (domain page 1.3a).
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from conduct import expert_draw, sealed
from conduct.ports import Actor, Tx
from conduct.rulebook import profile_of
from evaluation.case import Case, CaseId, MemberId, State


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
class Arrival:
    """What the desk enters: identity number, seat, locker number, and the second member of staff who looked."""

    id_number: str
    seat: str
    locker: str
    second: str


def open_desk(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Open check-in; from here the venues know what they host. Raises `MembersMissing`."""
    if expert_draw.load(tx, case).standing().missing_members:
        raise MembersMissing
    tx.record(case, "checkin.opened", {"by": actor.as_by()})


def match(tx: Tx, case: CaseId, actor: Actor, arrival: Arrival) -> Slip | None:
    """Hold an identity number against the sealed list; on 相符 take the seat and hand out the slip.

    None is 不符: not on the list of this case and venue, or checked in already; it is recorded, hence no exception.
    Raises `SeatTaken`, `SamePerson`.
    """
    if arrival.second == actor.who:
        raise SamePerson
    state = tx.case(case)
    # The seat first: a refusal after the match would tell, off the record, who is on the list.
    if arrival.seat not in sealed.seats_of(tx, case, actor.venue) or any(
        m.seat == arrival.seat for m in state.members.values()
    ):
        raise SeatTaken
    found = sealed.find_person(tx, case, arrival.id_number, actor.venue)
    if found is None or found.person in _seated(tx, case):
        tx.record(case, "checkin.refused", {"by": actor.as_by(), "venue": actor.venue})
        return None
    member = _next_member(state, found.kind)
    tx.shelf(case, "seated").put(member, {"person": found.person, "name": found.name, "categories": found.categories})
    body = {
        "by": actor.as_by(),
        "second": arrival.second,
        "method": "manual",
        "member": member,
        "kind": found.kind,
        "venue": actor.venue,
        "seat": arrival.seat,
        "locker": arrival.locker,
    }
    tx.record(case, "checkin.matched", body)
    return Slip(member, actor.venue, arrival.seat, _new_code(tx, case, member, arrival.seat))


def reprint(tx: Tx, case: CaseId, actor: Actor, member: MemberId) -> Slip:
    """A fresh code for a member already matched at this venue; the old one dies."""
    row = tx.case(case).members[member]
    if row.venue != actor.venue:
        raise WrongVenue
    return Slip(member, row.venue, row.seat, _new_code(tx, case, member, row.seat))


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


def open_committee(tx: Tx, case: CaseId) -> bool:
    """When everybody is in and enrolled: open the names and the transcripts. True when it happened now."""
    state = tx.case(case)
    application = state.application
    if application is None or state.is_open or len(state.members) < application.size:
        return False
    if not all(member.credential and member.device_checked for member in state.members.values()):
        return False
    seated = dict(tx.shelf(case, "seated").items())
    rows = [
        {
            "member": member.id,
            "alias": member.alias,
            "name": seated[member.id]["name"],
            "kind": member.kind,
            "venue": member.venue,
            "seat": member.seat,
            "categories": seated[member.id]["categories"],
        }
        for member in state.members.values()
    ]
    tx.record(case, "committee.opened", {"members": rows, "transcripts": sealed.transcript_digests(tx, case)})
    return True


def ready(tx: Tx, case: CaseId, recorder: str) -> None:
    """READY: recorder green, clocks right, everybody seated."""
    seated = len(tx.case(case).members)
    tx.record(case, "case.ready", {"recorder": recorder, "seated": seated})


def _seated(tx: Tx, case: CaseId) -> set[str]:
    return {value["person"] for _, value in tx.shelf(case, "seated").items()}


def _next_member(state: Case, kind: str) -> MemberId:
    application = state.application
    experts = application.experts if application else 0
    arrived = sum(1 for member in state.members.values() if member.kind == kind)
    return MemberId(f"m{arrived + 1 if kind == 'expert' else experts + arrived + 1}")


def _new_code(tx: Tx, case: CaseId, member: MemberId, seat: str) -> str:
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

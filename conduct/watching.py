"""From the room to the record: recorded segments, named gaps, presence, and what the witness marks and states.

The media worker delivers at least once; here a second delivery changes nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from conduct import stepping_out
from conduct.ports import Actor, Recorded, Tx
from evaluation.case import Case, CaseId, Member, MemberId, State

IF_ANY = ("recovered", "sent", "reports")
SEGMENT = ("seat", "track", "take", "n", "off", "len", "sha256", "t0", "pts_ms", "dur_ms", "key")


def is_recorded(state: Case) -> bool:
    """Whether the case is in the span in which its seats are recorded."""
    return State.CHECK_IN.rank <= state.state.rank <= State.REPORT_SIGNING.rank


def has_room(state: Case) -> bool:
    """Whether the room is open now: over a night it is shut until the first member has come back to the desk."""
    pause = state.pause
    return is_recorded(state) and not (pause is not None and pause.is_overnight and not pause.renewed)


def segment(tx: Tx, case: CaseId, line: Mapping[str, Any]) -> Recorded | None:
    """Log a closed segment; None when it stands in the log already or comes after closing."""
    seen = tx.shelf(case, "segment")
    key = "{seat}/{track}/{take}/{n}".format_map(line)
    if seen.get(key) is not None or not is_recorded(tx.case(case)):
        return None
    seen.put(key, {})
    body = {name: line[name] for name in SEGMENT}
    body |= {name: line[name] for name in IF_ANY if line.get(name)}
    return tx.record(case, "segment.recorded", body)


def take(tx: Tx, case: CaseId, line: Mapping[str, Any]) -> None:
    """Log that a take began: a new file after a reconnect or a change of codec or size."""
    seen = tx.shelf(case, "segment")
    key = "{seat}/{track}/{take}".format_map(line)
    if seen.get(key) is None and is_recorded(tx.case(case)):
        seen.put(key, {})
        tx.record(case, "take.started", {name: line[name] for name in ("seat", "track", "take", "codec", "file")})


def gap(tx: Tx, case: CaseId, line: Mapping[str, Any]) -> None:
    """Name a hole in a recording: its track, from when to when, and why."""
    seen = tx.shelf(case, "segment")
    key = "gap/{seat}/{track}/{take}".format_map(line)
    if seen.get(key) is None and is_recorded(tx.case(case)):
        seen.put(key, {})
        body = {"seat": line["seat"], "track": line["track"], "from": line["since"], "to": line["until"]}
        tx.record(case, "gap.named", body | {"reason": line["reason"]})


def presence(tx: Tx, case: CaseId, seat: str, online: bool) -> None:
    """Log that a seated member's connection was lost or has returned; over a night nobody is expected.

    After a long absence the seat is locked (`stepping_out`).
    """
    state = tx.case(case)
    member = at_seat(state, seat)
    if member is None or member.online == online or not is_recorded(state):
        return
    if state.pause is not None and state.pause.is_barred(member.id):
        return
    if online:
        stepping_out.lock_after_absence(tx, case, member)
    tx.record(case, "seat.returned" if online else "seat.lost", {"member": member.id, "seat": seat})


def at_seat(state: Case, seat: str) -> Member | None:
    """Who sits at a seat."""
    return next((member for member in state.members.values() if member.seat == seat), None)


def mark(tx: Tx, case: CaseId, actor: Actor, seat: str, text: str) -> None:
    """One line of the witness's record about a seat, or the room when `seat` is empty."""
    tx.record(case, "witness.marked", {"by": actor.as_by(), "seat": seat, "text": text})


def interference(tx: Tx, case: CaseId, actor: Actor, text: str) -> None:
    """干预登记: what a member reports goes to the supervisor only; the log has its digest and the seat.

    Raises `SeatLeft`: whoever passes a seat that is left reports nothing in its member's name.
    """
    stepping_out.demand_seated(tx.case(case), actor.who)
    member = tx.case(case).members[MemberId(actor.who)]
    tx.shelf(case, "interference").put(tx.random(8).hex(), {"member": member.id, "text": text})
    digest = hashlib.sha256(tx.random(16) + text.encode()).hexdigest()
    tx.record(case, "interference.reported", {"seat": member.seat, "report": digest})

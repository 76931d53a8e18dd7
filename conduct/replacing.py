"""Somebody is gone after check-in opened (R-10): one asks, another confirms, an alternate of the same quota follows.

Where no alternate is left, the next round of the draw finds who comes (补抽). Nobody chooses (实施条例 Art. 46, 48).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conduct import asking, calling, drawing, leaving, roll, venue_draw
from conduct.expert_form import EXPERTS
from conduct.ports import Actor, Store, Tx
from conduct.rulebook import profile_of
from conduct.sealed_draw.questions import DrawProcess, Succeed, Succession
from evaluation.case import CaseId, MemberId
from evaluation.drawn import Draw, Replacement
from expert_pool.replacement import NotAMember, ReplacementReason

# A handle in hex; whoever is seated under something else is the tenderer's representative.
HANDLE_DIGITS = 64


class ReplacementOpen(Exception):
    """A replacement is asked for already and waits for its confirmation."""

    code = "replacement.open"


class NoReplacement(Exception):
    """No replacement waits for a confirmation."""

    code = "replacement.none"


class NobodyAbsent(Exception):
    """Everybody expected at this place is in, or their time to come is not over."""

    code = "replacement.nobody_absent"


@dataclass(frozen=True, slots=True)
class Asked:
    """A seated member by number, or with none whoever has not come to a place (`main`, `sub-1` …)."""

    member: str
    place: str
    reason: ReplacementReason


def request(tx: Tx, case: CaseId, actor: Actor, asked: Asked) -> None:
    """Ask for a replacement. Raises `ReplacementOpen`, `NotAMember`, and `NobodyAbsent` while there is time to come."""
    draw = drawing.draw_of(tx, case, EXPERTS)
    if _open(draw):
        raise ReplacementOpen
    if asked.member:
        member = tx.case(case).members.get(MemberId(asked.member))
        if member is None or not member.is_expert:
            raise NotAMember
    elif asked.place not in venue_draw.places(tx, case) or tx.now < latest(tx, case):
        raise NobodyAbsent
    body = {
        "by": actor.as_by(),
        "draw": EXPERTS,
        "round": len(draw.rounds),
        "member": asked.member,
        "place": asked.place,
        "reason": asked.reason.value,
    }
    tx.record(case, "replacement.requested", body)
    tx.want_receipt(case)


async def confirm(store: Store, process: DrawProcess, case: CaseId, actor: Actor) -> None:
    """Confirm the replacement that is asked for: who is gone is out, alternates are called, else a round is opened.

    Raises `NoReplacement`, `SecondPersonNeeded`, `NobodyAbsent`, `LinksMissing`.
    """

    def read(tx: Tx) -> Succeed:
        asked = _open(drawing.draw_of(tx, case, EXPERTS))
        if asked is None:
            raise NoReplacement
        if asked.by == actor.who:
            raise drawing.SecondPersonNeeded
        seated = {member: row["person"] for member, row in tx.shelf(case, "seated").items()}
        left = (bytes.fromhex(seated[asked.member]),) if asked.member else ()
        experts = tuple(bytes.fromhex(one) for one in seated.values() if len(one) == HANDLE_DIGITS)
        places = () if asked.member else (asked.place,)
        return Succeed(drawing.ref_of(tx, case, EXPERTS), roll.roll_of(tx, case), left, places, experts)

    await asking.settle(store, process, read, lambda tx, found: _confirm(tx, case, actor, found))


def _confirm(tx: Tx, case: CaseId, actor: Actor, found: Succession) -> None:
    asked = _open(drawing.draw_of(tx, case, EXPERTS))
    if asked is None or not found.gone:
        raise NobodyAbsent
    tx.record(case, "replacement.confirmed", {"by": actor.as_by(), "draw": EXPERTS, "round": asked.round})
    tx.want_receipt(case)
    if asked.member:
        leaving.leave(tx, case, actor, MemberId(asked.member), asked.reason)
    roll.add_gone(tx, case, found.gone, asked.reason)
    rows = roll.rows_of(tx, case)
    for handle in found.moved_up:
        # An alternate stood by; now it is asked to come, and may still decline or be silent.
        rows[handle.hex()] |= {"answer": "", "called": []}
    roll.keep_rows(tx, case, rows)
    if found.missing:
        calling.extend(tx, case)


def _open(draw: Draw) -> Replacement | None:
    last = draw.replacements[-1] if draw.replacements else None
    return last if last is not None and not last.confirmed else None


def latest(tx: Tx, case: CaseId) -> datetime:
    """Until when somebody may still come."""
    application = tx.case(case).application
    start = datetime.fromisoformat(application.start) if application else tx.now
    return start + timedelta(seconds=profile_of(tx, case).rules.check_in.grace_s)

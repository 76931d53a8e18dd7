"""The calls to those drawn: the draw process plans them, here they are queued; when nobody is left, that is stated.

Who is called is known to the draw process; here are handles, receipt numbers and counts.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from conduct import asking, directory, drawing, roll, tickets, venue_draw
from conduct.expert_form import EXPERTS, form_of
from conduct.ports import Json, Store, Tx
from conduct.rulebook import profile_of
from conduct.sealed_draw.questions import Call, DrawProcess, Plan, Planned
from evaluation.case import Case, CaseId, State
from expert_pool.committee import Answer
from expert_pool.notices import Calling

_HOUR_S = 3600


class NotCalling(Exception):
    """The committee is not drawn yet, or sits already: nobody is called now."""

    code = "notice.not_calling"


async def call(store: Store, process: DrawProcess, case: CaseId) -> datetime | None:
    """Walk the order: settle silence, queue the calls that are due; when to look again, None when nothing waits."""

    def read(tx: Tx) -> Plan:
        if not is_calling(tx.case(case)):
            raise NotCalling
        return Plan(drawing.ref_of(tx, case, EXPERTS), roll.roll_of(tx, case), rules_of(tx, case), tx.now)

    return await asking.settle(store, process, read, lambda tx, plan: _follow(tx, case, plan), "calling")


def is_calling(state: Case) -> bool:
    """Whether experts are being called: from the sealed order until the desk opens, and again for a replacement."""
    experts = state.draws.get(EXPERTS)
    if experts is None or not experts.order:
        return False
    is_early = State.DRAW_SET.rank <= state.state.rank <= State.RESCREENED.rank
    is_late = State.CHECK_IN.rank <= state.state.rank <= State.REPORT_SIGNING.rank
    return is_early or (is_late and any(one.confirmed for one in experts.replacements))


def rules_of(tx: Tx, case: CaseId) -> Calling:
    """The profile's rules for calls."""
    rules = profile_of(tx, case).rules.notice
    return Calling(
        opens=time.fromisoformat(rules.earliest),
        closes=time.fromisoformat(rules.latest),
        wait=timedelta(seconds=rules.answer_wait_s),
        tries=rules.calls,
        leave_notice=timedelta(seconds=rules.leave_refused_before_start_s),
    )


def _follow(tx: Tx, case: CaseId, plan: Planned) -> datetime | None:
    """State and send what the process has planned."""
    rows, numbers = roll.rows_of(tx, case), tickets.of_handles(tx, case)
    for handle in (settled.hex() for settled in plan.settled):
        given = Answer.DECLINE if rows[handle]["answer"] else Answer.SILENT
        rows[handle]["answer"] = str(given)
        tx.record(case, "notice.answered", {"ticket": numbers[handle], "answer": str(given)})
    call = _allowed(tx, case, plan, rows)
    for one in call:
        handle = one.handle.hex()
        row = rows.setdefault(handle, roll.new_row(handle, one.quota))
        row["queued"] = True
        ticket = tickets.issue(tx, case, handle, _told(tx, case, one))
        told = {
            "case": case,
            "ticket": ticket.number,
            "link": ticket.link,
            "try": len(row["called"]) + 1,
            "pool": one.pool,
        }
        tx.send("notice", {**told, **ticket.told, "phone": one.phone})
    roll.keep_rows(tx, case, rows)
    _state_result(tx, case, plan)
    if len(call) < len(plan.call):
        extend(tx, case)
    return plan.again_at


def _allowed(tx: Tx, case: CaseId, plan: Planned, rows: Mapping[str, Json]) -> tuple[Call, ...]:
    """Once the desk is open nobody new is called from an order that was sealed before: that takes a further round."""
    draw = tx.case(case).draws[EXPERTS]
    if not draw.replacements or (len(draw.rounds) > draw.replacements[-1].round and draw.now.order):
        return plan.call
    return tuple(one for one in plan.call if one.handle.hex() in rows)


def extend(tx: Tx, case: CaseId) -> None:
    """Open the round (补抽) that the last replacement named, if it is not open yet: parties show their next link."""
    draw = tx.case(case).draws[EXPERTS]
    if len(draw.rounds) == draw.replacements[-1].round:
        roll.keep_roll(tx, case, f"round-{len(draw.rounds)}")
        body = {"draw": EXPERTS, "attempt": draw.attempt, "round": len(draw.rounds)}
        tx.record(case, "draw.extended", body)


def _state_result(tx: Tx, case: CaseId, plan: Planned) -> None:
    """Say that the committee stands, or that the order has run out and how many are short; each once."""
    draw = tx.case(case).draws[EXPERTS]
    if plan.is_complete and not draw.stands:
        tx.record(case, "draw.stands", {"members": plan.members, "alternates": plan.alternates})
    if plan.is_exhausted and not plan.is_complete:
        short = _short(tx, case, plan)
        if list(draw.short) != short:
            tx.record(case, "draw.exhausted", {"draw": EXPERTS, "short": short})


def _short(tx: Tx, case: CaseId, plan: Planned) -> list[Json]:
    quotas = form_of(tx, case).quotas
    return [
        {
            "place": quotas[one.quota].place,
            "category": quotas[one.quota].category,
            "members": one.members,
            "alternates": one.alternates,
        }
        for one in plan.short
    ]


def _told(tx: Tx, case: CaseId, one: Call) -> dict[str, Any]:
    """What an expert may be told: when and where, how long; never the project."""
    place = venue_draw.places(tx, case)[one.place]
    application = tx.case(case).application
    assert application is not None  # noqa: S101 - without an application nobody was drawn
    return {
        "start": application.start,
        "days": application.days,
        "overnight": application.overnight,
        "venue": directory.venues(tx)[str(place["venue"])].name,
        "hours": profile_of(tx, case).rules.notice.leave_refused_before_start_s // _HOUR_S,
    }

"""The experts' draw: form, screening, the calls, and the second screening when bidders are known.

Who is called and who stands is known to the draw process; here are handles, receipt numbers, counts and digests.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from conduct import asking, directory, drawing, roll, sittings, venue_draw
from conduct.expert_form import EXPERTS, form_of, keep_form
from conduct.ports import Actor, Json, Store, Tx
from conduct.rulebook import profile_of
from conduct.sealed_draw import stalls
from conduct.sealed_draw.questions import (
    Call,
    Count,
    CountStanding,
    Drawn,
    DrawNow,
    DrawProcess,
    Material,
    Plan,
    Planned,
)
from draw.request import Places, Quota
from evaluation.case import Case, CaseId, State
from evaluation.committee import check_composition
from evaluation.life import OutOfOrder
from expert_pool.committee import Answer
from expert_pool.eligibility import freeze_pool, lot_request, screen
from expert_pool.moment import BEIJING, Window
from expert_pool.notices import Calling, NotAsked
from expert_pool.request import DrawRequest

RESCREENED = "rescreened"


class UnknownTicket(Exception):
    """No call with this receipt number is waiting for an answer."""

    code = "notice.unknown_ticket"


class NotCalling(Exception):
    """The committee is not drawn yet, or sits already: nobody is called now."""

    code = "notice.not_calling"


def request(tx: Tx, case: CaseId, actor: Actor, form: Mapping[str, Any], at: str) -> None:
    """Enter the draw's form: `quotas` `[{category, count, alternates, place}]` and `region_reason`. Checked at once.

    Regions of the places are filled in here, sealed; the log gets their digest. Raises the refusals of
    `expert_pool.request`, and `OutOfOrder` before the sub venues are drawn (两随机).
    """
    state = tx.case(case)
    if state.state is not State.VENUE_DRAWN:
        raise OutOfOrder("draw.requested", state.state)
    application = state.application
    assert application is not None and state.info is not None  # noqa: S101, PT018 - the procedure let us come here
    regions = tuple(
        (place, (directory.venues(tx)[str(row["venue"])].region,))
        for place, row in sorted(venue_draw.places(tx, case).items())
    )
    rules, hosts = profile_of(tx, case).rules, (state.info.tenderer, state.info.agent)
    start = datetime.fromisoformat(application.start)
    Window(_span(rules.draw.earliest_before_start_s), rules.draw.earliest_working_days).check(
        datetime.fromisoformat(at), start
    )
    asked = DrawRequest(
        project=state.info.project,
        day=start.astimezone(BEIJING).date(),
        members=application.size,
        representatives=application.representatives,
        quotas=tuple(Quota(row["count"], row["category"], row["alternates"], row["place"]) for row in form["quotas"]),
        avoid=tuple(dict.fromkeys((*hosts, *application.avoid_units))),
        places=Places(tx.random(32), regions),
        region_reason=form["region_reason"],
        unit_cap=rules.draw.unit_cap,
        hosts=hosts,
        meetings_days=rules.draw.meetings_days,
        most_with_host=rules.draw.most_with_host,
        most_with_member=rules.draw.most_with_member,
    )
    check_composition(application.experts, application.representatives, rules.committee)
    asked.check()
    keep_form(tx, case, asked)
    body = {"by": actor.as_by(), "draw": EXPERTS, "request": asked.to_json(), "at": at}
    tx.record(case, "draw.requested", body)


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def prepare(tx: Tx, case: CaseId) -> Material:
    """Screen the whole pool and freeze those eligible. Raises `TooFewEligible`, naming quota and shortfall."""
    asked = form_of(tx, case)
    screening = screen(sittings.acquainted(tx, directory.freeze_pool(tx, case), asked), asked)
    lot = lot_request(screening, asked)
    pool = freeze_pool(screening, [tx.random(32) for _ in screening.eligible])
    return Material(lot, pool, asked.places, screening.counts(), pools=tuple(directory.frozen_from(tx, case)))


async def run(store: Store, process: DrawProcess, case: CaseId) -> None:
    """Draw the order; the calls begin with the next tick. Raises `LinksMissing`, `NoSuchDraw`."""

    def read(tx: Tx) -> DrawNow:
        asked = drawing.to_draw(tx, case, EXPERTS)
        return replace(asked, roll=roll.kept_roll(tx, case, f"round-{asked.round_no}")) if asked.round_no else asked

    def act(tx: Tx, drawn: Drawn) -> None:
        drawing.state_drawn(tx, case, EXPERTS, drawn)

    await asking.settle(store, process, read, act, "drawn")
    await stalls.reached("sealed")


async def call(store: Store, process: DrawProcess, case: CaseId) -> datetime | None:
    """Walk the order: settle silence, place the calls that are due; when to look again, None when nothing waits."""

    def read(tx: Tx) -> Plan:
        if not is_calling(tx.case(case)):
            raise NotCalling
        return Plan(drawing.ref_of(tx, case, EXPERTS), roll.roll_of(tx, case), _calling(tx, case), tx.now)

    return await asking.settle(store, process, read, lambda tx, plan: _follow(tx, case, plan), "calling")


def is_calling(state: Case) -> bool:
    """Whether experts are being called: from the sealed order until the desk opens, and again for a replacement."""
    experts = state.draws.get(EXPERTS)
    if experts is None or not experts.order:
        return False
    is_early = State.DRAW_SET.rank <= state.state.rank <= State.RESCREENED.rank
    is_late = State.CHECK_IN.rank <= state.state.rank <= State.REPORT_SIGNING.rank
    return is_early or (is_late and any(one.confirmed for one in experts.replacements))


def _follow(tx: Tx, case: CaseId, plan: Planned) -> datetime | None:
    """State and send what the process has planned."""
    rows, tickets = roll.rows_of(tx, case), {row["handle"]: ticket for ticket, row in tx.shelf(case, "ticket").items()}
    for handle in (silent.hex() for silent in plan.silent):
        rows[handle]["answer"] = str(Answer.SILENT)
        tx.record(case, "notice.answered", {"ticket": tickets[handle], "answer": str(Answer.SILENT)})
    call = _allowed(tx, case, plan, rows)
    for one in call:
        handle = one.handle.hex()
        ticket = tickets.get(handle) or _ticket(tx, case, handle)
        tx.send("notice", {"ticket": ticket} | _told(tx, case, one))
        tx.record(case, "notice.sent", {"ticket": ticket, "channel": "voice"})
        row = rows.setdefault(handle, {"handle": handle, "quota": one.quota, "answer": "", "called": []})
        row["called"].append(tx.now.isoformat())
    roll.keep_rows(tx, case, rows)
    if plan.is_complete and not tx.case(case).draws[EXPERTS].stands:
        tx.record(case, "draw.stands", {"members": plan.members, "alternates": plan.alternates})
    if len(call) < len(plan.call):
        extend(tx, case)
    waits = [plan.again_at] if plan.again_at else []
    if call:
        waits.append(tx.now + _calling(tx, case).wait)
    return min(waits, default=None)


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


def answer(tx: Tx, ticket: str, given: Answer) -> None:
    """Take an answer that came over the phone. Raises `UnknownTicket`, `NotAsked`."""
    case = find_ticket(tx, ticket)
    known = tx.shelf(case, "ticket").get(ticket)
    rows = roll.rows_of(tx, case)
    if known is None or rows[known["handle"]]["answer"]:
        raise NotAsked
    rows[known["handle"]]["answer"] = str(given)
    tx.record(case, "notice.answered", {"ticket": ticket, "answer": str(given)})
    roll.keep_rows(tx, case, rows)


def find_ticket(tx: Tx, ticket: str) -> CaseId:
    """The case a receipt number belongs to. Raises `UnknownTicket`."""
    for case in tx.cases():
        if tx.shelf(case, "ticket").get(ticket) is not None:
            return case
    raise UnknownTicket


async def rescreen(store: Store, process: DrawProcess, case: CaseId) -> None:
    """Second screening (复筛): whoever is tied to a bidder is out, the next in order comes in, nobody sees who."""

    def read(tx: Tx) -> CountStanding:
        if tx.case(case).state is not State.OPENED:
            raise OutOfOrder("draw.rescreened", tx.case(case).state)
        return CountStanding(drawing.ref_of(tx, case, EXPERTS), roll.roll_of(tx, case))

    def act(tx: Tx, counted: Count) -> None:
        roll.keep_roll(tx, case, RESCREENED)
        tx.record(case, "draw.rescreened", {"order": counted.digest})

    await asking.settle(store, process, read, act)


def _told(tx: Tx, case: CaseId, one: Call) -> dict[str, str]:
    """What the caller says: a telephone number, when and where; never the project."""
    place = venue_draw.places(tx, case)[one.place]
    application = tx.case(case).application
    return {
        "phone": one.phone,
        "start": application.start if application else "",
        "venue": directory.venues(tx)[str(place["venue"])].name,
    }


def _ticket(tx: Tx, case: CaseId, handle: str) -> str:
    """A receipt number that no other call of any open case has: an answer names nothing else."""
    while True:
        ticket = f"{int.from_bytes(tx.random(8), 'big') % 1_000_000:06d}"
        try:
            find_ticket(tx, ticket)
        except UnknownTicket:
            tx.shelf(case, "ticket").put(ticket, {"handle": handle})
            return ticket


def _calling(tx: Tx, case: CaseId) -> Calling:
    rules = profile_of(tx, case).rules.notice
    return Calling(
        opens=time.fromisoformat(rules.earliest),
        closes=time.fromisoformat(rules.latest),
        wait=timedelta(seconds=rules.answer_wait_s),
        tries=rules.calls,
        leave_notice=timedelta(seconds=rules.leave_refused_before_start_s),
    )

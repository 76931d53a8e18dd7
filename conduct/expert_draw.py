"""The experts' draw: form, screening, the draw, and the second screening when bidders are known.

Who stands is known to the draw process; here are counts and digests.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from conduct import asking, directory, drawing, roll, sittings, stalls, venue_draw
from conduct.expert_form import EXPERTS, form_of, keep_form
from conduct.ports import Actor, Store, Tx
from conduct.rulebook import profile_of
from conduct.sealed_draw.questions import (
    Count,
    CountStanding,
    Drawn,
    DrawNow,
    DrawProcess,
    Material,
)
from draw.refusal import QuotaShort
from draw.request import Places, Quota
from evaluation.case import CaseId, State
from evaluation.committee import check_composition
from evaluation.life import OutOfOrder
from expert_pool.eligibility import freeze_pool, lot_request, screen
from expert_pool.moment import BEIJING, Window
from expert_pool.request import DrawRequest

RESCREENED = "rescreened"


class BidsFirst(Exception):
    """This profile has bids opened before experts are drawn: bidders are units to avoid, and are never typed."""

    code = "draw.bids_first"


def request(tx: Tx, case: CaseId, actor: Actor, form: Mapping[str, Any], at: str) -> None:
    """Enter the draw's form: `quotas` `[{category, count, alternates, place}]` and `region_reason`. Checked at once.

    As many stand by as the profile says where `alternates` is None.

    Regions of the places are filled in here, sealed; the log gets their digest. Raises the refusals of
    `expert_pool.request`, `BidsFirst`, and `OutOfOrder` before the sub venues are drawn (两随机).
    """
    state = tx.case(case)
    if state.state is not State.VENUE_DRAWN:
        raise OutOfOrder("draw.requested", state.state)
    demand_bids(tx, case)
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
        quotas=tuple(_quota(row, rules.draw.alternates) for row in form["quotas"]),
        avoid=tuple(dict.fromkeys((*hosts, *application.avoid_units, *(bid.name for bid in state.all_bids)))),
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


def _quota(row: Mapping[str, Any], alternates: int) -> Quota:
    standing_by = alternates if row["alternates"] is None else row["alternates"]
    return Quota(row["count"], row["category"], standing_by, row["place"])


def demand_bids(tx: Tx, case: CaseId) -> None:
    """Refuse to find experts before the bidders are known, where the profile says so. Raises `BidsFirst`."""
    if profile_of(tx, case).rules.draw.moment == "after_opening" and not tx.case(case).all_bids:
        raise BidsFirst


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def prepare(tx: Tx, case: CaseId) -> Material:
    """Screen the whole pool and freeze those eligible. Raises `TooFewEligible`, naming quota and shortfall."""
    asked = form_of(tx, case)
    pool = sittings.acquainted(tx, directory.freeze_pool(tx, case), asked)
    screening = screen(pool, asked, sittings.earlier(tx, case))
    lot = lot_request(screening, asked)
    frozen = freeze_pool(screening, [tx.random(32) for _ in screening.eligible])
    return Material(lot, frozen, asked.places, screening.counts(), pools=tuple(directory.frozen_from(tx, case)))


async def run(store: Store, process: DrawProcess, case: CaseId) -> None:
    """Draw the order; the calls begin with the next tick. Raises `LinksMissing`, `NoSuchDraw`.

    A first order that leaves a seat empty is no result: that is stated with what is lacking, and nobody draws it again.
    A supplementary one is stated once, though the clock asks for it again.
    """

    def read(tx: Tx) -> DrawNow:
        asked = drawing.to_draw(tx, case, EXPERTS)
        return replace(asked, roll=roll.kept_roll(tx, case, f"round-{asked.round_no}")) if asked.round_no else asked

    def act(tx: Tx, drawn: Drawn) -> None:
        drawing.state_drawn(tx, case, EXPERTS, drawn)

    try:
        await asking.settle(store, process, read, act, "drawn")
    except QuotaShort as short:
        await store.act(partial(_state_short, case=case, short=short))
        return
    await stalls.reached("sealed")


def _state_short(tx: Tx, case: CaseId, short: QuotaShort) -> None:
    drawing.to_draw(tx, case, EXPERTS)
    draw = drawing.draw_of(tx, case, EXPERTS)
    quota = form_of(tx, case).quotas[short.quota]
    lacking = [{"place": quota.place, "category": quota.category, "members": short.missing, "alternates": 0}]
    if len(draw.rounds) == 1:
        tx.record(case, "draw.short", {"draw": EXPERTS, "attempt": draw.attempt, "short": lacking})
    elif list(draw.short) != lacking:
        tx.record(case, "draw.exhausted", {"draw": EXPERTS, "short": lacking})


async def rescreen(store: Store, process: DrawProcess, case: CaseId) -> None:
    """Second screening (复筛): whoever is tied to a bidder is out, the next in order comes in, nobody sees who.

    Experts whom the province drew are screened there; that is what is stated then.
    """

    def read(tx: Tx) -> CountStanding:
        if tx.case(case).state is not State.OPENED:
            raise OutOfOrder("draw.rescreened", tx.case(case).state)
        return CountStanding(drawing.ref_of(tx, case, EXPERTS), roll.roll_of(tx, case))

    def act(tx: Tx, counted: Count) -> None:
        roll.keep_roll(tx, case, RESCREENED)
        source = drawing.draw_of(tx, case, EXPERTS).source
        if source:
            tx.record(case, "screening.elsewhere", {"source": source})
        else:
            tx.record(case, "draw.rescreened", {"order": counted.digest})

    await asking.settle(store, process, read, act)

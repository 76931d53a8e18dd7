"""The experts' draw: form, screening, the sealed order, calls, and the second screening when bidders are known.

Nothing here tells a name to anybody: what leaves are counts, reasons, tickets and digests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from conduct import directory, drawing, venue_draw
from conduct.ports import SERVER, Actor, Tx
from conduct.rulebook import profile_of
from draw.request import Places, Quota
from draw.transcript import read_places
from evaluation.case import CaseId, State
from evaluation.committee import check_composition
from evaluation.life import OutOfOrder
from expert_pool import notices, replacement
from expert_pool.committee import Answer, Committee, SealedOrder, Seat, committee
from expert_pool.eligibility import freeze_pool, lot_request, screen
from expert_pool.expert import Expert
from expert_pool.notices import Calling, Notice
from expert_pool.request import DrawRequest

EXPERTS = "experts"


class UnknownTicket(Exception):
    """No call with this receipt number is waiting for an answer."""

    code = "notice.unknown_ticket"


@dataclass(frozen=True, slots=True)
class Sealed:
    """All that is sealed about a drawn committee, for use within one transaction only."""

    order: SealedOrder
    request: DrawRequest
    notices: tuple[Notice, ...]
    out: Mapping[bytes, str]
    experts: Mapping[bytes, Expert]

    def standing(self) -> Committee:
        """Who stands now."""
        return committee(self.order, [notice.seat for notice in self.notices], self.out)


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
    asked = DrawRequest(
        project=state.info.project,
        day=date.fromisoformat(application.start[:10]),
        members=application.size,
        representatives=application.representatives,
        quotas=tuple(Quota(row["count"], row["category"], row["alternates"], row["place"]) for row in form["quotas"]),
        avoid=tuple(dict.fromkeys((state.info.tenderer, state.info.agent, *application.avoid_units))),
        places=Places(tx.random(32), regions),
        region_reason=form["region_reason"],
    )
    check_composition(application.experts, application.representatives, profile_of(tx, case).rules.committee)
    asked.check()
    tx.shelf(case, "draw").put(f"{EXPERTS}/form", _to_row(asked))
    body = {"by": actor.as_by(), "draw": EXPERTS, "request": asked.to_json(), "at": at}
    tx.record(case, "draw.requested", body)


def prepare(tx: Tx, case: CaseId) -> drawing.Material:
    """Screen the whole pool and freeze those eligible. Raises `TooFewEligible`, naming quota and shortfall."""
    asked = _form(tx, case)
    screening = screen(directory.freeze_pool(tx, case), asked)
    lot = lot_request(screening, asked)
    pool = freeze_pool(screening, [tx.random(32) for _ in screening.eligible])
    return drawing.Material(lot, pool, asked.places, screening.counts())


def run(tx: Tx, case: CaseId) -> None:
    """Draw the order; the calls begin with the next tick."""
    drawing.run(tx, case, EXPERTS)
    _keep(tx, case, (), {})


def call(tx: Tx, case: CaseId) -> datetime | None:
    """Walk the order: settle silence, place the calls that are due; when to look again, None when nothing waits."""
    state = tx.case(case)
    if not state.draws.get(EXPERTS) or not state.draws[EXPERTS].order:
        return None
    if not State.DRAW_SET.rank <= state.state.rank <= State.RESCREENED.rank:
        return None
    sealed = load(tx, case)
    calling = _calling(tx, case)
    plan = notices.agenda(sealed.order, sealed.notices, sealed.out, tx.now, calling)
    standing = plan.notices
    tickets = tx.shelf(case, "ticket")
    known = {bytes.fromhex(row["label"]): ticket for ticket, row in tickets.items()}
    before = {notice.seat.label: notice.seat.answer for notice in sealed.notices}
    for notice in standing:
        silent = notice.seat.answer is Answer.SILENT and before.get(notice.seat.label) is None
        if silent:
            answered = {"ticket": known[notice.seat.label], "answer": str(Answer.SILENT)}
            tx.record(case, "notice.answered", answered)
    for label in plan.call:
        ticket = known.get(label) or _ticket(tx, case, label)
        tx.send("notice", {"ticket": ticket} | _told(tx, case, sealed, standing, label))
        tx.record(case, "notice.sent", {"ticket": ticket, "channel": "voice"})
        standing = notices.called(standing, label, tx.now)
    _keep(tx, case, standing, sealed.out)
    if not state.draws[EXPERTS].stands and load(tx, case).standing().is_complete:
        stands = load(tx, case).standing()
        counts = {"members": sum(map(len, stands.members)), "alternates": sum(map(len, stands.alternates))}
        tx.record(case, "draw.stands", counts)
    waits = [plan.again_at] if plan.again_at else []
    if plan.call:
        waits.append(tx.now + calling.wait)
    return min(waits, default=None)


def answer(tx: Tx, ticket: str, given: Answer) -> None:
    """Take an answer that came over the phone. Raises `UnknownTicket`, `NotAsked`."""
    case = find_ticket(tx, ticket)
    row = tx.shelf(case, "ticket").get(ticket)
    if row is None:
        raise UnknownTicket
    sealed = load(tx, case)
    after = notices.answered(sealed.notices, bytes.fromhex(row["label"]), given)
    tx.record(case, "notice.answered", {"ticket": ticket, "answer": str(given)})
    _keep(tx, case, after, sealed.out)


def find_ticket(tx: Tx, ticket: str) -> CaseId:
    """The case a receipt number belongs to. Raises `UnknownTicket`."""
    for case in tx.cases():
        if tx.shelf(case, "ticket").get(ticket) is not None:
            return case
    raise UnknownTicket


def rescreen(tx: Tx, case: CaseId) -> None:
    """Second screening (复筛): whoever is tied to a bidder is out, the next in order comes in, nobody sees who."""
    state = tx.case(case)
    sealed = load(tx, case)
    bidders = [bid.name for bid in state.bids.values()]
    tied = replacement.conflicts(sealed.experts, sealed.request, bidders)
    screened = replacement.rescreen(sealed.order, [notice.seat for notice in sealed.notices], sealed.out, tied)
    _keep(tx, case, sealed.notices, screened.out)
    digest = drawing.seal_list(tx, case, f"{EXPERTS}/standing", standing_ids(load(tx, case)))
    tx.record(case, "draw.rescreened", {"order": digest})


def standing_ids(sealed: Sealed) -> list[str]:
    """Ids of the members who stand, quota by quota."""
    return [str(sealed.experts[label].id) for labels in sealed.standing().members for label in labels]


def load(tx: Tx, case: CaseId) -> Sealed:
    """Everything sealed about the committee, computed from the kept links."""
    asked = _form(tx, case)
    outcome = drawing.outcome(tx, case, EXPERTS)
    material = drawing.load(tx, case, EXPERTS)
    regions = material.places.as_map() if material.places else {}
    by_id = {str(expert.id): expert for expert in directory.experts(tx, case)}
    row = tx.shelf(case, "draw").get(f"{EXPERTS}/calls") or {"notices": [], "out": {}}
    return Sealed(
        order=SealedOrder(material.request, regions, outcome.ordered),
        request=asked,
        notices=tuple(_notice(one) for one in row["notices"]),
        out={bytes.fromhex(label): reason for label, reason in row["out"].items()},
        experts={entry.label: by_id[entry.record.id] for entry in outcome.ordered},
    )


def _told(tx: Tx, case: CaseId, sealed: Sealed, standing: tuple[Notice, ...], label: bytes) -> dict[str, str]:
    """What the caller says: a telephone number, when and where; never the project."""
    quota = next(notice.seat.quota for notice in standing if notice.seat.label == label)
    place = venue_draw.places(tx, case)[sealed.order.request.quotas[quota].place]
    application = tx.case(case).application
    return {
        "phone": sealed.experts[label].person.phone,
        "start": application.start if application else "",
        "venue": directory.venues(tx)[str(place["venue"])].name,
    }


def _ticket(tx: Tx, case: CaseId, label: bytes) -> str:
    """A receipt number that no other call of any open case has: an answer names nothing else."""
    while True:
        ticket = f"{int.from_bytes(tx.random(8), 'big') % 1_000_000:06d}"
        try:
            find_ticket(tx, ticket)
        except UnknownTicket:
            tx.shelf(case, "ticket").put(ticket, {"label": label.hex()})
            return ticket


def _keep(tx: Tx, case: CaseId, standing: tuple[Notice, ...], out: Mapping[bytes, str]) -> None:
    rows = [
        {
            "label": notice.seat.label.hex(),
            "quota": notice.seat.quota,
            "answer": str(notice.seat.answer) if notice.seat.answer else "",
            "called": [at.isoformat() for at in notice.called],
        }
        for notice in standing
    ]
    stored = {"notices": rows, "out": {label.hex(): reason for label, reason in out.items()}}
    tx.shelf(case, "draw").put(f"{EXPERTS}/calls", stored)


def _notice(row: Mapping[str, Any]) -> Notice:
    seat = Seat(bytes.fromhex(row["label"]), row["quota"], Answer(row["answer"]) if row["answer"] else None)
    return Notice(seat, tuple(datetime.fromisoformat(at) for at in row["called"]))


def _calling(tx: Tx, case: CaseId) -> Calling:
    rules = profile_of(tx, case).rules.notice
    return Calling(
        opens=time.fromisoformat(rules.earliest),
        closes=time.fromisoformat(rules.latest),
        wait=timedelta(seconds=rules.answer_wait_s),
        tries=rules.calls,
        leave_notice=timedelta(seconds=rules.leave_refused_before_start_s),
    )


def _to_row(asked: DrawRequest) -> dict[str, Any]:
    return {
        "project": asked.project,
        "day": asked.day.isoformat(),
        "members": asked.members,
        "representatives": asked.representatives,
        "quotas": [quota.to_json() for quota in asked.quotas],
        "avoid": list(asked.avoid),
        "places": asked.places.to_json() if asked.places else None,
        "region_reason": asked.region_reason,
    }


def _form(tx: Tx, case: CaseId) -> DrawRequest:
    row = tx.shelf(case, "draw").get(f"{EXPERTS}/form")
    if row is None:
        raise drawing.NoSuchDraw
    return DrawRequest(
        project=row["project"],
        day=date.fromisoformat(row["day"]),
        members=row["members"],
        representatives=row["representatives"],
        quotas=tuple(
            Quota(one["n"], one.get("cat", ""), one.get("alternates", 0), one.get("place", "")) for one in row["quotas"]
        ),
        avoid=tuple(row["avoid"]),
        places=read_places(row["places"]) if row["places"] else None,
        region_reason=row["region_reason"],
    )


__all__ = ["EXPERTS", "SERVER", "Sealed", "answer", "call", "load", "prepare", "request", "rescreen", "run"]

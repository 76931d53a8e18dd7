"""A re-evaluation by the original committee (87号令 Art. 64): asked by the agent, authorised by the supervisor.

A new case that names the sealed one: same packages, same members under the same aliases, no draw. What was signed there
lies before each member again, and only what the ground concerns can be changed. The sealed case is read, never written.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from conduct import applying, linking, recall, venue_draw
from conduct.ports import SERVER, Actor, Json, Store, Tx
from conduct.rulebook import criteria_of
from evaluation import reevaluation as rules
from evaluation.case import Case, CaseId, State
from evaluation.reevaluation import Ground, Occasion

REASON = "reevaluated"


class Evidence(Store, Protocol):
    """A store that also proves what stands in a log."""

    def fresh_proof(self, log: str, index: int, /) -> str:
        """The proof of an entry in the newest checkpoint, "" while none covers it."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agent asks: on which occasion and ground, why, which items of which bids, and when it is to begin."""

    occasion: Occasion
    ground: Ground
    reason: str
    bids: tuple[str, ...]
    items: tuple[str, ...]
    start: str


def may_ask(tx: Tx, before: CaseId) -> bool:
    """Whether this closed case may be evaluated again: a report of one lot, a committee that can be recognised, no
    figure replaced by vote, and nothing that takes it up already."""
    state = tx.case(before)
    if state.state is not State.CLOSED or state.report is None or state.ending is not None or state.lots:
        return False
    return recall.is_kept(tx, before) and not _replaced(tx, before) and not followers(tx, before)


def _replaced(tx: Tx, before: CaseId) -> bool:
    return any(True for _ in tx.statements(before, "score.replaced"))


def followers(tx: Tx, before: CaseId) -> tuple[CaseId, ...]:
    """The cases that take this one up; one that was ended before its bids were opened took up nothing."""
    found = (one for one in tx.cases() if (info := tx.case(one).info) and info.follows == before)
    return tuple(one for one in found if (ending := tx.case(one).ending) is None or ending.ground != "cancelled")


def ask(tx: Tx, before: CaseId, actor: Actor, asked: Asked) -> CaseId:
    """Create the case in which the committee is to evaluate again; nothing is opened before the supervisor agrees.

    Raises `NothingToReevaluate`, `WrongConcerns`, `ReevaluationReasonMissing`.
    """
    if not may_ask(tx, before):
        raise rules.NothingToReevaluate
    if not asked.reason.strip():
        raise rules.ReevaluationReasonMissing
    old = tx.case(before)
    concerns = rules.concerns_of(asked.ground, asked.bids, asked.items, criteria_of(tx, before), old.valid_bids)
    case = linking.create_after(tx, before, actor, REASON)
    body: Json = {"by": actor.as_by(), "occasion": asked.occasion, "ground": asked.ground}
    body |= {"reason": asked.reason.strip(), "concerns": [{"bid": one.bid, "item": one.item} for one in concerns]}
    tx.record(case, "reevaluation.requested", body)
    kinds = [member.kind for member in old.members.values()]
    sizes = (kinds.count("expert"), kinds.count("representative"))
    avoided = old.application.avoid_units if old.application else ()
    applying.apply(tx, case, actor, applying.Application(*sizes, asked.start, 1, False, avoided))
    return case


async def authorise(store: Evidence, case: CaseId, actor: Actor, paper: bytes) -> None:
    """The supervisor agrees, with its paper: seats are booked, bids taken over, the committee recalled.

    Raises `NotAsked`, `TooFewSeats` where a centre has no seat free.
    """
    before, index, statement = await store.read(lambda tx: _opened(tx, case))
    proof = store.fresh_proof(before, index)

    def act(tx: Tx) -> None:
        state = tx.case(case)
        if state.reevaluation is None or state.state is not State.SEATS_HELD or not proof:
            raise rules.NotAsked
        tx.record(case, "reevaluation.authorised", {"by": actor.as_by(), "paper": tx.put_object(paper)})
        linking.take_opening(tx, case, actor)
        venue_draw.book_again(tx, case, before)
        body: Json = {"by": SERVER.as_by(), "case": before, "members": [_member(row) for row in _rows(statement)]}
        body |= {"statement": tx.put_object(statement), "proof": tx.put_object(proof.encode())}
        tx.record(case, "committee.recalled", body)
        _lay_out(tx, case, tx.case(before))

    await store.act(act)


def _opened(tx: Tx, case: CaseId) -> tuple[CaseId, int, bytes]:
    """The case before and its last `committee.opened`: place in its log, and bytes. Raises `NotAsked`."""
    state = tx.case(case)
    if state.reevaluation is None or state.info is None:
        raise rules.NotAsked
    before = CaseId(state.info.follows)
    index, statement = list(tx.statements(before, "committee.opened"))[-1]
    return before, index, statement


def _rows(statement: bytes) -> list[Json]:
    rows: list[Json] = json.loads(statement)["body"]["members"]
    return rows


def _member(row: Json) -> Json:
    return {key: row[key] for key in ("member", "alias", "kind", "categories")}


def _lay_out(tx: Tx, case: CaseId, old: Case) -> None:
    """Lay what each member signed last in the sealed case before it again, as drafts to be signed anew."""
    findings, scores = tx.shelf(case, "finding"), tx.shelf(case, "score")
    for member, signed in old.prelims.items():
        for bid, clauses in signed.body["findings"].items():
            for clause, finding in clauses.items():
                findings.put(f"{member}/{bid}/{clause}", finding)
    for (member, bid), body in old.whole_sheets.items():
        for item, typed in body["scores"].items():
            scores.put(f"{member}/{bid}/{item}/score", {"typed": typed})
        for item, said in body["comments"].items():
            scores.put(f"{member}/{bid}/{item}/comment", {"typed": said})


def carry_corrections(tx: Tx, case: CaseId) -> None:
    """Prices corrected on a confirmed answer in the sealed case stay so: stated again once the review is open."""
    state = tx.case(case)
    if state.reevaluation is None or state.info is None or state.corrections:
        return
    for body in _corrected(tx, CaseId(state.info.follows)):
        tx.record(case, "correction.stated", body | {"by": SERVER.as_by()})


def _corrected(tx: Tx, before: CaseId) -> Iterator[Json]:
    said = (json.loads(data)["body"] for _, data in tx.statements(before, "correction.stated"))
    last = {body["bid"]: body for body in said}
    return (body for body in last.values() if body["corrections"])

"""Preliminary review (初步评审): findings as drafts, the signed sheet, the leader's close and what follows from it."""

from collections.abc import Mapping
from typing import Any

from conduct import pledging
from conduct.clarifying import NotTheLeader
from conduct.ports import SERVER, Actor, Json, Tx
from conduct.rulebook import criteria_of, profile_of
from evaluation import prelim
from evaluation.case import Case, CaseId, MemberId


class StageNotOpen(Exception):
    """The stage is not open now."""

    code = "stage.not_open"


class CompetitionLacking(Exception):
    """Too few valid bids are left; the profile demands that the evaluation stops here."""

    code = "stage.competition_lacking"


def begin(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The leader ends the preparation and opens the preliminary review."""
    _demand_leader(tx.case(case), actor)
    tx.record(case, "stage.closed", {"by": actor.as_by(), "stage": "prep"})
    tx.record(case, "stage.opened", {"by": actor.as_by(), "stage": "prelim"})


def save(tx: Tx, case: CaseId, actor: Actor, cell: tuple[str, str], finding: Mapping[str, Any], revision: int) -> int:
    """Keep one finding (bid, clause) as a draft; returns its new revision. Raises `StaleRevision`, `StageNotOpen`."""
    state = tx.case(case)
    pledging.demand_part(state, actor)
    if not state.stage_is_open("prelim"):
        raise StageNotOpen
    if cell[0] not in state.bids or criteria_of(tx, case).clause(cell[1]) is None:
        raise prelim.UnknownFinding
    return tx.shelf(case, "finding").put(f"{actor.who}/{cell[0]}/{cell[1]}", dict(finding), revision)


def drafts(tx: Tx, case: CaseId, member: str) -> dict[tuple[str, str], tuple[Json, int]]:
    """A member's own findings so far: (bid, clause) → finding and revision."""
    shelf = tx.shelf(case, "finding")
    own = {}
    for key, value in shelf.items():
        owner, bid, clause = key.split("/", 2)
        if owner == member:
            own[bid, clause] = (value, shelf.revision(key))
    return own


def body(tx: Tx, case: CaseId, actor: Actor) -> Json:
    """The body of the member's sheet, complete and checked. Raises the refusals of `evaluation.prelim`."""
    state = tx.case(case)
    pledging.demand_part(state, actor)
    found: dict[str, dict[str, Json]] = {bid: {} for bid in state.bids}
    for (bid, clause), (finding, _) in drafts(tx, case, actor.who).items():
        found.setdefault(bid, {})[clause] = finding
    sheet: Json = {"member": actor.who, "alias": state.members[MemberId(actor.who)].alias, "findings": found}
    prelim.parse_preliminary(sheet, criteria_of(tx, case), list(state.bids))
    return sheet


def decisions(tx: Tx, case: CaseId) -> tuple[prelim.Decision, ...]:
    """How the committee stands, once all have signed. Raises `PreliminaryOpen` before."""
    state = tx.case(case)
    criteria = criteria_of(tx, case)
    sheets = [prelim.parse_preliminary(signed.body, criteria, list(state.bids)) for signed in state.prelims.values()]
    return prelim.decide(sheets, list(state.members), profile_of(tx, case).rules.preliminary)


def close(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The leader closes the review: rejections are stated with their votes, ground and page; scoring opens.

    Raises `NotTheLeader`, `CommitteeIncomplete`, `PreliminaryOpen`, `CompetitionLacking`.
    """
    state = tx.case(case)
    _demand_leader(state, actor)
    pledging.demand_complete(state)
    if not state.stage_is_open("prelim"):
        raise StageNotOpen
    for decision in prelim.rejections(decisions(tx, case)):
        votes = {"pass": len(decision.passed), "fail": len(decision.failed)}
        stated = {"bid": decision.bid, "clause": decision.clause, "votes": votes, "ground": decision.ground}
        tx.record(case, "rejection.decided", stated | {"page": decision.page, "reason": decision.reason})
    tx.record(case, "stage.closed", {"by": actor.as_by(), "stage": "prelim"})
    valid = len(tx.case(case).valid_bids)
    if prelim.competition(valid, profile_of(tx, case).rules.preliminary) != "enough":
        raise CompetitionLacking
    tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "detailed"})


def _demand_leader(state: Case, actor: Actor) -> None:
    if actor.who != state.leader:
        raise NotTheLeader

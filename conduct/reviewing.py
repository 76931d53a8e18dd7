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


def begin(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The leader ends the preparation and opens the preliminary review. Raises `NotTheLeader`, `StageNotOpen`."""
    state = tx.case(case)
    _demand_leader(state, actor)
    if not state.stage_is_open("prep"):
        raise StageNotOpen
    tx.record(case, "stage.closed", {"by": actor.as_by(), "stage": "prep"})
    tx.record(case, "stage.opened", {"by": actor.as_by(), "stage": "prelim"})


def save(tx: Tx, case: CaseId, actor: Actor, cell: tuple[str, str], finding: Mapping[str, Any], revision: int) -> int:
    """Keep one finding (bid, clause) as a draft; returns its new revision. Raises `StaleRevision`, `StageNotOpen`."""
    state = tx.case(case)
    pledging.demand_pledged(state, actor)
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
    pledging.demand_pledged(state, actor)
    if not state.stage_is_open("prelim") or actor.who in state.prelims:
        raise StageNotOpen
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
    """The leader closes the review: rejections are stated with their votes, ground and page; then scoring opens.

    With too few valid bids left the profile says what follows: the committee votes on the leader's motion whether to
    go on (12号令 Art. 27), or the tender has failed. Without a valid bid it has failed under every profile.
    Raises `NotTheLeader`, `CommitteeIncomplete`, `PreliminaryOpen`.
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
    competition = prelim.competition(valid, profile_of(tx, case).rules.preliminary)
    if not valid:
        fail(tx, case, "all_rejected")
    elif competition == "must_stop":
        fail(tx, case, "too_few_bids")
    elif competition == "enough":
        open_scoring(tx, case)


def open_scoring(tx: Tx, case: CaseId) -> None:
    """Detailed review begins, or goes on where a replaced member had left it."""
    tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "detailed"})


def fail(tx: Tx, case: CaseId, ground: prelim.FailureGround, motion: str = "") -> None:
    """State that the tender has failed; its report follows (实施条例 Art. 51; 12号令 Art. 27)."""
    on_motion = {"motion": motion} if motion else {}
    tx.record(case, "tender.failed", {"by": SERVER.as_by(), "ground": ground} | on_motion)


def _demand_leader(state: Case, actor: Actor) -> None:
    if actor.who != state.leader:
        raise NotTheLeader

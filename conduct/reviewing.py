"""Preliminary review (初步评审): findings as drafts, the signed sheet, the leader's close and what follows from it."""

from collections.abc import Mapping
from typing import Any

from conduct import blinding, pledging, reevaluating
from conduct.clarifying import NotTheLeader
from conduct.ports import SERVER, Actor, Json, Tx
from conduct.rulebook import criteria_document, criteria_of, profile_of
from evaluation import prelim
from evaluation.case import Case, CaseId, MemberId
from evaluation.correction import CorrectedAboveLimit, above_limit
from evaluation.reevaluation import NotConcerned


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
    reevaluating.carry_corrections(tx, case)


def save(tx: Tx, case: CaseId, actor: Actor, cell: tuple[str, str], finding: Mapping[str, Any], revision: int) -> int:
    """Keep one finding (bid, clause) as a draft; returns its new revision. Raises `StaleRevision`, `NotDisputed`,
    `StageNotOpen`, also once the own sheet is signed, and in a re-evaluation `NotConcerned`: its grounds are scores.
    """
    state = tx.case(case)
    pledging.demand_pledged(state, actor)
    if not state.stage_is_open("prelim") or actor.who in state.prelims:
        raise StageNotOpen
    if cell[0] not in state.bids or criteria_of(tx, case).clause(cell[1]) is None:
        raise prelim.UnknownFinding
    if state.reevaluation is not None:
        raise NotConcerned
    if state.disputed and cell not in state.disputed:
        raise prelim.NotDisputed
    return tx.shelf(case, "finding").put(f"{actor.who}/{cell[0]}/{cell[1]}", dict(finding), revision)


def drafts(tx: Tx, case: CaseId, member: str) -> dict[tuple[str, str], tuple[Json, int]]:
    """A member's own findings on the bids in hand so far: (bid, clause) → finding and revision."""
    own, bids = {}, tx.case(case).bids
    for key, value, revision in tx.shelf(case, "finding").under(f"{member}/"):
        _, bid, clause = key.split("/", 2)
        if bid in bids:
            own[bid, clause] = (value, revision)
    return own


def saves(tx: Tx, case: CaseId, actor: Actor) -> int:
    """How often this member's findings were saved: a page that counts otherwise shows something else."""
    return sum(revision for _, revision in drafts(tx, case, actor.who).values())


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
    return prelim.standing(_sheets(tx, case), list(tx.case(case).members))


def vote_again(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Unanimity first: the leader opens the one talk and the one new vote on the clauses in dispute (scenario 10).

    Raises `NotTheLeader`, `CommitteeIncomplete`, `PreliminaryOpen`, `NothingDisputed`.
    """
    state = tx.case(case)
    _demand_leader(state, actor)
    pledging.demand_complete(state)
    if not state.stage_is_open("prelim"):
        raise StageNotOpen
    disputed = [one for one in decisions(tx, case) if one.is_disputed]
    wants_unanimity = profile_of(tx, case).rules.preliminary.decision == "unanimity_first"
    if not (disputed and wants_unanimity and state.review_round == 1):
        raise prelim.NothingDisputed
    items = [{"bid": one.bid, "clause": one.clause} for one in disputed]
    tx.record(case, "revote.opened", {"by": actor.as_by(), "items": items})


def _sheets(tx: Tx, case: CaseId) -> list[prelim.PreliminarySheet]:
    state, criteria = tx.case(case), criteria_of(tx, case)
    return [prelim.parse_preliminary(signed.body, criteria, list(state.bids)) for signed in state.prelims.values()]


def close(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The leader closes the review: rejections are stated with their votes, ground and page; then scoring opens.

    With too few valid bids left the profile says what follows: the committee votes on the leader's motion whether to
    go on (12号令 Art. 27), or the tender has failed. Without a valid bid it has failed under every profile.
    Raises `NotTheLeader`, `CommitteeIncomplete`, `PreliminaryOpen`, `SecondVoteNeeded`,
    `CorrectedAboveLimit`.
    """
    state = tx.case(case)
    _demand_leader(state, actor)
    pledging.demand_complete(state)
    if not state.stage_is_open("prelim"):
        raise StageNotOpen
    rules = profile_of(tx, case).rules.preliminary
    decided = prelim.decide(_sheets(tx, case), list(state.members), rules, state.review_round)
    for decision in prelim.rejections(decided):
        votes = {"pass": len(decision.passed), "fail": len(decision.failed)}
        stated = {"bid": decision.bid, "clause": decision.clause, "votes": votes, "ground": decision.ground}
        tx.record(case, "rejection.decided", stated | {"page": decision.page, "reason": decision.reason})
    tx.record(case, "stage.closed", {"by": actor.as_by(), "stage": "prelim"})
    if above_limit(tx.case(case), criteria_document(tx, case)["limit"]):
        raise CorrectedAboveLimit
    valid = len(tx.case(case).valid_bids)
    competition = prelim.competition(valid, rules)
    if not valid:
        fail(tx, case, "all_rejected")
    elif competition == "must_stop":
        fail(tx, case, "too_few_bids")
    elif competition == "enough":
        open_scoring(tx, case)


def open_scoring(tx: Tx, case: CaseId) -> None:
    """Detailed review begins, or goes on where a replaced member had left it."""
    tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "detailed", **blinding.listed(tx, case)})


def fail(tx: Tx, case: CaseId, ground: prelim.FailureGround, motion: str = "") -> None:
    """State that the tender has failed; its report follows (实施条例 Art. 51; 12号令 Art. 27)."""
    on_motion = {"motion": motion} if motion else {}
    tx.record(case, "tender.failed", {"by": SERVER.as_by(), "ground": ground} | on_motion)


def _demand_leader(state: Case, actor: Actor) -> None:
    if actor.who != state.leader:
        raise NotTheLeader

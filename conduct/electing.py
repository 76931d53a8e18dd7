"""Ballots of the committee: secret, one vote each, counted by the system the moment the last vote is in.

A choice lies in a box without its voter; the count states all papers and forgets the box.
"""

from conduct import ballot_box, pledging
from conduct.ports import SERVER, Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation import ballot as rules
from evaluation.case import CaseId, MemberId

LEADER = "leader"
BOX = "choice"


class NoBallot(Exception):
    """No ballot is open."""

    code = "ballot.none_open"


def open_leader_ballot(tx: Tx, case: CaseId) -> None:
    """Round one, between those whom the profile lets stand."""
    kinds: dict[str, str] = {member.id: member.kind for member in tx.case(case).members.values()}
    candidates = rules.leader_candidates(kinds, profile_of(tx, case).rules.committee.representative_may_lead)
    tx.record(case, "ballot.opened", {"ballot": LEADER, "round": 1, "candidates": list(candidates)})


def vote(tx: Tx, case: CaseId, actor: Actor, choice: str) -> rules.Paper:
    """Cast one secret vote for the leader; the last one counts the round and opens the next or ends the ballot.

    Returns the paper, which the voter alone is shown.

    Raises `NoBallot`, `Recused` and the refusals of `evaluation.ballot.check_ballot`.
    """
    state = tx.case(case)
    ballot = state.ballots.get(LEADER)
    if ballot is None or not ballot.is_open:
        raise NoBallot
    pledging.demand_pledged(state, actor)
    voter = MemberId(actor.who)
    voters = voters_of(tx, case)
    rules.check_ballot(voter, choice, voters, ballot.cast, ballot.candidates)
    paper = ballot_box.drop(tx, case, BOX, f"{LEADER}/{ballot.round}", choice)
    tx.record(case, "ballot.cast", {"ballot": LEADER, "round": ballot.round, "member": voter})
    if len(ballot.cast) + 1 == len(voters):
        _count(tx, case)
    return paper


def voters_of(tx: Tx, case: CaseId) -> tuple[MemberId, ...]:
    """Who elects the leader: everybody, or the experts alone where the profile says so (87号令)."""
    everybody = profile_of(tx, case).rules.committee.representative_may_elect
    return tuple(member.id for member in tx.case(case).members.values() if member.is_expert or everybody)


def _count(tx: Tx, case: CaseId) -> None:
    state = tx.case(case)
    ballot = state.ballots[LEADER]
    papers = ballot_box.empty(tx, case, BOX)
    choices = [paper.choice for paper in papers]
    counted = rules.count_round(ballot.round, ballot.candidates, choices, len(voters_of(tx, case)))
    body: Json = {"ballot": LEADER, "round": ballot.round, "counts": dict(counted.counts)}
    body["papers"] = ballot_box.published(papers)
    if counted.elected:
        tx.record(case, "ballot.counted", body | {"elected": counted.elected})
        if "prep" not in state.stages:
            tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "prep"})
        return
    following = list(counted.next_candidates)
    tx.record(case, "ballot.counted", body | {"next": following})
    tx.record(case, "ballot.opened", {"ballot": LEADER, "round": ballot.round + 1, "candidates": following})

"""Ballots of the committee: secret, one vote each, counted by the system the moment the last vote is in.

A choice lies on a shelf under a random key, without its voter, and is forgotten at the count.
"""

from conduct.ports import SERVER, Actor, Tx
from evaluation import ballot as rules
from evaluation.case import CaseId, MemberId

LEADER = "leader"


class AlreadyVoted(Exception):
    """One member, one vote a round."""

    code = "ballot_already_cast"


class NoBallot(Exception):
    """No ballot is open."""

    code = "ballot_not_open"


class NotACandidate(Exception):
    """The choice is not on the ballot."""

    code = "ballot_no_candidate"


def open_leader_ballot(tx: Tx, case: CaseId) -> None:
    """Round one: every drawn expert may lead."""
    members = tx.case(case).members.values()
    candidates = [member.id for member in members if member.is_expert]
    tx.record(case, "ballot.opened", {"ballot": LEADER, "round": 1, "candidates": candidates})


def vote(tx: Tx, case: CaseId, actor: Actor, choice: str) -> None:
    """Cast one secret vote for the leader; the last one counts the round and opens the next or ends the ballot.

    Raises `NoBallot`, `AlreadyVoted`, `NotACandidate`.
    """
    ballot = tx.case(case).ballots.get(LEADER)
    if ballot is None or not ballot.is_open:
        raise NoBallot
    voter = MemberId(actor.who)
    if voter in ballot.cast:
        raise AlreadyVoted
    if choice not in ballot.candidates:
        raise NotACandidate
    tx.shelf(case, "choice").put(tx.random(16).hex(), {"choice": choice})
    tx.record(case, "ballot.cast", {"ballot": LEADER, "round": ballot.round, "member": voter})
    if len(ballot.cast) + 1 == len(tx.case(case).members):
        _count(tx, case)


def _count(tx: Tx, case: CaseId) -> None:
    shelf = tx.shelf(case, "choice")
    ballot = tx.case(case).ballots[LEADER]
    choices = [value["choice"] for _, value in shelf.items()]
    tx.forget_shelves(case, ("choice",))
    outcome = rules.count(ballot.candidates, choices)
    body = {"ballot": LEADER, "round": ballot.round, "counts": dict(outcome.counts)}
    if outcome.elected:
        tx.record(case, "ballot.counted", body | {"elected": outcome.elected})
        tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "prep"})
        return
    following = list(outcome.next_candidates)
    tx.record(case, "ballot.counted", body | {"next": following})
    tx.record(case, "ballot.opened", {"ballot": LEADER, "round": ballot.round + 1, "candidates": following})

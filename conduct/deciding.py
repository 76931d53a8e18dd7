"""Motions (表决): opened by a member, voted on by all, counted by the system, and what follows from the result.

A secret choice lies in a box without its voter; the count states all papers and forgets the box.
"""

from collections.abc import Callable, Mapping
from typing import Final

from conduct import ballot_box, pledging, reviewing
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import profile_of
from conduct.words import WORDS
from evaluation import motion as rules
from evaluation.ballot import Paper
from evaluation.case import Case, CaseId, MemberId, State
from evaluation.motion import Motion, Subject

SECRET = "choice-of-motion"  # noqa: S105 - the name of a shelf
NOTHING: Final[Mapping[str, str]] = {}
_BY_LEADER = frozenset({"competition", "reason_insufficient"})
_STAGES: Mapping[str, tuple[State, State]] = {
    "competition": (State.COMPETITION_CHECK, State.COMPETITION_CHECK),
    "dispute": (State.PREP, State.RECHECK),
    "more_time": (State.PREP, State.RECHECK),
}


def open_motion(tx: Tx, case: CaseId, actor: Actor, subject: Subject, text: str = "") -> str:
    """Put a question to the committee and return the motion's id; the profile says whether the vote is secret.

    Raises `NotTheLeader`, `CommitteeIncomplete`, `MotionOpen`, `MotionOutOfPlace`, `MotionEmpty`.
    """
    first, last = _STAGES[subject]
    if not first.rank <= tx.case(case).state.rank <= last.rank:
        raise rules.MotionOutOfPlace
    needed = profile_of(tx, case).rules.preliminary.bids_needed
    question = WORDS["competition"].format(needed=needed) if subject == "competition" else text.strip()
    return put(tx, case, actor, subject, question)


def put(tx: Tx, case: CaseId, actor: Actor, subject: Subject, question: str, about: Mapping[str, str] = NOTHING) -> str:
    """Open a motion whose stage the caller has checked; `about` names the figure it is about, if it is about one."""
    state = tx.case(case)
    pledging.demand_pledged(state, actor)
    if subject in _BY_LEADER and actor.who != state.leader:
        raise NotTheLeader
    pledging.demand_complete(state)
    if state.motion is not None:
        raise rules.MotionOpen
    if not question:
        raise rules.MotionEmpty
    name = f"v{sum(len(lot.motions) for lot in state.lots_so_far) + 1}"
    body: Json = {"by": actor.as_by(), "motion": name, "subject": subject, "text": question}
    body["secret"] = profile_of(tx, case).rules.ballot.motions_are_secret
    tx.record(case, "motion.opened", body | ({"about": dict(about)} if about else {}))
    return name


def cast(tx: Tx, case: CaseId, actor: Actor, choice: str) -> Paper:
    """Cast one secret vote on the open motion; the paper is for the voter's eyes alone.

    Raises `NoMotion`, `MotionOpenVote`, the refusals of `check_vote`.
    """
    motion = _voting(tx, case, actor, choice)
    if not motion.secret:
        raise rules.MotionOpenVote
    paper = ballot_box.drop(tx, case, SECRET, motion.id, choice)
    tx.record(case, "vote.cast", {"motion": motion.id, "member": actor.who})
    count_if_all_voted(tx, case)
    return paper


def vote_body(tx: Tx, case: CaseId, actor: Actor, choice: str, reason: str) -> Json:
    """The body of a member's `vote.signed` on the open motion; the same refusals as `cast`."""
    motion = _voting(tx, case, actor, choice)
    if motion.secret:
        raise rules.MotionOpenVote
    alias = tx.case(case).members[MemberId(actor.who)].alias
    return {"member": actor.who, "alias": alias, "motion": motion.id, "choice": choice, "reason": reason.strip()}


def count_if_all_voted(tx: Tx, case: CaseId) -> None:
    """State the result once the last member has voted, and do what follows from it."""
    state = tx.case(case)
    motion = state.motion
    if motion is None or set(motion.voted) != set(state.members):
        return
    papers = ballot_box.empty(tx, case, SECRET) if motion.secret else ()
    choices = [paper.choice for paper in papers] if motion.secret else list(motion.voted.values())
    counted = rules.count(motion.subject, choices, len(state.members), profile_of(tx, case).rules.ballot)
    votes = {"yes": counted.yes, "no": counted.no}
    body: Json = {"motion": motion.id, "votes": votes, "carried": counted.is_carried}
    tx.record(case, "motion.decided", body | ({"papers": ballot_box.published(papers)} if motion.secret else {}))
    if motion.subject in _EFFECTS:
        _EFFECTS[motion.subject](tx, case, tx.case(case).motions[motion.id])


def _voting(tx: Tx, case: CaseId, actor: Actor, choice: str) -> Motion:
    state: Case = tx.case(case)
    pledging.demand_pledged(state, actor)
    return rules.check_vote(state.motion, actor.who, choice, state.members)


def _compete(tx: Tx, case: CaseId, motion: Motion) -> None:
    if motion.is_carried:
        reviewing.open_scoring(tx, case)
    else:
        reviewing.fail(tx, case, "lacks_competition", motion.id)


_EFFECTS: Mapping[str, Callable[[Tx, CaseId, Motion], None]] = {"competition": _compete}

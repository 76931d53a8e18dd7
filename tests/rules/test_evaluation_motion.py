"""Motions: who may vote, how many votes carry, and that nothing is counted before everybody has voted."""

import pytest

from evaluation import motion
from evaluation.ballot import AlreadyVoted, BallotOpen, NotAMember
from evaluation.motion import Motion
from evaluation.profiles import load_profile

RULES = load_profile("works").rules.ballot
OPEN = Motion("v1", "dispute", "暗标是否有效？", secret=False, about={}, opened_at="", voted={"m1": "yes"})


@pytest.mark.parametrize(
    ("subject", "needed"),
    [("dispute", [3, 4, 5, 6]), ("abnormal_score", [3, 4, 5, 6]), ("more_time", [2, 3, 4, 4])],
)
def test_r_12_what_a_motion_needs_of_5_7_9_and_11(subject: motion.Subject, needed: list[int]) -> None:
    assert [motion.votes_needed(subject, members, RULES) for members in (5, 7, 9, 11)] == needed


def test_r_18_half_of_an_even_committee_is_no_majority() -> None:
    assert not motion.count("dispute", ("yes", "yes", "no", "no"), 4, RULES).is_carried
    assert motion.count("dispute", ("yes", "yes", "yes", "no"), 4, RULES).is_carried


def test_a_motion_is_counted_only_when_everybody_has_voted() -> None:
    with pytest.raises(BallotOpen):
        motion.count("dispute", ("yes", "yes", "yes"), 5, RULES)


@pytest.mark.parametrize(
    ("voter", "choice", "refusal"),
    [("m9", "yes", NotAMember), ("m1", "no", AlreadyVoted), ("m2", "perhaps", motion.UnknownChoice)],
)
def test_a_vote_by_a_stranger_a_second_one_and_no_vote_are_refused(
    voter: str, choice: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        motion.check_vote(OPEN, voter, choice, ("m1", "m2"))


def test_without_an_open_motion_nobody_votes() -> None:
    with pytest.raises(motion.NoMotion):
        motion.check_vote(None, "m1", "yes", ("m1",))

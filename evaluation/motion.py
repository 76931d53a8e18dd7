"""Motions (表决): one way for every question that the committee decides by counting votes; the system counts.

It knows votes and numbers, not what follows from a result. The quorum is the whole committee: no vote is presumed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from evaluation.ballot import AlreadyVoted, BallotOpen, NotAMember, Paper
from evaluation.profile import BallotRules

Subject = Literal["competition", "dispute", "more_time", "abnormal_score", "reason_insufficient"]
Choice = Literal["yes", "no"]
SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)


class NoMotion(Exception):
    """No such motion is open."""

    code = "motion.none_open"


class MotionOpen(Exception):
    """A motion is open already: the committee decides one question at a time."""

    code = "motion.open"


class MotionEmpty(Exception):
    """A question without words."""

    code = "motion.empty"


class MotionOutOfPlace(Exception):
    """This question does not stand in this stage."""

    code = "motion.out_of_place"


class UnknownChoice(Exception):
    """A vote that is neither yes nor no."""

    code = "motion.unknown_choice"


class MotionOpenVote(Exception):
    """A motion voted on by name takes a signed vote, a secret one takes none."""

    code = "motion.other_form"


@dataclass(frozen=True, slots=True)
class Motion:
    """One question: `about` says what it is about, `voted` who has voted (choice empty where it is secret).

    `papers` are the opened ones of a secret vote that was counted.
    """

    id: str
    subject: Subject
    text: str
    secret: bool
    about: Mapping[str, str]
    opened_at: str
    voted: Mapping[str, str] = field(default_factory=dict)
    yes: int = 0
    no: int = 0
    decided_at: str = ""
    is_carried: bool = False
    is_void: bool = False
    papers: tuple[Paper, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether votes are still taken."""
        return not self.decided_at and not self.is_void


@dataclass(frozen=True, slots=True)
class Outcome:
    """A counted motion."""

    yes: int
    no: int
    is_carried: bool


def check_vote(motion: Motion | None, voter: str, choice: str, members: Collection[str]) -> Motion:
    """The open motion this vote belongs to. Refuses a stranger's vote, a second one, and a word that is no vote."""
    if motion is None or not motion.is_open:
        raise NoMotion
    if voter not in members:
        raise NotAMember
    if voter in motion.voted:
        raise AlreadyVoted
    if choice not in CHOICES:
        raise UnknownChoice
    return motion


def votes_needed(subject: Subject, members: int, rules: BallotRules) -> int:
    """How many must say yes: more than half of all members (R-18, R-19); for more time more than one in three (R-12).

    Of 5, 7, 9 members 2, 3, 4 get more time (实施条例 Art. 48).
    """
    return members // (rules.more_time_above_one_in if subject == "more_time" else 2) + 1


def count(subject: Subject, choices: Collection[str], members: int, rules: BallotRules) -> Outcome:
    """Count the choices once every member has voted (重庆条例 Art. 34). Raises `BallotOpen` before."""
    if len(choices) < members:
        raise BallotOpen
    yes = sum(choice == "yes" for choice in choices)
    return Outcome(yes, len(choices) - yes, yes >= votes_needed(subject, members, rules))

"""The leader's election in rounds (motions: `motion.py`). One member, one vote.

A secret ballot is counted from choices without names; who has voted is known apart from what was chosen.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from signing.canonical import canonical, digest, short_code

PAPER: Final = "bid-ballot/1"


class NotAMember(Exception):
    """A vote by somebody who has none in this committee."""

    code = "ballot.not_a_member"


class AlreadyVoted(Exception):
    """A second vote in the same round: votes are equal (12号令 Art. 9)."""

    code = "ballot.already_voted"


class NotACandidate(Exception):
    """A vote for somebody who does not stand in this round."""

    code = "ballot.not_a_candidate"


class BallotOpen(Exception):
    """A count before everybody has voted: an early count would show how the last ones vote."""

    code = "ballot.open"


@dataclass(frozen=True, slots=True)
class Round:
    """A counted round of the leader's election: votes by candidate, then either who leads or who stands next."""

    number: int
    counts: tuple[tuple[str, int], ...]
    elected: str | None
    next_candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a secret vote (`bid-ballot/1`): in which vote, what was chosen, 16 random bytes in hex; no name."""

    vote: str
    choice: str
    salt: str

    @property
    def number(self) -> bytes:
        """SHA-256 of its canonical bytes, by which it is kept and published."""
        return digest(canonical({"format": PAPER, "vote": self.vote, "choice": self.choice, "salt": self.salt}))

    @property
    def code(self) -> str:
        """What the voter keeps of it (校验码)."""
        return short_code(self.number)


def in_order(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Papers in the order of their numbers, which tells nothing of the order in which they came."""
    return tuple(sorted(papers, key=lambda paper: paper.number))


def check_ballot(
    voter: str, choice: str, members: Collection[str], voted: Collection[str], candidates: Collection[str]
) -> None:
    """Refuse a vote by a stranger, a second vote, a vote for nobody who stands."""
    if voter not in members:
        raise NotAMember
    if voter in voted:
        raise AlreadyVoted
    if choice not in candidates:
        raise NotACandidate


def count_round(number: int, candidates: Sequence[str], choices: Sequence[str], members: int) -> Round:
    """Count a round of the leader's election from the choices alone.

    One at the top leads; several at the top go to the next round and all others lose their candidacy (2/2/1 → the two).
    """
    if len(choices) < members:
        raise BallotOpen
    counted = Counter(choices)
    if not set(counted) <= set(candidates):
        raise NotACandidate
    counts = tuple((candidate, counted[candidate]) for candidate in candidates)
    most = max(count for _, count in counts)
    top = tuple(candidate for candidate, count in counts if count == most)
    return Round(number, counts, top[0] if len(top) == 1 else None, top if len(top) > 1 else ())


def leader_candidates(members: Mapping[str, str], representative_may_lead: bool) -> tuple[str, ...]:
    """Who stands in round one: member id → kind (`expert`, `representative`)."""
    return tuple(member for member, kind in members.items() if kind == "expert" or representative_may_lead)


def is_majority(yes: int, members: int) -> bool:
    """More than half of all members (R-18, R-19)."""
    return 2 * yes > members

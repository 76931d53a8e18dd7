"""A re-evaluation (重新评审) by the committee of a sealed case: on which ground, and what alone it may change.

87号令 Art. 64: once the report is signed, a result changes only where the original committee evaluates again on one of
four grounds. The sealed case stays as it is; this is another one, and all that the ground does not concern is fixed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from evaluation.criteria import Criteria
from evaluation.ids import BidId, MemberId

Occasion = Literal["found", "query", "complaint"]
Ground = Literal["sum_error", "out_of_range", "objective_mismatch", "abnormal_score"]
OCCASIONS: Final[tuple[Occasion, ...]] = get_args(Occasion)
GROUNDS: Final[tuple[Ground, ...]] = get_args(Ground)


class NothingToReevaluate(Exception):
    """Not closed with a report, of several lots, evaluated again already, or nobody of it can be recognised."""

    code = "reevaluation.nothing"


class WrongConcerns(Exception):
    """What is to be evaluated again does not fit the ground: unknown, missing, or not objective (87号令 Art. 64)."""

    code = "reevaluation.concerns"


class ReevaluationReasonMissing(Exception):
    """A re-evaluation without a reason."""

    code = "reevaluation.reason_missing"


class NotAsked(Exception):
    """No re-evaluation waits for the supervisor, or the main venue has not held its seats yet."""

    code = "reevaluation.not_asked"


class NotConcerned(Exception):
    """What the re-evaluation does not concern stays as it was signed in the sealed case."""

    code = "reevaluation.not_concerned"


@dataclass(frozen=True, slots=True)
class Concern:
    """One item of one bid that is scored again."""

    bid: BidId
    item: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """A member of the sealed case's committee, as its last `committee.opened` names it, without the name."""

    member: MemberId
    alias: str
    kind: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reevaluation:
    """What was asked, and once the supervisor agreed, with which paper and which committee."""

    occasion: str
    ground: str
    reason: str
    concerns: tuple[Concern, ...]
    asked_at: str
    paper: str = ""
    authorised_at: str = ""
    committee: Mapping[MemberId, Recalled] = field(default_factory=dict)

    def touches(self, bid: str, item: str) -> bool:
        """Whether this item of this bid is scored again."""
        return Concern(BidId(bid), item) in self.concerns


def concerns_of(
    ground: Ground, bids: Iterable[str], items: Iterable[str], criteria: Criteria, valid: Iterable[BidId]
) -> tuple[Concern, ...]:
    """These items of these bids, checked against the ground. Raises `WrongConcerns`.

    A sum error concerns no score: the system reckons again. An objective item is one on which all must agree.
    """
    known = {item.item.id: item.item.is_objective for item in criteria.items}
    chosen = tuple(Concern(BidId(bid), item) for bid in bids for item in items)
    if ground == "sum_error":
        if chosen:
            raise WrongConcerns
        return ()
    if not chosen or any(one.bid not in set(valid) or one.item not in known for one in chosen):
        raise WrongConcerns
    if ground == "objective_mismatch" and not all(known[one.item] for one in chosen):
        raise WrongConcerns
    return chosen

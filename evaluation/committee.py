"""Who may form a committee (R-01, R-02, R-03). Pure counting; who the people are is not its business."""

from decimal import Decimal
from typing import Final

from evaluation.profile import CommitteeRules

NO_BUDGET: Final = Decimal(0)


class CommitteeTooSmall(Exception):
    """Fewer members than the law demands (招标投标法 Art. 37; R-01)."""

    code = "committee.too_small"


class CommitteeEven(Exception):
    """An even number of members (招标投标法 Art. 37; R-01)."""

    code = "committee.even"


class TooFewExperts(Exception):
    """Fewer experts than two thirds of the members (招标投标法 Art. 37; R-02)."""

    code = "committee.too_few_experts"


class TooManyRepresentatives(Exception):
    """More tenderer's representatives than the profile allows beside the two thirds (重庆条例 Art. 30; R-03)."""

    code = "committee.too_many_representatives"


def minimum_experts(members: int, rules: CommitteeRules) -> int:
    """The least number of experts among `members`: 5 → 4, 7 → 5, 9 → 6, 11 → 8."""
    return -(-members * rules.expert_parts // rules.of_parts)


def minimum_size(budget: Decimal, rules: CommitteeRules) -> int:
    """The least committee for a budget in yuan: some laws want a larger one for a large purchase (R-04)."""
    if rules.large_minimum is not None and rules.large_from is not None and budget >= rules.large_from:
        return rules.large_minimum
    return rules.minimum


def check_composition(experts: int, representatives: int, rules: CommitteeRules, budget: Decimal = NO_BUDGET) -> None:
    """Refuse a committee that the law does not know. Asked when the draw is set and again at check-in."""
    members = experts + representatives
    if members < minimum_size(budget, rules):
        raise CommitteeTooSmall
    if rules.must_be_odd and members % 2 == 0:
        raise CommitteeEven
    if experts < minimum_experts(members, rules):
        raise TooFewExperts
    if rules.most_representatives is not None and representatives > rules.most_representatives:
        raise TooManyRepresentatives

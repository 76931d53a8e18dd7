"""Committee composition, the leader's election, motions, the wish for more time."""

from decimal import Decimal

import pytest

from evaluation import ballot, committee
from evaluation.profiles import load_profile

RULES = load_profile("works").rules


@pytest.mark.parametrize(
    ("experts", "representatives", "refusal"),
    [
        (3, 1, committee.CommitteeTooSmall),
        (5, 1, committee.CommitteeEven),
        (3, 2, committee.TooFewExperts),
        (4, 3, committee.TooFewExperts),
        (7, 4, committee.TooFewExperts),
    ],
)
def test_r_01_a_committee_the_law_does_not_know_is_refused(
    experts: int, representatives: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        committee.check_composition(experts, representatives, RULES.committee)


@pytest.mark.parametrize(("experts", "representatives"), [(4, 1), (5, 0), (5, 2), (6, 3), (8, 3)])
def test_r_01_a_committee_with_two_thirds_of_experts_stands(experts: int, representatives: int) -> None:
    committee.check_composition(experts, representatives, RULES.committee)
    short = committee.minimum_experts(experts + representatives, RULES.committee) - 1
    with pytest.raises(committee.TooFewExperts):
        committee.check_composition(short, experts + representatives - short, RULES.committee)


def test_r_02_minimum_experts_are_4_5_6_and_8() -> None:
    assert [committee.minimum_experts(n, RULES.committee) for n in (5, 7, 9, 11)] == [4, 5, 6, 8]


def test_r_03_a_region_may_allow_two_representatives_at_most() -> None:
    chongqing = load_profile("chongqing").rules.committee
    committee.check_composition(8, 1, chongqing)
    with pytest.raises(committee.TooManyRepresentatives):
        committee.check_composition(8, 3, chongqing)


def test_the_leader_is_elected_in_two_rounds_after_2_2_1() -> None:
    everyone = ("m1", "m2", "m3", "m4", "m5")
    first = ballot.count_round(1, everyone, ("m3", "m3", "m1", "m1", "m2"), members=5)
    assert first.elected is None
    assert first.next_candidates == ("m1", "m3")
    second = ballot.count_round(2, first.next_candidates, ("m3", "m3", "m1", "m3", "m1"), members=5)
    assert second.elected == "m3"
    assert second.counts == (("m1", 2), ("m3", 3))
    assert second.next_candidates == ()


def test_who_lost_candidacy_takes_no_vote_in_the_next_round() -> None:
    with pytest.raises(ballot.NotACandidate):
        ballot.check_ballot("m1", "m2", members=("m1", "m2"), voted=(), candidates=("m3",))
    with pytest.raises(ballot.NotACandidate):
        ballot.count_round(2, ("m1", "m3"), ("m2", "m3"), members=2)


def test_a_ballot_is_counted_only_when_everybody_has_voted() -> None:
    with pytest.raises(ballot.BallotOpen):
        ballot.count_round(1, ("m1", "m2"), ("m1", "m1"), members=3)


def test_one_member_has_one_vote() -> None:
    with pytest.raises(ballot.AlreadyVoted):
        ballot.check_ballot("m1", "m1", members=("m1",), voted=("m1",), candidates=("m1",))
    with pytest.raises(ballot.NotAMember):
        ballot.check_ballot("stranger", "m1", members=("m1",), voted=(), candidates=("m1",))


def test_a_profile_may_keep_representatives_out_of_the_ballot() -> None:
    members = {"m1": "expert", "m2": "representative"}
    assert ballot.leader_candidates(members, representative_may_lead=True) == ("m1", "m2")
    assert ballot.leader_candidates(members, representative_may_lead=False) == ("m1",)


def test_r_04_a_large_purchase_takes_seven_members() -> None:
    rules = load_profile("procurement").rules.committee
    committee.check_composition(4, 1, rules, Decimal("9999999.99"))
    with pytest.raises(committee.CommitteeTooSmall):
        committee.check_composition(4, 1, rules, Decimal("10000000.00"))
    committee.check_composition(5, 2, rules, Decimal("10000000.00"))
    committee.check_composition(4, 1, RULES.committee, Decimal("10000000.00"))

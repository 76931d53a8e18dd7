"""The law on the place of evaluation and its secrecy, as the policies of all routes keep it."""

from identity.roles import AT_A_SEAT, Role
from tests.web.every_call import POLICIES
from web.policy import SAFE_METHODS


def test_r_28_a_member_acts_only_at_a_seat_paired_with_its_venue() -> None:
    """Every call by which a member writes in a case: none can be made from a browser that is no seat."""
    acts = [
        policy
        for policy in POLICIES
        if policy.method not in SAFE_METHODS and "{case}" in policy.path and policy.who.roles & AT_A_SEAT
    ]
    assert len(acts) > 20
    assert [policy.path for policy in acts if not policy.who.seat and policy.who.roles <= AT_A_SEAT] == []
    shared = {policy.path for policy in acts if not policy.who.seat}
    assert shared <= {
        "/cases/{case}/enrol",
        "/cases/{case}/enrol/key",
        "/cases/{case}/prepare/{purpose}",
        "/cases/{case}/sign/{purpose}",
        "/cases/{case}/sign/{purpose}/key",
        "/cases/{case}/suspend",
        "/cases/{case}/break",
    }


def test_r_34_nothing_that_is_seen_or_heard_of_an_evaluation_is_open_to_anybody() -> None:
    media = ("ws", "room", "watch", "segments", "footage", "bag", "documents", "archive")
    found = [policy for policy in POLICIES if any(f"/{word}" in policy.path for word in media)]
    assert len(found) >= len(media) - 1
    assert not [policy.path for policy in found if policy.who.anybody or not policy.who.roles]
    assert not [policy.path for policy in found if policy.who.roles & {Role.BIDDER, Role.PARTY}]


def test_r_36_scores_and_grounds_of_rejection_reach_the_offices_with_the_report_and_no_page_publishes_them() -> None:
    """What some regions publish stands in the report's data, members as aliases; publishing it is theirs."""
    public = {policy.path for policy in POLICIES if policy.who.anybody and "{case}" in policy.path}
    assert public == set()

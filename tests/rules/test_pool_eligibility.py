"""Who may be drawn, for what committee: each rule of the law refuses what it must, everybody is accounted for."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import pool as demo_pool
from draw import chain
from draw.lot import Turn, run
from draw.order import order
from draw.refusal import PoolRefused
from draw.request import Places, Quota
from draw.seed import Session
from draw.selection import first_wants, select
from expert_pool import pool_import
from expert_pool.eligibility import (
    Reason,
    TooFewEligible,
    check_enough,
    freeze_pool,
    look_back_from,
    lot_request,
    reason_against,
    screen,
)
from expert_pool.expert import Availability, Employment, Expert, ExpertId
from expert_pool.request import (
    DrawRequest,
    PlacesDoNotFit,
    QuotasDoNotAddUp,
    RegionNeedsReason,
)

DAY = date(2026, 11, 25)
EXPERT = Expert(
    id=ExpertId("ZJ1"),
    categories=("A08",),
    title="高级",
    years=10,
    region="990100",
    unit="演示单位",
)
PLACES = Places(bytes(32), (("sub-1", ("990100",)),))
REQUEST = DrawRequest(
    project="DEMO-1",
    day=DAY,
    members=5,
    representatives=1,
    quotas=(Quota(4, "A08", place="sub-1"),),
    avoid=("演示投标人D（集团）",),
    places=PLACES,
    region_reason="副场席位所在地",
)


def test_a_lawful_request_passes() -> None:
    REQUEST.check()


def test_quotas_that_do_not_add_up_to_the_experts_are_refused() -> None:
    with pytest.raises(QuotasDoNotAddUp):
        replace(REQUEST, representatives=0).check()


def test_a_restricted_region_needs_a_reason() -> None:
    with pytest.raises(RegionNeedsReason):
        replace(REQUEST, region_reason=" ").check()


def test_each_place_named_has_its_regions_and_no_other_has() -> None:
    with pytest.raises(PlacesDoNotFit):
        replace(REQUEST, places=None).check()
    with pytest.raises(PlacesDoNotFit):
        replace(REQUEST, quotas=(Quota(4, "A08"),)).check()


def test_the_logged_form_does_not_tell_the_region_of_a_place() -> None:
    assert "990100" not in str(REQUEST.to_json())
    assert "990100" not in str(REQUEST.to_lot([EXPERT]).to_json())


def test_an_expert_without_a_tie_is_eligible() -> None:
    assert reason_against(EXPERT, REQUEST) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"categories": ("B01",)}, Reason.CATEGORY),
        ({"region": "990200"}, Reason.REGION),
        ({"availability": Availability.SUSPENDED}, Reason.SUSPENDED),
        ({"availability": Availability.ON_LEAVE, "unavailable_until": DAY}, Reason.ON_LEAVE),
        ({"recent_draws": 8}, Reason.WORKLOAD),
        ({"unit": "演示投标人Ｄ(集团)"}, Reason.UNIT),
        ({"relations": ("演示投标人D （集团）",)}, Reason.DECLARED_RELATION),
        (
            {"history": (Employment("演示投标人D(集团)", date(2010, 1, 1), date(2023, 11, 25)),)},
            Reason.EMPLOYED_WITHIN_LOOK_BACK,
        ),
        ({"history": (Employment("演示投标人D(集团)", date(2025, 1, 1), None),)}, Reason.EMPLOYED_WITHIN_LOOK_BACK),
    ],
)
def test_each_reason_excludes(changes: dict[str, object], reason: Reason) -> None:
    assert reason_against(replace(EXPERT, **changes), REQUEST) is reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"availability": Availability.ON_LEAVE, "unavailable_until": date(2026, 11, 24)},
        {"recent_draws": 7},
        {"history": (Employment("演示投标人D(集团)", date(2010, 1, 1), date(2023, 11, 24)),)},
    ],
)
def test_what_is_over_excludes_nobody(changes: dict[str, object]) -> None:
    assert reason_against(replace(EXPERT, **changes), REQUEST) is None  # type: ignore[arg-type]


def test_a_member_of_the_dissolved_committee_is_not_drawn_again() -> None:
    assert reason_against(EXPERT, REQUEST, frozenset({EXPERT.id})) is Reason.EARLIER_COMMITTEE


def test_three_years_before_a_leap_day_are_not_shorter_than_three_years() -> None:
    assert look_back_from(date(2028, 2, 29), 3) == date(2025, 2, 28)


@given(
    st.lists(
        st.builds(
            replace,
            st.just(EXPERT),
            region=st.sampled_from(["990100", "990200"]),
            availability=st.sampled_from(Availability),
            recent_draws=st.integers(0, 12),
            unit=st.sampled_from(["演示单位", "演示投标人D（集团）", ""]),
        ),
        max_size=20,
    )
)
def test_everybody_is_either_eligible_or_excluded_for_one_counted_reason(experts: list[Expert]) -> None:
    screening = screen(experts, REQUEST)
    assert len(screening.eligible) + len(screening.excluded) == len(experts)
    assert sum(count for _, count in screening.counts()) == len(screening.excluded)
    assert all(reason_against(expert, REQUEST) is None for expert in screening.eligible)


def test_a_quota_with_too_few_eligible_is_named_with_how_many_are_short() -> None:
    colleagues = [replace(EXPERT, id=ExpertId(str(n)), unit="一家") for n in range(5)]
    others = [replace(EXPERT, id=ExpertId(f"o{n}"), unit="") for n in range(2)]
    with pytest.raises(TooFewEligible) as refused:
        check_enough(screen([*colleagues, *others], REQUEST), REQUEST)
    assert (refused.value.quota, refused.value.missing) == (0, 1)
    check_enough(screen([*colleagues, *others], REQUEST), replace(REQUEST, unit_cap=0))


def test_freezing_needs_one_salt_for_each_expert_and_somebody_to_freeze() -> None:
    screening = screen([EXPERT], REQUEST)
    assert len(freeze_pool(screening, [bytes(32)]).entries) == 1
    with pytest.raises(ValueError, match="zip"):
        freeze_pool(screening, [])
    with pytest.raises(PoolRefused):
        freeze_pool(screen([], REQUEST), [])


def test_tickets_fall_with_recent_draws_and_never_below_one() -> None:
    assert [replace(EXPERT, recent_draws=n).record().weight for n in (0, 3, 7, 8, 99)] == [8, 5, 1, 1, 1]


def test_nobody_employed_by_a_bidder_or_related_is_drawn_in_hundreds_of_draws() -> None:
    experts = [row.expert for row in pool_import.read(demo_pool.to_csv(demo_pool.rows(DAY))).accepted]
    request = replace(
        REQUEST,
        quotas=(Quota(2, "A08", 1, "sub-1"), Quota(1, "A02", 0, "sub-1"), Quota(1, "B01", 1, "sub-1")),
        avoid=("演示投标人D", "演示招标人"),
    )
    screening = screen(experts, request)
    lot = lot_request(screening, request)
    pool = freeze_pool(screening, [bytes([n % 256, n // 256]) * 16 for n in range(len(screening.eligible))])
    people = {expert.id: expert for expert in experts}
    drawn: set[ExpertId] = set()
    for number in range(300):
        secret = number.to_bytes(32)
        session = Session(lot, pool.root, len(pool.entries), (("centre", chain.commitment(secret, 1)),))
        turn = Turn(0, (("centre", chain.reveal(secret, 1, 0)),), first_wants(lot), places=request.places)
        outcome = run(session, turn, pool)
        taken = {label for selection in outcome.selections for label in selection.taken}
        drawn |= {ExpertId(entry.record.id) for entry in outcome.ordered if entry.label in taken}
    assert len(drawn) > 50
    assert {reason_against(people[one], request) for one in drawn} == {None}
    assert dict(screening.counts())["employed-within-look-back"] == demo_pool.FORMER


def test_scenario_04_a_bidders_employee_and_a_relative_are_never_drawn_in_ten_thousand_runs() -> None:
    strangers = [replace(EXPERT, id=ExpertId(f"ZJ{n}"), unit=f"演示单位{n}") for n in range(10)]
    left = Employment("演示投标人D（集团）", date(2015, 1, 1), date(2024, 6, 30))
    employee = replace(EXPERT, id=ExpertId("EMPLOYEE"), history=(left,))
    relative = replace(EXPERT, id=ExpertId("RELATIVE"), relations=("演示投标人D（集团）",))
    screening = screen([employee, *strangers, relative], REQUEST)
    assert dict(screening.excluded) == {
        "EMPLOYEE": Reason.EMPLOYED_WITHIN_LOOK_BACK,
        "RELATIVE": Reason.DECLARED_RELATION,
    }
    lot = lot_request(screening, REQUEST)
    pool = freeze_pool(screening, [bytes([n]) * 32 for n in range(len(screening.eligible))])
    names = {entry.label: entry.record.id for entry in pool.entries}
    drawn = Counter[str]()
    for seed in range(10_000):
        for selection in select(order(seed.to_bytes(32), pool.entries), lot, PLACES.as_map(), first_wants(lot)):
            drawn.update(names[label] for label in selection.taken)
    assert set(drawn) == {str(one.id) for one in strangers}
    assert drawn.total() == 4 * 10_000

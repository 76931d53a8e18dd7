"""The rules of the draw, each under its number: R-01 … R-10, the draw's minute, and who met whom too often."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draw.request import Places, Quota
from evaluation import committee
from evaluation.profiles import load_profile
from expert_pool import cells
from expert_pool.eligibility import Reason, TooFewEligible, check_enough, reason_against, screen
from expert_pool.expert import Availability, Employment, Expert, ExpertId, PersonKey, one_row_a_person
from expert_pool.meetings import Sitting, with_meetings
from expert_pool.moment import DrawTooEarly, Window
from expert_pool.replacement import ReplacementReason
from expert_pool.request import DrawRequest, RegionNeedsReason

DAY = date(2026, 11, 25)
WORKS = load_profile("works").rules
EXPERT = Expert(ExpertId("north:1"), ("A08",), "高级", 10, "990100", "演示单位", person=PersonKey(b"1"))
REQUEST = DrawRequest("DEMO-1", DAY, 5, 1, (Quota(4, "A08"),), avoid=("演示招标人", "演示代理"))


def expert(number: int, **facts: object) -> Expert:
    made = replace(EXPERT, id=ExpertId(f"north:{number}"), person=PersonKey(b"%d" % number))
    return replace(made, **facts)  # type: ignore[arg-type]


def test_r_01_a_committee_is_odd_and_five_at_least() -> None:
    with pytest.raises(committee.CommitteeTooSmall):
        committee.check_composition(3, 0, WORKS.committee)
    with pytest.raises(committee.CommitteeEven):
        committee.check_composition(5, 1, WORKS.committee)
    committee.check_composition(4, 1, WORKS.committee)


@pytest.mark.parametrize(("members", "experts"), [(5, 4), (7, 5), (9, 6), (11, 8)])
def test_r_02_experts_are_two_thirds_at_least(members: int, experts: int) -> None:
    assert committee.minimum_experts(members, WORKS.committee) == experts
    committee.check_composition(experts, members - experts, WORKS.committee)
    with pytest.raises(committee.TooFewExperts):
        committee.check_composition(experts - 1, members - experts + 1, WORKS.committee)


def test_r_03_chongqing_takes_two_representatives_at_most() -> None:
    committee.check_composition(6, 3, WORKS.committee)
    with pytest.raises(committee.TooManyRepresentatives):
        committee.check_composition(6, 3, load_profile("chongqing").rules.committee)


def test_r_05_a_region_needs_a_written_reason_and_a_pool_that_cannot_fill_a_quota_is_refused() -> None:
    places = Places(bytes(32), (("sub-1", ("990100",)),))
    with pytest.raises(RegionNeedsReason):
        replace(REQUEST, quotas=(Quota(4, "A08", place="sub-1"),), places=places).check()
    few = screen([expert(n, unit=f"单位{n}") for n in range(4)], REQUEST)
    check_enough(few, REQUEST)
    with pytest.raises(TooFewEligible):
        check_enough(few, replace(REQUEST, quotas=(Quota(4, "A08", alternates=1),)))
    one_unit = screen([expert(n) for n in range(9)], REQUEST)
    with pytest.raises(TooFewEligible):
        check_enough(one_unit, REQUEST)


def test_r_06_an_expert_has_eight_years_and_a_senior_title() -> None:
    assert cells.years("8") == 8
    for parse, cell, code in ((cells.years, "7", "cell.years_too_few"), (cells.title, "中级", "cell.title_not_senior")):
        with pytest.raises(cells.CellRefused, match=code):
            parse(cell)


def test_r_07_whoever_works_for_or_is_tied_to_a_unit_to_avoid_is_not_drawn() -> None:
    assert reason_against(expert(1, unit="演示招标人"), REQUEST) is Reason.UNIT
    assert reason_against(expert(1, relations=("演示代理",)), REQUEST) is Reason.DECLARED_RELATION
    assert reason_against(expert(1), REQUEST) is None


def test_r_08_a_post_counts_for_three_years_after_it_ended() -> None:
    def left(day: date) -> Expert:
        return expert(1, history=(Employment("演示招标人", date(2010, 1, 1), day),))

    assert reason_against(left(date(2023, 11, 25)), REQUEST) is Reason.EMPLOYED_WITHIN_LOOK_BACK
    assert reason_against(left(date(2023, 11, 24)), REQUEST) is None


def test_r_09_what_a_request_states_holds_no_expert() -> None:
    assert "north:1" not in str(REQUEST.to_lot([expert(1)]).to_json()) + str(REQUEST.to_json())


def test_r_10_a_member_is_changed_for_three_reasons_and_no_other() -> None:
    assert {reason.value for reason in ReplacementReason} == {"recusal", "left-post", "health"}


def test_one_owner_s_row_excludes_and_one_row_fits() -> None:
    other = replace(EXPERT, id=ExpertId("south:9"), categories=("B01",))
    [person] = one_row_a_person([other, EXPERT])
    [eligible] = screen([person], REQUEST).eligible
    assert (eligible.id, [row.id for row in eligible.rows]) == ("north:1", ["north:1", "south:9"])
    for facts, reason in (
        ({"availability": Availability.SUSPENDED}, Reason.SUSPENDED),
        ({"unit": "演示招标人"}, Reason.UNIT),
        ({"recent_draws": 8}, Reason.WORKLOAD),
    ):
        [person] = one_row_a_person([EXPERT, replace(other, **facts)])
        assert reason_against(person, REQUEST) is reason


HOSTED = replace(REQUEST, hosts=("演示招标人", "演示代理"), meetings_days=180, most_with_host=2, most_with_member=3)


def _sittings(*members: str, hosts: tuple[str, ...], times: int, day: date = DAY) -> list[Sitting]:
    return [Sitting(day - timedelta(days=n), hosts, members) for n in range(times)]


@pytest.mark.parametrize(
    ("sittings", "rests"),
    [
        (_sittings("north:1", hosts=("演示代理",), times=1), False),
        (_sittings("north:1", hosts=("演示代理",), times=2), True),
        (_sittings("north:1", hosts=("别的代理",), times=9), False),
        (_sittings("north:2", hosts=("演示代理",), times=9), False),
        (_sittings("north:1", hosts=("演示代理",), times=2, day=DAY - timedelta(days=181)), False),
        (_sittings("north:1", "north:2", hosts=("别的代理",), times=2), False),
        (_sittings("north:1", "north:2", hosts=("别的代理",), times=3), True),
    ],
)
def test_whoever_met_the_same_host_or_member_too_often_rests(sittings: list[Sitting], rests: bool) -> None:
    [met] = with_meetings([expert(1)], sittings, DAY, 180)
    assert (reason_against(met, HOSTED) is Reason.RECENT_MEETINGS) == rests
    assert reason_against(met, replace(HOSTED, most_with_host=None, most_with_member=None)) is None


def test_meetings_are_the_person_s_whichever_owner_s_row_sat() -> None:
    [person] = one_row_a_person([EXPERT, replace(EXPERT, id=ExpertId("south:9"))])
    sat = [Sitting(DAY, ("演示代理",), ("north:1",)), Sitting(DAY, ("演示代理",), ("south:9",))]
    [met] = with_meetings([person], sat, DAY, 180)
    assert reason_against(met, HOSTED) is Reason.RECENT_MEETINGS


START = datetime.fromisoformat("2026-11-30T09:00+08:00")  # a Monday


@pytest.mark.parametrize(
    ("window", "at", "refusal"),
    [
        (Window(), "2026-11-01T09:00+08:00", None),
        (Window(timedelta(hours=24)), "2026-11-29T08:59+08:00", DrawTooEarly),
        (Window(timedelta(hours=24)), "2026-11-29T09:00+08:00", None),
        (Window(working_days=2), "2026-11-25T23:59+08:00", DrawTooEarly),
        (Window(working_days=2), "2026-11-26T00:00+08:00", None),
        (Window(timedelta(hours=24), 2), "2026-11-28T09:00+08:00", DrawTooEarly),
    ],
)
def test_experts_are_drawn_within_the_profile_s_time(window: Window, at: str, refusal: type[Exception] | None) -> None:
    if refusal is None:
        window.check(datetime.fromisoformat(at), START)
    else:
        with pytest.raises(refusal):
            window.check(datetime.fromisoformat(at), START)


def test_the_profiles_know_their_windows() -> None:
    assert load_profile("chongqing").rules.draw.earliest_before_start_s == 86400
    assert load_profile("procurement").rules.draw.earliest_working_days == 2
    assert (WORKS.draw.earliest_before_start_s, WORKS.draw.earliest_working_days) == (None, None)


UNITS = st.sampled_from(["", "演示招标人", "演示单位", "单位3"])
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1))
ANYBODY = st.builds(
    replace,
    st.just(EXPERT),
    id=st.integers(1, 30).map(lambda n: ExpertId(f"north:{n}")),
    person=st.integers(1, 9).map(lambda n: PersonKey(b"%d" % n)),
    categories=st.sampled_from([("A08",), ("B01",), ("A08", "B01")]),
    region=st.sampled_from(["990100", "990200"]),
    unit=UNITS,
    history=st.lists(st.builds(Employment, UNITS, st.just(date(2010, 1, 1)), DAYS), max_size=2).map(tuple),
    relations=st.lists(UNITS, max_size=2).map(tuple),
    availability=st.sampled_from(list(Availability)),
    unavailable_until=DAYS,
    recent_draws=st.integers(0, 9),
    met_hosts=st.sampled_from([(), (("演示代理", 2),)]),
    met_member=st.integers(0, 4),
)


@given(st.lists(ANYBODY, max_size=12, unique_by=lambda one: one.id))
def test_everybody_is_eligible_or_has_exactly_one_reason(rows: list[Expert]) -> None:
    people = one_row_a_person(rows)
    screening = screen(people, HOSTED)
    told = Counter(row.person for row in screening.eligible)
    told.update({by.person: 1 for by in people if by.id in dict(screening.excluded)})
    assert told == Counter({one.person: 1 for one in people})
    assert len(screening.eligible) + len(screening.excluded) == len(people)

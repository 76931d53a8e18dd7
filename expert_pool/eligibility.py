"""Who may be drawn: every expert is either eligible or excluded with one reason code, and nobody falls between.

The reasons are looked at in the order of `Reason`; an expert counts under the first that holds.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from draw.exclusions import Counts, publish
from draw.pool import Pool, freeze, seal
from draw.request import Quota, Request, matches
from expert_pool.expert import Availability, Expert, ExpertId, unit_key
from expert_pool.request import DrawRequest, RequestRefused


class Reason(StrEnum):
    """Why an expert is not eligible."""

    CATEGORY = "category"
    REGION = "region"
    SUSPENDED = "suspended"
    ON_LEAVE = "on-leave"
    WORKLOAD = "workload"
    EARLIER_COMMITTEE = "earlier-committee"
    RECENT_MEETINGS = "recent-meetings"
    UNIT = "unit"
    EMPLOYED_WITHIN_LOOK_BACK = "employed-within-look-back"
    DECLARED_RELATION = "declared-relation"


class TooFewEligible(RequestRefused):
    """A quota cannot be filled from those who are eligible; `quota` is its index in the form, `missing` how many."""

    code = "draw.too_few_eligible"

    def __init__(self, quota: int, missing: int) -> None:
        super().__init__(f"quotas[{quota}] {missing}")
        self.quota = quota
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Screening:
    """The whole pool in two parts, in the order it came."""

    eligible: tuple[Expert, ...]
    excluded: tuple[tuple[ExpertId, Reason], ...]

    def counts(self) -> Counts:
        """How many were excluded for each reason, as a transcript may say it (`draw.exclusions`)."""
        return publish(Counter(reason.value for _, reason in self.excluded))


def screen(experts: Iterable[Expert], request: DrawRequest, earlier: frozenset[ExpertId] = frozenset()) -> Screening:
    """Part the pool. `earlier` are the members of a committee that was dissolved and must not sit again.

    Where a person has rows of several owners, the first that fits a quota speaks for them in the draw.
    """
    eligible: list[Expert] = []
    excluded: list[tuple[ExpertId, Reason]] = []
    for expert in experts:
        reason = reason_against(expert, request, earlier)
        if reason is None:
            eligible.append(speaking(expert, request))
        else:
            excluded.append((expert.id, reason))
    return Screening(tuple(eligible), tuple(excluded))


def reason_against(expert: Expert, request: DrawRequest, earlier: frozenset[ExpertId] = frozenset()) -> Reason | None:
    """The first reason why this person may not be drawn, or None. One owner's row is enough to exclude; to fit the
    category and the region one row is enough as well."""
    regions = request.regions()
    mismatches = {matches(quota, row.record(), regions) for row in expert.rows for quota in request.quotas}
    if None not in mismatches:
        return Reason.REGION if "region" in mismatches else Reason.CATEGORY
    return _standing(expert, request, earlier) or conflict(
        expert, request.avoided(), look_back_from(request.day, request.look_back_years)
    )


def _standing(expert: Expert, request: DrawRequest, earlier: frozenset[ExpertId]) -> Reason | None:
    """What bars a person from any committee of that day, whoever the bidders are."""
    states = {row.state_on(request.day) for row in expert.rows}
    if Availability.SUSPENDED in states:
        return Reason.SUSPENDED
    if Availability.ON_LEAVE in states:
        return Reason.ON_LEAVE
    if any(row.recent_draws >= request.most_recent_draws for row in expert.rows):
        return Reason.WORKLOAD
    if any(row.id in earlier for row in expert.rows):
        return Reason.EARLIER_COMMITTEE
    if request.is_too_familiar(expert.met_hosts, expert.met_member):
        return Reason.RECENT_MEETINGS
    return None


def speaking(expert: Expert, request: DrawRequest) -> Expert:
    """The person by the first of their rows that fits a quota, the other rows behind it."""
    regions = request.regions()
    for row in expert.rows:
        if any(matches(quota, row.record(), regions) is None for quota in request.quotas):
            return expert.speaking_as(row)
    return expert


def conflict(expert: Expert, avoided: frozenset[str], since: date) -> Reason | None:
    """R-07, R-08: the person's tie to a unit to avoid (12号令 Art. 12, 政府采购法 Art. 9, three years), in any row.

    `avoided` are keys (`unit_key`); a post that ended before `since` no longer counts.
    """
    if any(unit_key(row.unit) in avoided for row in expert.rows):
        return Reason.UNIT
    posts = (post for row in expert.rows for post in row.history if post.ends is None or post.ends >= since)
    if any(unit_key(post.unit) in avoided for post in posts):
        return Reason.EMPLOYED_WITHIN_LOOK_BACK
    if any(unit_key(unit) in avoided for row in expert.rows for unit in row.relations):
        return Reason.DECLARED_RELATION
    return None


def look_back_from(day: date, years: int) -> date:
    """The same date `years` earlier; 29 February becomes 28 February, so the period is never shorter than the law's."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def check_enough(screening: Screening, request: DrawRequest) -> None:
    """Refuse a draw that must fail: fewer eligible experts than a quota and its alternates need, under the unit cap."""
    for index, quota in enumerate(request.quotas):
        missing = quota.count + quota.alternates - _available(screening.eligible, quota, request)
        if missing > 0:
            raise TooFewEligible(index, missing)


def _available(eligible: Sequence[Expert], quota: Quota, request: DrawRequest) -> int:
    records = [expert.record() for expert in eligible]
    fitting = [record for record in records if matches(quota, record, request.regions()) is None]
    by_unit = Counter(record.unit for record in fitting)
    freelance = by_unit.pop("", 0)
    if not request.unit_cap:
        return len(fitting)
    return freelance + sum(min(request.unit_cap, staff) for staff in by_unit.values())


def freeze_pool(screening: Screening, salts: Sequence[bytes]) -> Pool:
    """The frozen pool of those eligible, one fresh 32-byte salt each, in the order of `screening.eligible`."""
    return freeze(seal(expert.record(), salt) for expert, salt in zip(screening.eligible, salts, strict=True))


def lot_request(screening: Screening, request: DrawRequest) -> Request:
    """The checked request of the lot over those eligible."""
    check_enough(screening, request)
    return request.to_lot(screening.eligible)

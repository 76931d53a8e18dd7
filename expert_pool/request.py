"""What a clerk asks for: size of the committee, quotas, units to avoid. Refused unless its composition is lawful.

It becomes a `draw.request.Request`; the form itself is bound to it by digest (`terms`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from draw.request import Places, Quota, Request, scarcest_first
from expert_pool.expert import Expert, unit_key
from signing.canonical import canonical


class RequestRefused(Exception):
    """A draw that may not be set up. `code` names the rule, `detail` the numbers."""

    code = "draw.request_refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code} {detail}".rstrip())
        self.detail = detail


class QuotasDoNotAddUp(RequestRefused):
    """The members of all quotas are not exactly the experts the committee needs."""

    code = "draw.quotas_do_not_add_up"


class RegionNeedsReason(RequestRefused):
    """A place restricts the regions an expert may come from; that needs a written reason."""

    code = "draw.region_needs_reason"


class PlacesDoNotFit(RequestRefused):
    """A quota names a place without regions, or regions are given for a place no quota names."""

    code = "draw.places_do_not_fit"


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """The clerk's form. `day` is the day of the evaluation; `avoid` holds units as written; `most_recent_draws`
    excludes whoever was drawn that often in 90 days or more; `look_back_years` is R-08's.

    老面孔: `hosts` are tenderer and agent; whoever sat for one of them `most_with_host` times in `meetings_days`, or
    beside the same other member `most_with_member` times, rests (None: no cap)."""

    project: str
    day: date
    members: int
    representatives: int
    quotas: tuple[Quota, ...]
    avoid: tuple[str, ...] = ()
    places: Places | None = None
    region_reason: str = ""
    unit_cap: int = 1
    look_back_years: int = 3
    most_recent_draws: int = 8
    hosts: tuple[str, ...] = ()
    meetings_days: int = 0
    most_with_host: int | None = None
    most_with_member: int | None = None

    def check(self) -> None:
        """Refuse a request whose quotas are not the committee's experts, or that restricts a region without a reason.

        Whether the committee itself is lawful (R-01 … R-03) is `evaluation.committee`'s.
        """
        drawn = sum(quota.count for quota in self.quotas)
        if drawn != self.members - self.representatives:
            raise QuotasDoNotAddUp(f"{drawn} of {self.members - self.representatives}")
        named = {quota.place for quota in self.quotas if quota.place}
        if named != set(self.regions()):
            raise PlacesDoNotFit(" ".join(sorted(named ^ set(self.regions()))))
        if named and not self.region_reason.strip():
            raise RegionNeedsReason

    def regions(self) -> dict[str, tuple[str, ...]]:
        """Place → region codes."""
        return self.places.as_map() if self.places else {}

    def avoided(self) -> frozenset[str]:
        """The units to avoid, as they are compared."""
        return frozenset(unit_key(unit) for unit in self.avoid)

    def is_too_familiar(self, met_hosts: Iterable[tuple[str, int]], met_member: int) -> bool:
        """Whether somebody with these meetings rests (老面孔)."""
        hosts = {unit_key(host) for host in self.hosts}
        often = self.most_with_host
        if often is not None and any(host in hosts and times >= often for host, times in met_hosts):
            return True
        return self.most_with_member is not None and met_member >= self.most_with_member

    def with_avoided(self, units: Iterable[str]) -> "DrawRequest":
        """The same form with further units to avoid: the bidders, once the opening package names them."""
        return replace(self, avoid=(*self.avoid, *units))

    def to_lot(self, eligible: Sequence[Expert]) -> Request:
        """The request of the lot, quotas scarcest first among those who are eligible."""
        records = [expert.record() for expert in eligible]
        return Request(
            project=self.project,
            quotas=scarcest_first(self.quotas, records, self.regions()),
            exclude=tuple(sorted(self.avoided())),
            unit_cap=self.unit_cap,
            places=self.places.digest() if self.places else "",
            terms=sha256(canonical(self.to_json())).hexdigest(),
        )

    def to_json(self) -> dict[str, Any]:
        """The form as it is logged; the sealed places stand in it by digest alone."""
        return {
            "project": self.project,
            "day": self.day.isoformat(),
            "members": self.members,
            "representatives": self.representatives,
            "quotas": [quota.to_json() for quota in self.quotas],
            "avoid": list(self.avoid),
            "places": self.places.digest() if self.places else "",
            "regionReason": self.region_reason,
            "unitCap": self.unit_cap,
            "lookBackYears": self.look_back_years,
            "mostRecentDraws": self.most_recent_draws,
            "hosts": list(self.hosts),
            "meetingsDays": self.meetings_days,
            "mostWithHost": self.most_with_host,
            "mostWithMember": self.most_with_member,
        }

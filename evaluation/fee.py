"""Experts' fees (专家劳务费) from minutes worked, by a region's table, in whole yuan; never who pays or when.

A table is data (`evaluation/fees/`, docs/fees.md). What its text leaves open, such as exactly three hours where it says
less than three and more than three, stands in it as an edge: the exact minute counts as below it, or as above it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Final, Literal, cast

from evaluation.tally.reading import Reader
from signing.canonical import canonical

FORMAT: Final = "bid-fees/1"
Edge = Literal["below", "above"]
Span = tuple[datetime, datetime]

_BEIJING = timezone(timedelta(hours=8))
_HOUR: Final = 60
_MOST: Final = 10**6


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Until so many minutes, this many yuan in all."""

    up_to_min: int
    yuan: int


@dataclass(frozen=True, slots=True)
class FeeHours:
    """From the last tier on until so many minutes (`None`: no end), yuan for each further hour."""

    up_to_min: int | None
    yuan_per_hour: int


@dataclass(frozen=True, slots=True)
class FeePart:
    """A part of an hour of fewer minutes than these costs so much; a longer one is a full hour."""

    up_to_min: int
    edge: Edge
    yuan: int


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A region's fees.

    `tier_edge` says where exactly a tier's last minute belongs. Where `part` is None every part of an hour is a full
    hour. `cap_yuan` is the most for a day; `not_started_yuan` is for who came and did not start or had to avoid.
    """

    id: str
    title: str
    source: str
    tiers: tuple[FeeTier, ...]
    tier_edge: Edge
    hours: tuple[FeeHours, ...]
    part: FeePart | None
    cap_yuan: int | None
    not_started_yuan: int
    digest: str = ""


def parse_fees(document: object) -> FeeRule:
    """Read a `bid-fees/1` document. Raises `DocumentRefused`."""
    reader = Reader(document)
    reader.choice("format", (FORMAT,))
    rule = FeeRule(
        id=reader.text("id"),
        title=reader.text("title"),
        source=reader.text("source"),
        tiers=tuple(_tier(row) for row in reader.rows("tiers")),
        tier_edge=_edge(reader, "tier_edge"),
        hours=tuple(_hours_of(row) for row in reader.rows("hours")),
        part=None if reader.raw("part") is None else _part(reader.part("part")),
        cap_yuan=reader.optional_whole("cap_yuan", 0, _MOST),
        not_started_yuan=reader.whole("not_started_yuan", 0, _MOST),
        digest=sha256(canonical(cast(Mapping[str, Any], document))).hexdigest(),
    )
    reader.end()
    ends = [tier.up_to_min for tier in rule.tiers]
    if not ends or ends != sorted(set(ends)):
        reader.refuse("not_in_order", "tiers")
    if not rule.hours or rule.hours[-1].up_to_min is not None:
        reader.refuse("without_end", "hours")
    return rule


def _tier(reader: Reader) -> FeeTier:
    tier = FeeTier(reader.whole("up_to_min", 1, _MOST), reader.whole("yuan", 0, _MOST))
    reader.end()
    return tier


def _hours_of(reader: Reader) -> FeeHours:
    hours = FeeHours(reader.optional_whole("up_to_min", 1, _MOST), reader.whole("yuan_per_hour", 0, _MOST))
    reader.end()
    return hours


def _part(reader: Reader) -> FeePart:
    part = FeePart(reader.whole("up_to_min", 1, _HOUR - 1), _edge(reader, "edge"), reader.whole("yuan", 0, _MOST))
    reader.end()
    return part


def _edge(reader: Reader, key: str) -> Edge:
    return cast(Edge, reader.choice(key, ("below", "above")))


def days_of(began: datetime, ended: datetime, breaks: Iterable[Span] = ()) -> tuple[int, ...]:
    """Whole minutes from `began` to `ended` on each day in Beijing, less the part of every break that lies in it."""
    pauses = list(breaks)
    found = []
    while began < ended:
        midnight = began.astimezone(_BEIJING).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until = min(midnight, ended)
        rest = sum((max(timedelta(0), min(end, until) - max(start, began)) for start, end in pauses), timedelta(0))
        found.append(max(timedelta(0), until - began - rest) // timedelta(minutes=1))
        began = until
    return tuple(found)


def fee_yuan(rule: FeeRule, minutes: int) -> int:
    """The fee of one day's work of so many minutes; zero minutes: not started, or had to avoid."""
    if minutes <= 0:
        return rule.not_started_yuan
    tier = next((tier for tier in rule.tiers if _lies_within(minutes, tier.up_to_min, rule.tier_edge)), None)
    fee = tier.yuan if tier else _beyond(rule, minutes)
    return fee if rule.cap_yuan is None else min(fee, rule.cap_yuan)


def _lies_within(minutes: int, end: int, edge: Edge) -> bool:
    return minutes < end or (minutes == end and edge == "below")


def _beyond(rule: FeeRule, minutes: int) -> int:
    start, fee = rule.tiers[-1].up_to_min, rule.tiers[-1].yuan
    minutes = max(minutes, start + 1)  # the exact end of the tiers, where it counts as above them
    for band in rule.hours:
        end = minutes if band.up_to_min is None else min(minutes, band.up_to_min)
        fee += _for_hours(rule, max(0, end - start), band.yuan_per_hour)
        start = max(start, end)
    return fee


def _for_hours(rule: FeeRule, minutes: int, yuan_per_hour: int) -> int:
    whole, part = divmod(minutes, _HOUR)
    if part == 0:
        return whole * yuan_per_hour
    if rule.part is not None and _lies_within(part, rule.part.up_to_min, rule.part.edge):
        return whole * yuan_per_hour + rule.part.yuan
    return (whole + 1) * yuan_per_hour

"""Experts' fees (专家劳务费) from minutes worked, by a region's table, in whole yuan; never who pays or when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Up to and including so many minutes, this many yuan in all."""

    up_to_min: int
    yuan: int


@dataclass(frozen=True, slots=True)
class FeeHours:
    """From the last tier on until so many minutes (`None`: no end), yuan for each further hour."""

    up_to_min: int | None
    yuan_per_hour: int


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A region's fees.

    A part of an hour of `half_hour_min` minutes or less costs `part_yuan` (`None`: a full hour); longer parts are a
    full hour. `cap_yuan` is the most for a day; `not_started_yuan` is for who came and did not start or had to avoid.
    """

    tiers: tuple[FeeTier, ...]
    hours: tuple[FeeHours, ...]
    half_hour_min: int
    part_yuan: int | None
    cap_yuan: int | None
    not_started_yuan: int


def fee_yuan(rule: FeeRule, minutes: int) -> int:
    """The fee of one day's work of so many minutes; zero minutes: not started, or had to avoid."""
    if minutes <= 0:
        return rule.not_started_yuan
    tier = next((tier for tier in rule.tiers if minutes <= tier.up_to_min), None)
    fee = tier.yuan if tier else _beyond(rule, minutes)
    return fee if rule.cap_yuan is None else min(fee, rule.cap_yuan)


def _beyond(rule: FeeRule, minutes: int) -> int:
    start, fee = rule.tiers[-1].up_to_min, rule.tiers[-1].yuan
    for band in rule.hours:
        end = minutes if band.up_to_min is None else min(minutes, band.up_to_min)
        fee += _hours(rule, max(0, end - start), band.yuan_per_hour)
        start = max(start, end)
    return fee


def _hours(rule: FeeRule, minutes: int, yuan_per_hour: int) -> int:
    whole, part = divmod(minutes, 60)
    if part == 0:
        return whole * yuan_per_hour
    if rule.part_yuan is not None and part <= rule.half_hour_min:
        return whole * yuan_per_hour + rule.part_yuan
    return (whole + 1) * yuan_per_hour

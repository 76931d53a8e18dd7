"""Rule profiles: each value has one source, the demo differs in its waits alone, and the digest covers everything."""

import copy
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from evaluation.profile import Profile
from evaluation.profile_reading import parse_profile
from evaluation.profiles import NAMES, load_profile
from evaluation.tally.reading import DocumentRefused


def works() -> dict[str, Any]:
    return copy.deepcopy(dict(load_profile("works").document))


def refused(document: dict[str, Any], base: Profile | None = None) -> tuple[str, str]:
    with pytest.raises(DocumentRefused) as refusal:
        parse_profile(document, base)
    return refusal.value.fault, refusal.value.path


@pytest.mark.parametrize(("name", "shown"), [("works", "demo"), ("procurement", "demo_procurement")])
def test_a_demo_differs_from_the_law_it_shows_only_in_shorter_waits_calls_at_any_hour_and_a_table_of_fees(
    name: str, shown: str
) -> None:
    real, demo = load_profile(name), load_profile(shown)
    assert (real.is_for_show, demo.is_for_show) == (False, True)
    for section in dataclasses.fields(real.rules):
        before, after = getattr(real.rules, section.name), getattr(demo.rules, section.name)
        for field in dataclasses.fields(before):
            name = f"{section.name}.{field.name}"
            if getattr(before, field.name) != getattr(after, field.name):
                assert demo.source_of(name).id == "DEMO"
                if name not in {"notice.earliest", "notice.latest", "fee.table"}:
                    assert field.name.endswith("_s")
                    assert getattr(after, field.name) < getattr(before, field.name)
    assert demo.digest != real.digest


def test_a_profile_read_from_its_own_document_is_the_same() -> None:
    for name in NAMES:
        profile = load_profile(name)
        assert parse_profile(profile.document) == profile


def test_hebei_differs_from_works_in_what_members_see_of_each_other_alone() -> None:
    real, hebei = load_profile("works"), load_profile("hebei")
    assert dataclasses.replace(hebei.rules, room=real.rules.room) == real.rules
    assert (real.rules.room.members_see, hebei.rules.room.members_see) == ("raw", "masked")
    assert "河北" in hebei.source_of("room.members_see").source


def test_a_rules_number_stands_once_in_a_profile_that_is_based_on_none() -> None:
    numbers = [rule.id for rule in load_profile("works").sources]
    assert len(numbers) == len(set(numbers))


def test_any_changed_value_changes_the_digest() -> None:
    document = works()
    document["values"]["clarification"]["window_s"] += 1
    assert parse_profile(document).digest != load_profile("works").digest


def test_a_value_without_a_source_is_refused() -> None:
    document = works()
    del document["rules"][0]
    assert refused(document) == ("value_without_source", "$.rules.committee.large_from")


def test_a_value_with_two_sources_is_refused() -> None:
    document = works()
    document["rules"][1]["governs"].append("committee.minimum")
    assert refused(document) == ("two_sources", "$.rules.committee.minimum")


def test_a_source_of_nothing_is_refused() -> None:
    document = works()
    document["rules"][0]["governs"].append("committee.mood")
    assert refused(document) == ("unknown_value", "$.rules.committee.mood")


def test_a_value_of_the_wrong_kind_is_refused_by_its_path() -> None:
    for section, name, value, fault in (
        ("committee", "minimum", "5", "not_a_whole_number"),
        ("committee", "must_be_odd", 1, "not_true_or_false"),
        ("draw", "moment", "whenever", "unknown_word"),
        ("scoring", "deviation_percent", 15, "not_a_decimal_string"),
        ("incident", "during_s", -1, "out_of_range"),
    ):
        document = works()
        document["values"][section][name] = value
        assert refused(document) == (fault, f"$.values.{section}.{name}")


def test_an_unknown_or_missing_value_is_refused() -> None:
    document = works()
    document["values"]["committee"]["spare"] = 1
    assert refused(document) == ("unknown_key", "$.values.committee.spare")
    document = works()
    del document["values"]["ballot"]["motions_are_secret"]
    assert refused(document) == ("missing", "$.values.ballot.motions_are_secret")


def test_no_emergency_clock_means_no_automatic_ending() -> None:
    document = works()
    document["values"]["incident"]["during_s"] = None
    assert parse_profile(document).rules.incident.during_s is None


def test_a_profile_based_on_another_says_which() -> None:
    change: dict[str, Any] = {
        "format": "bid-profile/1",
        "id": "x",
        "title": "x",
        "effective": "2026-01-01",
        "based_on": "works",
    }
    change |= {"values": {}, "rules": []}
    assert parse_profile(change, load_profile("works")).rules == load_profile("works").rules
    assert refused(change | {"based_on": "demo"}, load_profile("works")) == ("unknown_word", "$.based_on")
    assert refused(change | {"effective": "soon"}, load_profile("works")) == ("not_a_date", "$.effective")


def test_every_value_stands_in_the_manual_with_its_number() -> None:
    manual = (Path(__file__).parent.parent.parent / "docs" / "profiles.md").read_text(encoding="utf-8")
    rules = load_profile("works").rules
    for section in dataclasses.fields(rules):
        (row_start, *others) = [row for row in manual.splitlines() if row.startswith(f"| `{section.name}.")]
        for field in dataclasses.fields(getattr(rules, section.name)):
            value = getattr(getattr(rules, section.name), field.name)
            row = next(row for row in (row_start, *others) if f"{field.name}`" in row)
            if isinstance(value, int) and not isinstance(value, bool):
                assert str(value) in row

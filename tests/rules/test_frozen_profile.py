"""What a case keeps is read whatever its age: what it does not state has one meaning, what it states must be known."""

import copy
import dataclasses
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evaluation.absent import ABSENT
from evaluation.profile_reading import parse_frozen, parse_profile
from evaluation.profiles import NAMES, load_profile
from evaluation.tally.reading import DocumentRefused

HOUSE = Path(__file__).parent.parent.parent
FIRST = (HOUSE / "tests" / "vectors" / "accept" / "profile-first.json").read_bytes()
LATER = {f"{section}.{name}" for section, values in ABSENT.items() for name in values}


def first() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FIRST)
    return document


def test_a_profile_of_the_first_version_is_read_under_its_own_digest() -> None:
    profile = parse_frozen(first())
    assert profile.digest == sha256(FIRST).hexdigest()
    assert profile.document == first()
    assert (profile.rules.password.security_key, profile.rules.signature.algorithms) == (False, "p256")
    assert profile.rules.room.talk == "open"
    assert profile.rules.committee == load_profile("demo").rules.committee


def test_every_value_that_the_first_version_lacked_has_a_meaning_and_no_other_has() -> None:
    """Whoever adds a value comes by here: say in `evaluation/absent.py` what cases mean that do not state it."""
    stated = {f"{section}.{name}" for section, values in first()["values"].items() for name in values}
    rules = load_profile("demo").rules
    known = {
        f"{section.name}.{field.name}"
        for section in dataclasses.fields(rules)
        for field in dataclasses.fields(getattr(rules, section.name))
    }
    assert known - stated == LATER
    assert stated <= known, "a value never disappears: cases state it"


def test_the_manual_tells_what_each_absent_value_means() -> None:
    rows = [row.split("|") for row in (HOUSE / "docs" / "profiles.md").read_text("utf-8").splitlines()]
    told = {row[1].strip(" `"): row[2].strip(" `") for row in rows if len(row) == 5 and row[1].strip(" `") in LATER}
    meant = {f"{section}.{name}": value for section, values in ABSENT.items() for name, value in values.items()}
    assert told == {name: value if isinstance(value, str) else json.dumps(value) for name, value in meant.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_of_today_means_the_same_when_a_case_has_kept_it(name: str) -> None:
    assert parse_frozen(load_profile(name).document) == load_profile(name)


def test_what_this_version_does_not_know_is_refused_by_its_path() -> None:
    newer = copy.deepcopy(dict(load_profile("demo").document))
    newer["values"]["password"]["iris"] = True
    newer["rules"][0]["governs"].append("password.iris")
    with pytest.raises(DocumentRefused, match=r"unknown_key at \$\.values\.password\.iris"):
        parse_frozen(newer)
    word = first()
    word["values"]["draw"]["moment"] = "by_post"
    with pytest.raises(DocumentRefused, match=r"unknown_word at \$\.values\.draw\.moment"):
        parse_frozen(word)
    section = first()
    section["values"]["weather"] = {"rain": 1}
    with pytest.raises(DocumentRefused, match=r"unknown_key at \$\.values\.weather"):
        parse_frozen(section)


def test_what_is_stated_needs_its_source_and_an_old_value_cannot_be_left_out() -> None:
    unfounded = first()
    unfounded["values"]["room"]["talk"] = "held"
    with pytest.raises(DocumentRefused, match=r"value_without_source at \$\.rules\.room\.talk"):
        parse_frozen(unfounded)
    lacking = first()
    del lacking["values"]["committee"]["minimum"]
    with pytest.raises(DocumentRefused, match=r"missing at \$\.values\.committee\.minimum"):
        parse_frozen(lacking)


def test_a_file_that_is_shipped_states_every_value() -> None:
    with pytest.raises(DocumentRefused, match=r"missing at \$\.values\.password\.security_key"):
        parse_profile(first())

"""What parties sign beside the lot: who owns each key, and how many were screened out, without pointing at anybody."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draw.exclusions import LEAST, OTHER, check, publish
from draw.lot import plain_request
from draw.refusal import NotOneSpelling
from draw.seed import Session

counts = st.dictionaries(
    st.sampled_from(["category", "leave", "other", "region", "unit", "workload"]), st.integers(0, 9)
)
COMMITS = (("a", bytes(32)), ("b", bytes(32)), ("c", bytes(32)))


def _session(*persons: str) -> Session:
    stated = tuple(zip("abc", persons, strict=False))
    return Session(plain_request("P"), bytes(32), 1, COMMITS, legal_persons=stated)


@settings(max_examples=200)
@given(counts)
def test_published_counts_lose_nobody_and_show_no_group_under_five(found: dict[str, int]) -> None:
    published = publish(found)
    assert sum(count for _, count in published) == sum(found.values())
    small = [reason for reason, count in published if count < LEAST]
    assert not small or [reason for reason, _ in published] == [OTHER]
    check(published)
    assert publish(dict(published)) == published


@pytest.mark.parametrize(
    ("found", "published"),
    [
        ({"leave": 9, "unit": 3, "region": 2}, (("leave", 9), ("other", 5))),
        ({"leave": 9, "unit": 3, "region": 6}, (("leave", 9), ("other", 9))),
        ({"unit": 4}, (("other", 4),)),
        ({"unit": 5, "leave": 0}, (("unit", 5),)),
        ({}, ()),
    ],
)
def test_small_counts_are_merged_with_the_smallest_that_make_five(
    found: dict[str, int], published: tuple[tuple[str, int], ...]
) -> None:
    assert publish(found) == published


@pytest.mark.parametrize(
    "counts",
    [
        (("unit", 4),),
        (("leave", 9), ("other", 4)),
        (("other", -5),),
        (("unit", 9), ("leave", 9)),
        (("leave", 9), ("leave", 9)),
    ],
)
def test_counts_in_any_other_form_are_refused(counts: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(NotOneSpelling, match="ineligible"):
        Session(plain_request("P"), bytes(32), 1, COMMITS, ineligible=counts)


def test_keys_under_one_legal_person_count_as_one() -> None:
    assert _session("centre", "bureau", "centre").independent() == 2
    assert _session().independent() == 0


@pytest.mark.parametrize("persons", [("centre", "bureau"), ("centre", "bureau", "")])
def test_a_party_without_its_legal_person_is_refused(persons: tuple[str, ...]) -> None:
    with pytest.raises(NotOneSpelling, match="parties"):
        _session(*persons)


def test_what_every_party_signs_names_the_owners_and_the_numbers_screened_out() -> None:
    session = Session(plain_request("P"), bytes(32), 1, COMMITS[:1], 1, None, (("a", "centre"),), (("leave", 7),))
    context = json.loads(session.context())
    assert (context["parties"], context["ineligible"]) == ({"a": "centre"}, {"leave": 7})


def test_a_context_that_states_neither_has_no_key_for_it() -> None:
    assert json.loads(_session().context()).keys() == {"attempt", "beacon", "commits", "pool", "request", "v"}

"""The page of profiles says every value in words, in both languages, and what differs first."""

import re
from dataclasses import fields
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from evaluation.profile import Rules
from evaluation.profiles import NAMES, load_profile
from web.i18n import Language, say
from web.profile_words import AGREED, CODES, VALUES, value_in_words
from web.views.profiles import FIRST, told_of
from web.words import parties_of

SECTIONS = get_type_hints(Rules)
CODE = re.compile(r"[a-z]+_[a-z_]+|true|false|null")


def test_every_value_of_a_profile_has_a_name_in_words() -> None:
    assert set(VALUES) == {f"{section}.{field.name}" for section, kind in SECTIONS.items() for field in fields(kind)}


def test_every_code_a_value_may_have_is_said_in_words() -> None:
    codes = {
        (f"{section}.{name}", code)
        for section, kind in SECTIONS.items()
        for name, hint in get_type_hints(kind).items()
        if get_origin(hint) is Literal
        for code in get_args(hint)
    }
    assert {(name, code) for name, code in codes if code not in CODES and name not in AGREED} == set()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_profile_is_told_without_a_code(name: str, language: Language) -> None:
    first = load_profile(FIRST)
    told = told_of(load_profile(name), first, language)
    for rule in told["own"] + told["shared"]:
        for one in rule["values"]:
            assert not CODE.search(str(one["value"])), one
            assert not CODE.search(str(one["label"])), one


def test_of_another_profile_what_differs_stands_first() -> None:
    first = load_profile(FIRST)
    hebei = told_of(load_profile("hebei"), first, "zh")
    assert [(rule["id"], [one["value"] for one in rule["values"]]) for rule in hebei["own"]] == [
        ("S-08", ["遮蔽面容、改变声音"])
    ]
    assert len(hebei["shared"]) == len(first.sources) - 1
    assert not told_of(first, first, "zh")["shared"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(14400, "4 小时"), (1800, "30 分钟"), (5400, "90 分钟"), (20, "20 秒"), (0, "0 秒")]
)
def test_a_time_is_said_in_the_largest_unit_that_divides_it(seconds: int, words: str) -> None:
    assert value_in_words("zh", "incident.during_s", seconds) == words


def test_what_is_not_limited_says_so() -> None:
    assert value_in_words("zh", "draw.most_with_host", None) == "不设"
    assert value_in_words("zh", "draw.unit_cap", 0) == "不限"
    assert value_in_words("en", "committee.must_be_odd", value=True) == say("en", "是")


@pytest.mark.parametrize(
    ("profile", "tenderer", "representative", "expert"),
    [("works", "招标人", "招标人代表", "评标专家"), ("procurement_services", "采购人", "采购人代表", "评审专家")],
)
def test_the_parties_are_called_as_the_trade_calls_them(
    profile: str, tenderer: str, representative: str, expert: str
) -> None:
    assert parties_of(load_profile(profile), "zh") == {
        "tenderer": tenderer,
        "representative": representative,
        "expert": expert,
    }

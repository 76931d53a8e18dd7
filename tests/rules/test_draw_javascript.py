"""The replay in the browser and the replay in Python say the same of every draw, step by step, and of every forgery."""

import json

import pytest

from tests.rules.draw_examples import draws, tampered
from tests.rules.draw_javascript import in_javascript, in_python, without_details
from tests.rules.test_draw_replay import ACCEPT, REJECTED

POOL = (ACCEPT / "draw-transcript-pool.jsonl").read_bytes()
# What bytes alone must not let pass (another order, twice the same, one text that begins another) or cannot judge.
CATEGORIES = (b'["B01","A08"]', b'["A08","A08"]', b'["A08!","A08"]', b'["A08","A08 "]', b'["A08",""]', b"[]", b'["A08"')
NAMES = ("", "E001", "\u00e9", "e\u0301", "专家", '\\"', "\\u0041", "\x7f")


def test_a_thousand_draws_of_every_kind_are_drawn_again_alike() -> None:
    made = [(one.transcript, one.pool) for one in draws(1000)]
    ours = [in_python(*files) for files in made]
    assert all(said["drawn"] and not said["difference"] for said in ours)
    assert in_javascript(made) == ours
    kinds = [json.loads(transcript) for transcript, _ in made]
    assert {one["round"] for one in kinds} == {0, 1, 2}
    assert all(any(one[key] for one in kinds) for key in ("beacon", "places", "ineligible", "parties"))
    assert any(one["roll"]["standing"] and one["roll"]["out"] for one in kinds)
    reasons = {why for one in kinds for chosen in one["result"]["selections"] for _, why in chosen["skipped"]}
    assert reasons >= {"category", "region", "excluded", "already", "unit-cap", "leave"}


def test_without_the_pool_both_look_at_the_same_public_steps() -> None:
    made = [(one.transcript, None) for one in draws(20, seed=2)]
    assert in_javascript(made) == [in_python(*files) for files in made]


@pytest.mark.parametrize("seed", [3, 4])
def test_every_tampered_transcript_has_the_same_first_difference(seed: int) -> None:
    one = next(example for example in draws(50, seed) if json.loads(example.transcript)["round"] == seed - 3)
    files = [(changed, one.pool) for _, _, changed in tampered(json.loads(one.transcript))]
    theirs = in_javascript(files)
    for (changed, pool), said in zip(files, theirs, strict=True):
        assert without_details(said) == without_details(in_python(changed, pool)), changed


def test_the_vectors_to_refuse_are_refused_at_the_same_field() -> None:
    said = in_javascript((path.read_bytes(), POOL) for path in REJECTED)
    assert [one["difference"]["field"] for one in said] == [
        path.stem.removeprefix("draw-differs-at-") for path in REJECTED
    ]


def test_every_tampered_pool_has_the_same_first_difference() -> None:
    transcript = (ACCEPT / "draw-transcript.json").read_bytes()
    lines = POOL.splitlines()
    changed = [b"", *(b"\n".join(lines[:n] + lines[n + 1 :]) for n in range(len(lines))), POOL + lines[3], POOL * 2]
    for _, _, line in tampered(json.loads(lines[4])):
        changed.append(b"\n".join([*lines[:4], line, *lines[5:]]))
    changed += [
        POOL.replace(b"\n", b"\r\n"),
        POOL + b"\n",
        POOL.replace(b":", b": ", 1),
        POOL.replace(b'"w":1', b'"w":1.0', 1),
        *(POOL.replace(b'["A08","B01"]', categories, 1) for categories in CATEGORIES),
        *(POOL.replace(b'"id":"E000"', b'"id":"' + name.encode() + b'"', 1) for name in NAMES),
    ]
    files = [(transcript, pool) for pool in changed]
    for (_, pool), said in zip(files, in_javascript(files), strict=True):
        assert without_details(said) == without_details(in_python(transcript, pool)), pool

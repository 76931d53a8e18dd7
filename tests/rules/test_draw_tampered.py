"""Every field of a transcript changed, dropped, doubled, swapped or of another kind: refused, and named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from draw.pool_file import read as read_pool
from tests.rules.draw_examples import Drawn, draws, tampered
from tests.rules.draw_javascript import in_python
from tests.rules.test_draw_replay import ACCEPT, POOL, TRANSCRIPT

Json = dict[str, Any]
# Field of the transcript → where its change may show, `transcript` (no longer the one spelling) apart. A value that
# enters H shows at H; two values exchanged show where the first of them is looked at.
SHOWS_AT = {
    "attempt": {"attempt", "result.h"},
    "beacon": {"beaconValue", "result.h"},
    "beaconValue": {"beaconValue", "result.prk"},
    "commits": {"commits", "parties", "reveals"},
    "ineligible": {"ineligible", "result.h"},
    "parties": {"parties", "result.h", "result.independent"},
    "places": {"request.places"},
    "pool": {"result.h"},
    "request": {"quota.n", "request.exclude", "request.places", "request.quotas", "request.unitCap", "result.h"},
    "result": set[str](),
    "result.h": {"result.h"},
    "result.independent": {"result.independent"},
    "result.order": {"result.order", "result.prk"},
    "result.prk": {"result.prk"},
    "result.selections": {"result.selections", "selections"},
    "reveals": {"reveals"},
    "roll": {"roll"},
    "round": {"reveals", "round"},
    "v": set[str](),
}
# What the log states of a supplementary draw, and a replay takes from the transcript (docs/draw.md).
TAKEN_AS_STATED = {"roll", "result.selections"}


def _a_draw(**wanted: bool) -> Drawn:
    """The first draw that has, or has not, each of these: `later` (a round after the first), `beacon`, `places`."""
    for one in draws(500, seed=7):
        value = json.loads(one.transcript)
        has = {"later": value["round"] > 0, "beacon": bool(value["beacon"]), "places": bool(value["places"])}
        if all(has[key] == wish for key, wish in wanted.items()):
            return one
    raise LookupError(wanted)


def _differences(one: Drawn) -> Iterator[tuple[str, str, Json | None]]:
    """For each forgery: the field as in the table, what was done, and the first difference."""
    for path, done, changed in tampered(json.loads(one.transcript)):
        field = path[0] if path[0] != "result" or len(path) == 1 else f"result.{path[1]}"
        yield field, f"{path} {done}", in_python(changed, one.pool)["difference"]


FIRST_ROUNDS = {
    "the vector": lambda: Drawn(TRANSCRIPT, POOL),
    "a draw with a beacon": lambda: _a_draw(later=False, beacon=True),
    "a draw with sealed places": lambda: _a_draw(later=False, places=True),
}


@pytest.mark.parametrize("name", FIRST_ROUNDS)
def test_each_forged_field_of_a_draw_is_refused_and_named(name: str) -> None:
    seen = set[str]()
    for field, done, difference in _differences(FIRST_ROUNDS[name]()):
        assert difference, done
        shown = difference["field"].partition("[")[0]
        shown = "reveals" if shown.startswith("reveals.") else shown
        assert shown in SHOWS_AT[field] | {"transcript"}, done
        seen.add(field)
    assert seen == SHOWS_AT.keys()


def test_in_a_supplementary_draw_only_what_the_log_states_is_taken_as_stated() -> None:
    unseen = {field for field, _, difference in _differences(_a_draw(later=True, beacon=True)) if not difference}
    assert unseen <= TAKEN_AS_STATED


def test_each_forged_field_of_the_pool_is_refused_and_named() -> None:
    lines = (ACCEPT / "draw-transcript-pool.jsonl").read_bytes().splitlines()
    assert read_pool(b"\n".join(lines)) == POOL
    # An id changed into somebody else's is named by that id.
    named = {"pool line 5", "pool.root", "record.id", "record.w", "record.cats", *(one.record.id for one in POOL)}
    for path, done, line in tampered(json.loads(lines[4])):
        difference = in_python(TRANSCRIPT, b"\n".join([*lines[:4], line, *lines[5:]]))["difference"]
        assert difference, (path, done)
        assert difference["field"] in named, (path, done)

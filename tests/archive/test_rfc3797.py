"""A lot that another body drew by RFC 3797 is drawn again; ours are not drawn so."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive.verifier.rfc3797 import AGREES, DIFFERS, UNREADABLE, NoRecord, check, digest, drawn, key_of, main
from tests.house.tree import ROOT

EXAMPLE = ROOT / "tests/vectors/accept/draw-rfc3797.json"
RECORD: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))


def test_the_example_of_the_rfc_is_reproduced_to_the_sixteenth_name() -> None:
    key = key_of(RECORD["sources"])
    assert key == b"9319./2.5.8.10.12./9.18.26.34.41.45./"
    assert digest(key, 0).hex().upper() == "990DD0A5692A029A98B5E01AA28F3459"
    assert [place + 1 for place in drawn(25, RECORD["sources"], 16)] == [
        17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4,
    ]  # fmt: skip
    assert check(RECORD) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"sources": [[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 46]]},
        {"pool": RECORD["pool"][:-1]},
        {"selected": RECORD["selected"][::-1]},
    ],
)
def test_another_source_pool_or_result_is_named_by_its_place(change: dict[str, Any]) -> None:
    assert check(RECORD | change).split(":")[0].isdigit()


@pytest.mark.parametrize(
    "change",
    [
        {"v": "bid-draw/1"},
        {"more": 1},
        {"pool": []},
        {"pool": ["a", "a"]},
        {"selected": [f"{n}" for n in range(26)]},
        {"sources": []},
        {"sources": [[1.5]]},
        {"sources": [[True]]},
        {"sources": [[]]},
    ],
)
def test_what_is_no_such_record_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NoRecord):
        check(RECORD | change)


def test_the_command_ends_with_0_1_or_2(tmp_path: Path) -> None:
    forged, broken = tmp_path / "forged.json", tmp_path / "broken.json"
    forged.write_text(json.dumps(RECORD | {"selected": RECORD["selected"][::-1]}), encoding="utf-8")
    broken.write_text("{", encoding="utf-8")
    assert [main([str(path)]) for path in (EXAMPLE, forged, broken)] == [AGREES, DIFFERS, UNREADABLE]


def test_no_lot_of_ours_knows_this_rule() -> None:
    ours = [path for package in ("draw", "conduct") for path in (ROOT / package).rglob("*.py")]
    assert ours
    assert not [path for path in ours if "rfc3797" in path.read_text(encoding="utf-8")]

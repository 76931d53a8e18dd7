"""A transcript drawn again: it agrees to the last byte, and each field that is changed is named."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from draw import pool_file
from draw.lot import Outcome
from draw.pool import Entry, Record, seal
from draw.recheck import Difference, examine, replay
from draw.refusal import NotOneSpelling
from draw.transcript import read
from signing.canonical import canonical

ROOT = Path(__file__).parents[2]
ACCEPT, REJECT = ROOT / "tests/vectors/accept", ROOT / "tests/vectors/reject"
TRANSCRIPT = (ACCEPT / "draw-transcript.json").read_bytes()
POOL = pool_file.read((ACCEPT / "draw-transcript-pool.jsonl").read_bytes())
REJECTED = sorted(REJECT.glob("draw-differs-at-*.json"))


def _ways(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # any JSON
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _ways(inner, (*path, step))
    else:
        yield path


def _corrupted(path: tuple[Any, ...]) -> bytes:
    whole = json.loads(TRANSCRIPT)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    holder[path[-1]] = _other(old)
    return canonical(whole)


def _other(old: object) -> object:
    if isinstance(old, int):
        return old + 1
    if isinstance(old, str) and old:
        return old[:-1] + ("0" if old[-1] != "0" else "1")
    return "00"


# How many were not eligible is the pool owner's statement; the lot cannot know it.
FIELDS = [path for path in _ways(json.loads(TRANSCRIPT)) if path[0] != "ineligible"]


def test_the_transcript_is_drawn_again_with_the_same_result() -> None:
    outcome = replay(TRANSCRIPT, POOL)
    assert isinstance(outcome, Outcome)
    names = {entry.label: entry.record.id for entry in outcome.ordered}
    assert [names[label] for label in outcome.selections[0].taken] == ["E008", "E010", "E005"]


def test_the_order_of_the_pool_s_lines_does_not_matter() -> None:
    assert isinstance(replay(TRANSCRIPT, POOL[::-1]), Outcome)


def test_a_transcript_is_read_back_as_it_was_written() -> None:
    assert read(TRANSCRIPT).to_bytes() == TRANSCRIPT


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_a_transcript_changed_in_any_one_field_is_refused(path: tuple[Any, ...]) -> None:
    assert isinstance(replay(_corrupted(path), POOL), Difference)


def test_there_are_transcripts_to_refuse() -> None:
    assert len(REJECTED) == 5


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_the_first_difference_is_the_one_in_the_file_s_name(path: Path) -> None:
    difference = replay(path.read_bytes(), POOL)
    assert isinstance(difference, Difference)
    assert difference.field == path.stem.removeprefix("draw-differs-at-")


def _with_row(changed: Entry) -> list[Entry]:
    return [changed if entry.record.id == changed.record.id else entry for entry in POOL]


def test_a_changed_row_of_the_pool_is_found_at_its_root() -> None:
    old = POOL[0]
    heavier = Record(old.record.id, 8, old.record.categories, old.record.region, old.record.unit)
    difference = replay(TRANSCRIPT, _with_row(seal(heavier, old.salt)))
    assert isinstance(difference, Difference)
    assert difference.field == "pool.root"


def test_a_missing_row_is_found_at_the_pool_s_size() -> None:
    difference = replay(TRANSCRIPT, POOL[1:])
    assert difference == Difference("pool.size", 12, 11)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", TRANSCRIPT + b"\n", TRANSCRIPT.replace(b'"attempt":1', b'"attempt":true')]
)
def test_bytes_that_are_no_transcript_are_refused(data: bytes) -> None:
    with pytest.raises(NotOneSpelling):
        read(data)


def test_without_the_pool_the_public_part_is_examined_and_nothing_is_claimed() -> None:
    examined = examine(read(TRANSCRIPT), None)
    assert examined.outcome is None
    assert examined.difference is None
    assert [step.field for step in examined.steps][-2:] == ["result.selections", "roll"]


def _replayed(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "draw.replay", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
        check=False,
    )


def test_the_command_prints_the_steps_and_exits_0_1_2_or_3() -> None:
    pool = ACCEPT / "draw-transcript-pool.jsonl"
    agrees = _replayed(ACCEPT / "draw-transcript.json", pool)
    assert (agrees.returncode, agrees.stderr) == (0, "")
    assert "E008（d7bfe011）、E010（e6875c92）、E005（8f5ce1ab）" in agrees.stdout
    differs = _replayed(REJECT / "draw-differs-at-reveals.witness.json", pool)
    assert differs.returncode == 1
    assert "✗ witness" in differs.stdout
    assert _replayed(REJECT / "draw-differs-at-transcript.json", pool).returncode == 1
    assert _replayed(ACCEPT / "draw-transcript.json").returncode == 3
    assert _replayed(ACCEPT / "no-such-file.json").returncode == 2

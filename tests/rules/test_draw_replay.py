"""A transcript drawn again: it agrees to the last byte, and each field that is changed is named."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from draw import chain, pool_file
from draw.lot import Outcome, Turn, run
from draw.pool import Entry, Record, freeze, seal
from draw.recheck import Difference, examine, replay
from draw.refusal import NotOneSpelling
from draw.request import Places, Quota, Request
from draw.seed import Beacon, Session
from draw.selection import Role, Roll, Want
from draw.transcript import Result, Transcript, read

ROOT = Path(__file__).parents[2]
ACCEPT, REJECT = ROOT / "tests/vectors/accept", ROOT / "tests/vectors/reject"
TRANSCRIPT = (ACCEPT / "draw-transcript.json").read_bytes()
POOL = pool_file.read((ACCEPT / "draw-transcript-pool.jsonl").read_bytes())
REJECTED = sorted(REJECT.glob("draw-differs-at-*.json"))


def test_the_transcript_is_drawn_again_with_the_same_result() -> None:
    outcome = replay(TRANSCRIPT, POOL)
    assert isinstance(outcome, Outcome)
    names = {entry.label: entry.record.id for entry in outcome.ordered}
    assert [names[label] for label in outcome.selections[0].taken] == ["E002", "E001", "E010"]


def test_the_order_of_the_pool_s_lines_does_not_matter() -> None:
    assert isinstance(replay(TRANSCRIPT, POOL[::-1]), Outcome)


def test_a_transcript_is_read_back_as_it_was_written() -> None:
    assert read(TRANSCRIPT).to_bytes() == TRANSCRIPT


def test_there_are_transcripts_to_refuse() -> None:
    assert len(REJECTED) == 7


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
    assert "B01 正选：E008（d7bfe011）、E004（02d4fb6f）；跳过 单位回避 1，同单位人数已满 1" in agrees.stdout
    differs = _replayed(REJECT / "draw-differs-at-reveals.witness.json", pool)
    assert differs.returncode == 1
    assert "✗ witness" in differs.stdout
    assert _replayed(REJECT / "draw-differs-at-transcript.json", pool).returncode == 1
    assert _replayed(ACCEPT / "draw-transcript.json").returncode == 3
    assert _replayed(ACCEPT / "no-such-file.json").returncode == 2


def _second_round() -> tuple[bytes, list[Entry]]:
    """A supplementary draw with all there is: sealed places, a beacon, somebody standing, somebody absent."""
    people = [Record(f"P{n:02}", 1 + n % 8, ("A08",), ("990100", "990200")[n % 2], f"U{n}") for n in range(12)]
    entries = [seal(person, sha256(person.id.encode()).digest()) for person in people]
    pool, secret = freeze(entries), bytes(32)
    places = Places(b"\x01" * 32, (("sub-1", ("990100",)),))
    request = Request("P", (Quota(2, "A08", 1, "sub-1"),), unit_cap=1, places=places.digest(), terms="00" * 32)
    commits = (("centre", chain.commitment(secret, 3)), ("witness", chain.commitment(secret, 3)))
    session = Session(request, pool.root, len(pool.entries), commits, beacon=Beacon("welfare-lottery", "2026135"))
    link = chain.reveal(secret, 3, 1)
    ordered = [entry.label for entry in pool.entries]
    turn = Turn(
        round_no=1,
        reveals=(("centre", link), ("witness", link)),
        wants=(Want(0, Role.MEMBER, 1),),
        roll=Roll((ordered[0],), tuple(sorted(((ordered[1], "left-post"), (ordered[2], "unit"))))),
        beacon_value=b"03 11 17",
        places=places,
    )
    return Transcript(session, turn, Result.of(run(session, turn, pool))).to_bytes(), entries


def test_a_supplementary_draw_with_places_and_a_beacon_is_drawn_again() -> None:
    data, entries = _second_round()
    assert read(data).to_bytes() == data
    assert isinstance(replay(data, entries), Outcome)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'"regions":{"sub-1":["990100"]}', b'"regions":{"sub-1":["990200"]}', "request.places"),
        (b'"salt":"01', b'"salt":"02', "request.places"),
        (b'"beaconValue":"30', b'"beaconValue":"31', "result.prk"),
        (b'"beaconValue":"3033203131203137"', b'"beaconValue":""', "beaconValue"),
        (b'"round":1', b'"round":0', "reveals.centre"),
        (b'"witness":"', b'"zzz":"', "reveals"),
        (b'"ref":"2026135"', b'"ref":"2026136"', "result.h"),
    ],
)
def test_each_part_of_a_supplementary_draw_is_held(old: bytes, new: bytes, field: str) -> None:
    data, entries = _second_round()
    assert data.count(old) >= 1
    # The last occurrence is the turn's: commitments come before reveals.
    changed = new.join(data.rsplit(old, 1))
    difference = replay(changed, entries)
    assert isinstance(difference, Difference)
    assert difference.field.startswith(field)

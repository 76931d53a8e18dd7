"""300 changed bytes in the bag of a real case, with real footage and thirty kills in it: each one found and named.

The kinds, the forger's tools and what the seal alone protects: `tests.faults.tamper`.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.verifier.findings import Status, Verdict
from archive.verifier.verify import verify
from tests.archive.authority import House
from tests.faults import tamper
from tests.faults.conftest import SEED, Besieged
from tests.faults.tamper import Change

CHANGES, LEAST = 300, 5
LISTS = ("bag-info.txt", tamper.MANIFEST, tamper.TAG_MANIFEST, tamper.SEAL)
"""What a forger writes anew."""


@pytest.fixture(scope="module")
def forged(besieged: Besieged, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A writable copy of the bag."""
    return tamper.copy(besieged.bag, tmp_path_factory.mktemp("forged") / besieged.bag.name)


def spread(bag: Path) -> list[Change]:
    """300 changes: every kind in turn, every file of the root at least five times; which byte, by a seeded lot."""
    lot, found = random.Random(SEED), tamper.kinds(bag)
    chosen = [("root", path) for path in found["root"] for _ in range(LEAST)]
    names = sorted(found.keys() - {"root"})
    chosen += [(kind, lot.choice(found[kind])) for kind in _in_turn(names, CHANGES - len(chosen))]
    return [Change(kind, path, lot.randrange((bag / path).stat().st_size)) for kind, path in chosen]


def _in_turn(names: list[str], count: int) -> Iterator[str]:
    return (names[number % len(names)] for number in range(count))


def check(bag: Path, trust: Path | None = None) -> Verdict:
    return verify(bag, trust, lambda *_: None)


def names(verdict: Verdict, beginning: str, after_step: int = 0) -> bool:
    return any(one.step > after_step and one.object.startswith(beginning) for one in verdict.findings)


def test_the_changes_reach_every_kind_of_object_and_every_file_of_the_root(forged: Path) -> None:
    chosen = spread(forged)
    assert len(chosen) == CHANGES
    assert {change.kind for change in chosen} == set(tamper.KINDS)
    for kind in tamper.KINDS:
        assert sum(change.kind == kind for change in chosen) >= LEAST, kind
    for file in tamper.kinds(forged)["root"]:
        assert sum(change.path == file for change in chosen) >= LEAST, file


def test_each_of_300_changed_bytes_is_found_and_its_object_named(besieged: Besieged, forged: Path) -> None:
    for change in spread(forged):
        tamper.mutate(forged, change.path, change.offset)
        verdict = check(forged, besieged.trust)
        tamper.mutate(forged, change.path, change.offset)
        assert verdict.status is Status.WRONG, change
        assert names(verdict, change.path.removesuffix(".p7s")), (change, verdict.findings[:5])
    assert check(forged, besieged.trust).status is Status.RIGHT


def test_each_of_300_changed_bytes_under_a_strangers_seal_is_refused_and_named(
    besieged: Besieged, forged: Path
) -> None:
    stranger = House.found("别人")
    kept = {name: (forged / name).read_bytes() for name in LISTS}
    for change in spread(forged):
        trace = tamper.trace_of(forged, change)
        tamper.mutate(forged, change.path, change.offset)
        tamper.reseal(forged, stranger)
        assert names(check(forged, besieged.trust), tamper.SEAL), change
        if change.kind not in tamper.SEALED_ONLY:
            verdict = check(forged)
            assert names(verdict, trace, after_step=2), (change, trace, verdict.findings[:5])
        for name, content in kept.items():
            (forged / name).write_bytes(content)
        if change.path not in kept:
            tamper.mutate(forged, change.path, change.offset)

"""Changed bytes in the bag of a real case, with real footage and kills in it: each one found and named.

Forty in every run, 300 in the long one.

The kinds, the forger's tools and what the seal alone protects: `tests.faults.tamper`.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.verifier.findings import Status, Verdict
from archive.verifier.verify import verify
from tests.archive.authority import House
from tests.archive.remembered import remembered
from tests.faults import tamper
from tests.faults.conftest import SEED, Besieged
from tests.faults.tamper import Change

SHORT, LONG, PARTS = 40, 300, 6
RUNS = [
    (SHORT, slice(None)),
    *(pytest.param(LONG, slice(n, None, PARTS), marks=pytest.mark.full) for n in range(PARTS)),
]
"""How many changes are spread over the bag, and which of them one test looks at."""
LISTS = ("bag-info.txt", tamper.MANIFEST, tamper.TAG_MANIFEST, tamper.SEAL, tamper.SEAL_STAMP)
"""What a forger writes anew."""


@pytest.fixture(scope="module", autouse=True)
def _remembered() -> Iterator[None]:
    with remembered():
        yield


@pytest.fixture(scope="module")
def forged(besieged: Besieged, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A writable copy of the bag."""
    return tamper.copy(besieged.bag, tmp_path_factory.mktemp("forged") / besieged.bag.name)


def spread(bag: Path, count: int) -> list[Change]:
    """So many changes: every file of the root, then every other kind in turn; which byte, by a seeded lot."""
    lot, found = random.Random(SEED), tamper.kinds(bag)
    chosen = [("root", path) for path in found["root"] for _ in range(least(count))]
    names = sorted(found.keys() - {"root"})
    chosen += [(kind, lot.choice(found[kind])) for kind in _in_turn(names, count - len(chosen))]
    return [Change(kind, path, lot.randrange((bag / path).stat().st_size)) for kind, path in chosen]


def least(count: int) -> int:
    """How often every kind and every file of the root must be hit: five times among 300."""
    return max(1, count // 60)


def _in_turn(names: list[str], count: int) -> Iterator[str]:
    return (names[number % len(names)] for number in range(count))


def check(bag: Path, trust: Path | None = None) -> Verdict:
    return verify(bag, trust, lambda *_: None)


def names(verdict: Verdict, beginning: str, after_step: int = 0) -> bool:
    return any(one.step > after_step and one.object.startswith(beginning) for one in verdict.findings)


@pytest.mark.parametrize("count", [SHORT, LONG])
def test_the_changes_reach_every_kind_of_object_and_every_file_of_the_root(forged: Path, count: int) -> None:
    chosen = spread(forged, count)
    assert len(chosen) == count
    kinds = set(tamper.KINDS) - {"twin"}  # this case is signed by P-256 alone
    assert {change.kind for change in chosen} == kinds
    for kind in kinds:
        assert sum(change.kind == kind for change in chosen) >= least(count), kind
    for file in tamper.kinds(forged)["root"]:
        assert sum(change.path == file for change in chosen) >= least(count), file


@pytest.mark.parametrize(("count", "part"), RUNS)
def test_each_changed_byte_is_found_and_its_object_named(
    besieged: Besieged, forged: Path, count: int, part: slice
) -> None:
    for change in spread(forged, count)[part]:
        tamper.mutate(forged, change.path, change.offset)
        verdict = check(forged, besieged.trust)
        tamper.mutate(forged, change.path, change.offset)
        assert verdict.status is Status.WRONG, change
        assert names(verdict, change.path.removesuffix(".p7s")), (change, verdict.findings[:5])
    assert check(forged, besieged.trust).status is Status.RIGHT


@pytest.mark.parametrize(("count", "part"), RUNS)
def test_each_changed_byte_under_a_strangers_seal_is_refused_and_named(
    besieged: Besieged, forged: Path, count: int, part: slice
) -> None:
    stranger = House.found("别人")
    kept = {name: (forged / name).read_bytes() for name in LISTS}
    for change in spread(forged, count)[part]:
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

"""One changed byte anywhere in a sealed case is found and named; under a new seal it is refused and still named."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from archive.verifier.findings import Status, Verdict
from archive.verifier.verify import verify
from tests.archive import bag_example, twin_bag
from tests.archive.authority import House
from tests.archive.remembered import remembered
from tests.faults import tamper

CHANGES = 3 * len(tamper.KINDS)
PARTS = 4
SAMPLED = 211
"""Every so many bytes of a sheet's evidence are changed each time, all of them in the long run."""


@dataclass(frozen=True)
class SealedCase:
    """A sealed bag and the folder of what its centre published."""

    bag: Path
    trust: Path


@pytest.fixture(scope="module", autouse=True)
def _remembered() -> Iterator[None]:
    with remembered():
        yield


@pytest.fixture(scope="module")
def sealed_case(tmp_path_factory: pytest.TempPathFactory) -> SealedCase:
    """A small case made by hand, signed by P-256 and SM2."""
    folder = tmp_path_factory.mktemp("sealed")
    with pytest.MonkeyPatch.context() as patch:
        twin_bag.tell(patch)
        bag_example.write(folder)
    return SealedCase(folder / bag_example.CASE, folder / "trust")


def check(bag: Path, trust: Path | None = None) -> Verdict:
    return verify(bag, trust, lambda *_: None)


def names(verdict: Verdict, beginning: str, after_step: int = 0) -> bool:
    """Whether a finding of a later step is about an object that begins so."""
    return any(one.step > after_step and one.object.startswith(beginning) for one in verdict.findings)


def find_every_change(case: SealedCase, work: Path, count: int) -> None:
    """Each change alone makes the bag wrong, and the changed file is named."""
    bag = tamper.copy(case.bag, work / "changed")
    for change in tamper.changes(bag, count):
        tamper.mutate(bag, change.path, change.offset)
        verdict = check(bag, case.trust)
        assert verdict.status is Status.WRONG, change
        # A signature and what it signs are judged together: the finding may name either of the two.
        assert names(verdict, change.path.removesuffix(".p7s")), (change, verdict.findings)
        tamper.mutate(bag, change.path, change.offset)
    assert check(bag, case.trust).status is Status.RIGHT


def find_every_forgery(case: SealedCase, work: Path, count: int) -> None:
    """Each change sealed anew by a stranger is refused, and without trust the inner layers name the very object."""
    stranger = House.found("别人")
    bag = tamper.copy(case.bag, work / "forged")
    for change in tamper.changes(bag, count):
        trace = tamper.trace_of(bag, change)
        tamper.mutate(bag, change.path, change.offset)
        tamper.reseal(bag, stranger)
        assert names(check(bag, case.trust), tamper.SEAL), change
        if change.kind not in tamper.SEALED_ONLY:
            verdict = check(bag)
            assert names(verdict, trace, after_step=2), (change, trace, verdict.findings)
        tamper.mutate(bag, change.path, change.offset)


def test_one_changed_byte_anywhere_is_found_and_named(sealed_case: SealedCase, tmp_path: Path) -> None:
    find_every_change(sealed_case, tmp_path, CHANGES)


def test_a_changed_byte_under_a_new_seal_is_refused_and_named_by_the_inner_layers(
    sealed_case: SealedCase, tmp_path: Path
) -> None:
    find_every_forgery(sealed_case, tmp_path, CHANGES)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_each_byte_of_the_evidence_of_a_sheet_is_named_by_the_inner_layers(
    sealed_case: SealedCase, tmp_path: Path, part: int
) -> None:
    name_every_byte(sealed_case, tmp_path, slice(part, None, PARTS))


def test_bytes_here_and_there_of_the_evidence_of_a_sheet_are_named_by_the_inner_layers(
    sealed_case: SealedCase, tmp_path: Path
) -> None:
    name_every_byte(sealed_case, tmp_path, slice(SAMPLED // 2, None, SAMPLED))


def name_every_byte(case: SealedCase, work: Path, which: slice) -> None:
    """Each of these bytes changed alone, and sealed anew by a stranger: an inner layer names the file."""
    stranger, bag = House.found("别人"), tamper.copy(case.bag, work / "forged")
    for change in evidence(bag)[which]:
        trace = tamper.trace_of(bag, change)
        tamper.mutate(bag, change.path, change.offset)
        tamper.reseal(bag, stranger)
        verdict = check(bag)
        assert names(verdict, trace, after_step=2), (change, trace, verdict.findings)
        tamper.mutate(bag, change.path, change.offset)


def evidence(bag: Path) -> list[tamper.Change]:
    """Every byte of what proves one score sheet: the sheet, the authorisation, both signatures and their stamps."""
    files = tamper.kinds(bag)
    sheet = next(path for path in files["record"] if b'"kind":"sheet.signed"' in (bag / path).read_bytes())
    digest = sha256((bag / sheet).read_bytes()).hexdigest()
    released = next(path for path in files["authorisation"] if digest in (bag / path).read_text(encoding="utf-8"))
    beside = {".p7s": "signature", ".tsr": "timestamp", ".sm2.cms": "twin", ".sm2.tsr": "timestamp"}
    proof = {sheet: "record", released: "authorisation"}
    proof |= {sheet.replace(".json", ending): kind for ending, kind in beside.items()}
    return [tamper.Change(kind, path, at) for path, kind in proof.items() for at in range((bag / path).stat().st_size)]


def test_scenario_19_a_score_a_pdf_byte_a_segment_and_a_log_line_are_each_named_exactly(
    sealed_case: SealedCase, tmp_path: Path
) -> None:
    bag = tamper.copy(sealed_case.bag, tmp_path / "changed")
    files, log = tamper.kinds(bag), (bag / "data/log/log.jsonl").read_bytes()
    sheet = next(path for path in files["record"] if b'"kind":"sheet.signed"' in (bag / path).read_bytes())
    footage = next(path for path in files["footage"] if path.endswith(".webm"))
    eighth = sum(map(len, log.splitlines(keepends=True)[:7]))
    for path, offset, step, named in (
        (sheet, (bag / sheet).read_bytes().index(b'"scores":{') + 16, 5, sheet),
        ("data/report/report.pdf", 9, 10, "data/report/report.pdf"),
        (footage, -1, 11, f"{footage} segment 2"),
        ("data/log/log.jsonl", eighth + 40, 3, "data/log/log.jsonl line 8"),
    ):
        tamper.mutate(bag, path, offset)
        verdict = check(bag, sealed_case.trust)
        tamper.mutate(bag, path, offset)
        assert verdict.status is Status.WRONG
        assert named in {one.object for one in verdict.findings if one.step == step}, (path, verdict.findings)
    assert check(bag, sealed_case.trust).status is Status.RIGHT

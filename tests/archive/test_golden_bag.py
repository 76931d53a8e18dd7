"""A bag of yesterday, signed by P-256 and SM2: whatever the verifier becomes, it judges these bytes right for ever."""

from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from archive.verifier import verify
from archive.verifier.findings import Status, Verdict
from tests.archive.authority import NOW
from tests.archive.bag_example import CASE
from tests.archive.twin_bag import GOLDEN

A_DAY_LATER = NOW + 86400


@pytest.fixture(autouse=True)
def _the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time stamps end in 2036, and are renewed elsewhere."""
    monkeypatch.setattr(verify, "time", SimpleNamespace(time=lambda: A_DAY_LATER))


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    with ZipFile(GOLDEN) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def judged(folder: Path) -> Verdict:
    return verify.verify(folder / CASE, folder / "trust", lambda *_: None)


def test_the_golden_bag_is_right(golden: Path) -> None:
    assert list((golden / CASE / "data/records").glob("*.sm2.cms"))
    verdict = judged(golden)
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), Status.RIGHT)


def test_every_twin_every_stamp_beside_one_and_the_list_of_the_revoked_are_read(golden: Path) -> None:
    """One byte in the middle of each is changed, all at once: each is named by a step that looks into it."""
    bag = golden / CASE
    files = [*bag.glob("data/**/*.sm2.cms"), *bag.glob("data/**/*.sm2.tsr"), bag / "data/revoked.sm2.crl"]
    for file in files:
        changed = bytearray(file.read_bytes())
        changed[len(changed) // 2] ^= 1
        file.write_bytes(changed)
    named = {one.object.split()[0] for one in judged(golden).findings if one.step > 1}
    assert {file.relative_to(bag).as_posix() for file in files} <= named

"""The writer of the bag: common tools accept what it writes, and it never writes half a bag or one over another."""

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import bagit
import pytest

from archive import pyz
from archive.bag import BagExists, NameRefused, write_bag
from archive.bag_source import Seal
from tests.archive import bag_example
from tests.faults import tamper


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    bag_example.write(folder)
    return folder / bag_example.CASE


def instructions(bag: Path) -> list[str]:
    """The indented lines of VERIFY.txt."""
    text = (bag / "VERIFY.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if re.match(r" {4}\S", line)]


def by_hand(command: str, bag: Path) -> int:
    """The exit status of a line typed into a shell in the bag, where bagit.py is installed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-ec", command], cwd=bag, env={"PATH": path}, check=False, capture_output=True)
    return done.returncode


def test_bagit_and_sha256sum_accept_the_bag(bag: Path) -> None:
    assert bagit.Bag(str(bag)).is_valid()
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", manifest], cwd=bag, check=True)


def test_every_line_of_the_instructions_runs_as_it_stands(bag: Path) -> None:
    commands = instructions(bag)
    assert len(commands) == 15
    for command in commands[1:]:
        assert by_hand(command, bag) == 0, command
    # Without --trust the program says that it could not tell who sealed the bag.
    assert commands[0] == "python3 verify.pyz"
    assert by_hand(commands[0], bag) == 3


def test_the_instructions_fail_on_a_changed_bag(bag: Path, tmp_path: Path) -> None:
    copied = tamper.copy(bag, tmp_path / "bag")
    for path in copied.rglob("*"):
        if path.is_file() and path.suffix != ".pem":
            path.write_bytes(bytes(octet ^ 1 for octet in path.read_bytes()))
    for command in instructions(bag):
        # Two files that were changed alike are still alike.
        if "-fingerprint" not in command and "| cmp " not in command:
            assert by_hand(command, copied) != 0, command


def test_a_bag_is_never_written_over_another(bag: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in bag.rglob("*"))
    with pytest.raises(BagExists):
        bag_example.write(bag.parent / "again", target=bag)
    assert sorted((path, path.stat().st_mtime_ns) for path in bag.rglob("*")) == before


def test_a_bag_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    class Unplugged(Exception):
        pass

    def seal(_: bytes) -> Seal:
        raise Unplugged

    source, _ = bag_example.source(tmp_path)
    with pytest.raises(Unplugged):
        write_bag(tmp_path / "bag", source, seal)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["footage", "trust"]


def test_a_name_that_tools_spell_differently_is_refused(tmp_path: Path) -> None:
    source, _ = bag_example.source(tmp_path)
    for bad in ("../x.webm", "a b.webm", "A%0A.webm", "席位/take01.webm", "-x/.y"):
        source.footage[bad] = tmp_path / "footage/A-01/camera/take01.webm"  # type: ignore[index]
        with pytest.raises(NameRefused):
            write_bag(tmp_path / "bag", source, lambda data: Seal(data, data))
        del source.footage[bad]  # type: ignore[attr-defined]


def test_footage_is_linked_and_read_only(bag: Path) -> None:
    name = "A-01/camera/take01.webm"
    linked, recorded = bag / "data/footage" / name, bag.parent / "footage" / name
    assert linked.samefile(recorded)
    assert not any(path.stat().st_mode & 0o222 for path in bag.rglob("*") if path.is_file())


def test_the_program_in_the_bag_is_the_same_bytes_each_time_and_readable(bag: Path) -> None:
    built = pyz.build()
    assert built == pyz.build() == (bag / "verify.pyz").read_bytes()
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert archive.read("archive/verifier/der.py").startswith(b'"""Strict DER')
        assert {entry.date_time for entry in archive.infolist()} == {pyz.FIRST_MOMENT}
        assert not [name for name in names if "__pycache__" in name or "test" in name]

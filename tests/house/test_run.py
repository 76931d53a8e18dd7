"""`./run` works for a stranger: in an emptied environment, from any folder, before anything was installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.programs import BROUGHT_BY
from tests.house.tree import ROOT


def run(*arguments: str | Path, entry: Path = ROOT / "run", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """`./run` with no variable set at all, as `env -i` gives it."""
    return subprocess.run([entry, *arguments], cwd=cwd, env={}, capture_output=True, text=True, check=False)


def test_no_verb_prints_the_table_of_commands() -> None:
    shown = run()
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: ./run COMMAND")
    assert "  check " in shown.stdout


def test_an_unknown_verb_prints_the_table_and_fails() -> None:
    for verb in ("no-such-verb", ".*", "--no-such-option"):
        shown = run(verb)
        assert shown.returncode == 2
        assert shown.stdout == run().stdout


def test_a_verb_whose_module_is_not_there_is_not_offered(tmp_path: Path) -> None:
    entry = tmp_path / "run"
    shutil.copy(ROOT / "run", entry)
    assert "  demo " not in run(entry=entry, cwd=tmp_path).stdout
    assert run("demo", entry=entry, cwd=tmp_path).returncode == 2

    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "__main__.py").touch()
    assert "  demo " in run(entry=entry, cwd=tmp_path).stdout


def test_a_strangers_check_needs_python_alone_and_reads_paths_from_where_the_caller_stands(tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "evaluation").mkdir(parents=True)
    (house / "evaluation" / "__init__.py").touch()
    (house / "evaluation" / "tally.py").write_text(
        "import sys, pathlib\nprint(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'))\n", encoding="utf-8"
    )
    shutil.copy(ROOT / "run", house / "run")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sheet.json").write_text("得分", encoding="utf-8")
    (elsewhere / "evaluation.py").write_text("raise SystemExit('the wrong module')\n", encoding="utf-8")

    read = run("tally", "sheet.json", entry=house / "run", cwd=elsewhere)

    assert read.stdout == "得分\n", read.stderr
    assert not (house / ".venv").exists()


@pytest.mark.parametrize("verb", ["verify", "replay", "tally"])
def test_a_strangers_check_of_this_tree_starts_in_an_emptied_environment(verb: str, tmp_path: Path) -> None:
    shown = run(verb, tmp_path / "no-such-file", cwd=tmp_path)
    assert shown.returncode not in {0, 3}
    assert "Traceback" not in shown.stderr
    assert "no-such-file" in shown.stdout + shown.stderr


def test_every_program_a_test_may_start_is_one_that_run_installs() -> None:
    installed = re.findall(r"^ *system_needs ([a-z0-9 -]+)$", (ROOT / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(BROUGHT_BY.values()) <= set(" ".join(installed).split())


def test_a_program_that_nobody_installs_is_noticed(unprovided_programs: list[str]) -> None:
    with pytest.raises(FileNotFoundError):
        subprocess.run(["no-such-program"], check=False)
    assert unprovided_programs == ["no-such-program"]
    unprovided_programs.clear()

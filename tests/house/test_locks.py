"""The locks say what the lists say and the code imports, hold every package by its hash, and name no address."""

import json
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.contracts import imported_tops
from tests.house.tree import HOUSE, LONE_MODULES, OUTSIDE, ROOT, modules, text

LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"^([A-Za-z0-9_.-]+==\S+)", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    """`package==version` → its whole block in the lock, markers and hashes."""
    blocks = re.split(r"\n(?=\S)", text(Path(name)).strip())
    return {block.split(maxsplit=1)[0]: block for block in blocks}


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_what_the_list_asks_for(name: str) -> None:
    asked = {pin.lower() for pin in PINNED.findall(text(Path(name).with_suffix(".in")))}
    assert asked
    assert asked <= {pin.lower() for pin in locked(name)}, "run ./run lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_list_is_pinned(name: str) -> None:
    lines = text(Path(name).with_suffix(".in")).splitlines()
    assert not [line for line in lines if line and not line.startswith(("#", "-r ")) and not PINNED.match(line)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_held_by_its_hash(name: str) -> None:
    assert not [pin for pin, block in locked(name).items() if "--hash=sha256:" not in block]


def test_the_test_lock_holds_the_run_time_lock_whole() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def test_the_lock_of_the_browser_tools_fits_their_list() -> None:
    asked = json.loads(text(Path("package.json")))
    packages = json.loads(text(Path("package-lock.json")))["packages"]
    assert packages[""]["devDependencies"] == asked["devDependencies"]
    held = {name: packages[f"node_modules/{name}"]["version"] for name in asked["devDependencies"]}
    assert held == asked["devDependencies"]
    assert not [name for name, package in packages.items() if name and "integrity" not in package]


@pytest.mark.parametrize("name", [*LOCKS, "package-lock.json"])
def test_no_lock_names_an_address_to_fetch_from(name: str) -> None:
    fetched = re.compile(r"--(?:extra-)?index-url|--find-links|\"resolved\"|^\S+ @ ", re.MULTILINE)
    assert not fetched.findall(text(Path(name)))


@pytest.mark.parametrize(
    ("name", "importers"),
    [
        ("requirements.lock", modules(*HOUSE, *OUTSIDE, *(f"{module}.py" for module in LONE_MODULES))),
        ("requirements-dev.lock", modules("tests")),
    ],
)
def test_everything_imported_is_locked(name: str, importers: list[Path]) -> None:
    """A package that was installed by hand on one machine would be missing on the next."""
    ours = {*HOUSE, *OUTSIDE, *LONE_MODULES, "tests"}
    brought_by = packages_distributions()
    held = {_normal(pin.partition("==")[0]) for pin in locked(name)}
    imported = imported_tops(ROOT / path for path in importers) - ours - sys.stdlib_module_names
    assert not {top for top in imported if not held & {_normal(each) for each in brought_by.get(top, [])}}


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()

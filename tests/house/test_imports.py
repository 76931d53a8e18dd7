"""The import rules hold in this tree, and each was seen to refuse the import it is there to refuse."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.contracts import ENGINES, contracts, imported_tops
from tests.house.tree import HOUSE, LONE_MODULES, OUTSIDE, ROOT, modules


def lint(tree: Path, config: Path) -> subprocess.CompletedProcess[str]:
    config.write_text(contracts(tree), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", config, "--no-cache", "--no-logo"],
        cwd=tree,
        env=environment | {"COLUMNS": "400", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_point_the_way_they_should(tmp_path: Path) -> None:
    judged = lint(ROOT, tmp_path / "contracts.ini")
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("module", LONE_MODULES)
def test_a_lone_module_names_no_engine_that_is_not_its_own(module: str) -> None:
    foreign = {engine for engine, allowed in ENGINES.items() if module not in allowed}
    assert not foreign & imported_tops(ROOT / path for path in modules(f"{module}.py"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of every package of the house; one that does not stand yet is there, empty."""
    copy = tmp_path / "tree"
    for path in modules(*HOUSE, *OUTSIDE):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, copy / path)
    for package in (*HOUSE, *OUTSIDE):
        (copy / package).mkdir(parents=True, exist_ok=True)
        (copy / package / "__init__.py").touch()
    return copy


LAYERS = "imports point downwards, neighbours are strangers"
ROOT_STAYS_ROOT = "nobody imports the composition root"
FROM_OUTSIDE = "demo and bench use the house from outside"
NO_EFFECTS = "rule packages have no effects"
PLAIN_SIGNING = "rule packages know only the plain parts of signing"
STANDARD_LIBRARY = "what a stranger must trust uses the standard library only"


@pytest.mark.parametrize(
    ("broken", "planted"),
    [
        (
            LAYERS,
            {
                "signing/planted.py": "import draw",
                "draw/planted.py": "import identity",
                "identity/planted.py": "import evaluation",
                "evaluation/planted.py": "import expert_pool",
                "witnessing/planted.py": "import media",
                "media/planted.py": "import archive",
                "archive/planted.py": "import conduct",
                "conduct/planted.py": "import web",
                "web/planted.py": "import storage",
                "gateways/planted.py": "import web",
            },
        ),
        (
            ROOT_STAYS_ROOT,
            {"conduct/planted.py": "import server", "web/planted.py": "from settings import Settings"},
        ),
        (FROM_OUTSIDE, {"demo/planted.py": "import signing", "bench/planted.py": "import media"}),
        (NO_EFFECTS, {"venues/planted.py": "import time", "identity/planted.py": "from os import environ"}),
        (PLAIN_SIGNING, {"expert_pool/planted.py": "import signing.planted"}),
        (
            STANDARD_LIBRARY,
            {
                "evaluation/tally/planted.py": "import msgspec",
                "archive/verifier/planted.py": "import cryptography.x509",
                "archive/verifier/planted_too.py": "import signing.planted",
                "draw/planted.py": "import msgspec",
            },
        ),
        ("sqlalchemy is named only where it belongs", {"conduct/planted.py": "import sqlalchemy"}),
        ("aiohttp is named only where it belongs", {"media/planted.py": "from aiohttp import web"}),
        ("aiortc is named only where it belongs", {"web/planted.py": "import aiortc"}),
        ("av is named only where it belongs", {"web/planted.py": "import av"}),
        ("ffmpeg is named only where it belongs", {"archive/planted.py": "import ffmpeg"}),
    ],
)
def test_each_planted_import_breaks_its_contract(tree: Path, broken: str, planted: dict[str, str]) -> None:
    (tree / "signing" / "planted.py").write_text('"""No plain part."""\n', encoding="utf-8")
    for path, line in planted.items():
        culprit = tree / path
        culprit.parent.mkdir(exist_ok=True)
        (culprit.parent / "__init__.py").touch()
        culprit.write_text(f"{line}\n", encoding="utf-8")

    judged = lint(tree, tree / "contracts.ini")

    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert f"{broken} BROKEN" in judged.stdout
    told = judged.stdout.partition("Broken contracts")[2]
    for path in planted:
        name = ".".join(Path(path).with_suffix("").parts)
        assert re.search(rf"{re.escape(name)} -> ", told), name


def test_an_effect_behind_a_chain_of_imports_is_found(tree: Path) -> None:
    (tree / "signing" / "canonical.py").write_text("import secrets\n", encoding="utf-8")
    (tree / "draw" / "planted.py").write_text("import signing.canonical\n", encoding="utf-8")

    judged = lint(tree, tree / "contracts.ini")

    assert f"{NO_EFFECTS} BROKEN" in judged.stdout
    assert "signing.canonical -> secrets" in judged.stdout

"""The repository speaks of the product alone, and of no machine it happened to be written on."""

import re
from pathlib import Path

import pytest

from tests.house.tree import files, text

# Pieced together, so that this file does not hold what it forbids.
FOREIGN = re.compile(
    "|".join(
        (
            "/" + "work/",
            "/tm" + "p/(?:brief|studio|founder)",
            r"\." + "library/",
            "/root" + "/",
            "sub" + "agent",
            "farm-" + "(?:studio|bench)",
            r"https?://[^/\s\"]*(?:" + "|".join(("py" + "pi", "pythonhosted", "npm" + "js", "yarn" + "pkg")) + ")",
            r"\b(?:"
            + "|".join(("clau" + "de", "anthro" + "pic", "open" + "ai", "chat" + "gpt", "co" + "pilot"))
            + r")\b",
        )
    ),
    re.IGNORECASE,
)
BINARY = {".der", ".otf", ".pdf", ".png", ".webm", ".bin", ".ico", ".xlsx", ".zip", ".gz"}


def foreign_words(content: str) -> list[str]:
    return [found.group() for found in FOREIGN.finditer(content)]


def test_no_file_speaks_of_anything_but_the_product() -> None:
    readable = [path for path in files() if path.suffix not in BINARY and "vectors" not in path.parts]
    assert not {str(path): words for path in readable if (words := foreign_words(text(path)))}


def test_no_lock_names_an_address_to_fetch_from() -> None:
    locks = [Path("requirements.lock"), Path("requirements-dev.lock"), Path("package-lock.json")]
    fetched = re.compile(r"--(?:extra-)?index-url|--find-links|\"resolved\"|^\S+ @ ", re.MULTILINE)
    assert not {str(path): found for path in locks if (found := fetched.findall(text(path)))}


def test_every_locked_package_is_held_by_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        packages = re.split(r"\n(?=\S)", text(Path(name)).strip())
        assert all("--hash=sha256:" in package for package in packages), name


@pytest.mark.parametrize(
    "planted", ["see /wo" + "rk/notes", "https://files.python" + "hosted.org/x", "written by Chat" + "GPT"]
)
def test_a_planted_word_is_found(planted: str) -> None:
    assert foreign_words(planted)

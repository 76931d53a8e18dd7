"""The repository speaks of the product alone, and of no machine it happened to be written on."""

import re

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


@pytest.mark.parametrize(
    "planted", ["see /wo" + "rk/notes", "https://files.python" + "hosted.org/x", "written by Chat" + "GPT"]
)
def test_a_planted_word_is_found(planted: str) -> None:
    assert foreign_words(planted)

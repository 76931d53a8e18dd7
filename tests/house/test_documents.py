"""Documents keep to their form and to the tree: decisions are numbered, links lead somewhere, commands exist."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, text

DECISION_NAME = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def decisions() -> list[Path]:
    return [path for path in files() if path.parts[:2] == ("docs", "adr")]


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def test_decisions_are_numbered_once_and_titled_as_named() -> None:
    matches = {path: DECISION_NAME.fullmatch(path.name) for path in decisions()}
    assert not [str(path) for path, match in matches.items() if match is None]
    numbers = [match[1] for match in matches.values() if match]
    assert len(numbers) == len(set(numbers))
    untitled = [str(path) for path, match in matches.items() if match and not text(path).startswith(f"# {match[1]} ")]
    assert not untitled


def test_a_decision_fits_on_half_a_page() -> None:
    assert not [str(path) for path in decisions() if text(path).count("\n") > 60]


def test_every_link_of_a_document_leads_to_a_file() -> None:
    broken = [
        f"{path}: {target}"
        for path in documents()
        for target in LINK.findall(text(path))
        if not (ROOT / path.parent / target).exists()
    ]
    assert not broken


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_command_a_document_shows_is_in_the_usage(readme: str) -> None:
    usage = subprocess.run([ROOT / "run"], capture_output=True, text=True, check=True).stdout
    shown = set(re.findall(r"\./run ([a-z]+)", text(Path(readme))))
    offered = set(re.findall(r"^  ([a-z]+) ", usage, re.MULTILINE))
    assert shown <= offered


def test_the_glossary_has_one_line_a_term_and_no_term_twice() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text(Path("docs/glossary.md")), re.MULTILINE)
    terms = [english.strip() for english, _, _ in rows if not english.startswith(("English", "-"))]
    assert len(terms) > 80
    assert len(terms) == len(set(terms))

"""What a page says of the code is what the code does: roles, kinds of statements, refusals."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from archive.verifier.kinds import DEPLOYMENT_KINDS
from evaluation.life import LAWFUL
from evaluation.profile import Rules
from identity.roles import ADMISSIONS, Role, SignIn
from tests.house.code import exceptions_without_code
from tests.house.contracts import RULES
from tests.house.tree import files, modules, text

DOORS = {
    "account and password": SignIn.PASSWORD,
    "paired seat": SignIn.SEAT,
    "as member": SignIn.SEAT,
    "one-time link": SignIn.LINK,
}


def rows(page: Path) -> list[list[str]]:
    """The cells of each table row of a page whose first cell is code."""
    lines = [line for line in text(page).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_page_of_roles_and_the_table_of_roles_are_one() -> None:
    written = {cells[0].strip("`"): cells[2] for cells in rows(Path("docs/roles.md"))}
    assert set(written) == {role.value for role in Role}
    for role, words in written.items():
        door = next(door for start, door in DOORS.items() if words.startswith(start))
        assert ADMISSIONS[Role(role)].by is door, role


def test_every_kind_of_statement_a_page_lists_has_its_place_in_the_life_of_a_case() -> None:
    pages = [path for path in files() if path.parent == Path("docs") and path.stem.startswith("records")]
    listed = {kind for page in pages for cells in rows(page) for kind in re.findall(r"`([a-z]+\.[a-z]+)`", cells[0])}
    assert listed - set(DEPLOYMENT_KINDS) == set(LAWFUL)


def test_every_test_that_the_page_of_threats_names_is_there() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", text(Path("docs/threats.md"))))
    there = {
        name
        for path in files()
        if path.parts[0] == "tests" and path.suffix == ".py"
        for name in re.findall(r"^(?:async )?def (test_\w+)", text(path), re.MULTILINE)
    }
    assert len(named) > 25
    assert named <= there, named - there


def test_every_refusal_has_a_code() -> None:
    assert not [
        f"{path}:{line}"
        for path in modules(*RULES, "signing", "archive", "conduct")
        for line in exceptions_without_code(ast.parse(text(path)))
    ]


@pytest.mark.parametrize(
    "source", ["class Nameless(Exception): ...", "class Nameless(ValueError):\n    '''No code.'''"]
)
def test_a_refusal_without_a_code_is_found(source: str) -> None:
    assert list(exceptions_without_code(ast.parse(source)))


def test_every_value_of_a_rule_profile_is_read_by_the_procedure() -> None:
    own = {Path("evaluation/profile.py"), Path("web/profile_words.py")}
    code = "\n".join(text(path) for path in modules("conduct", "evaluation", "web", "expert_pool") if path not in own)
    values = [field.name for kind in get_type_hints(Rules).values() for field in fields(kind)]
    assert [value for value in values if not re.search(rf"\.{value}\b", code)] == []

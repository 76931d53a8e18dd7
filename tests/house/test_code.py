"""The habits of the house that ruff cannot see hold in every module, and each check was seen to find its fault."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import code
from tests.house.tree import HOUSE, LONE_MODULES, OUTSIDE, files, modules, text

MODULE_LINES = 400
COMPOSITION_ROOT_LINES = 200
# Tables and migrations are lists: splitting them would hide what they are.
LISTS = ("storage/tables", "storage/migrations")
VAGUE_NAMES = {"utils", "util", "common", "core", "helpers", "helper", "misc", "manager"}

# Words that are part of statements, certificates or the bag, so that no catalogue may change them.
WORDS_IN_SIGNED_BYTES = {
    Path("archive/verifier/blinds.py"),
    Path("evaluation/blind.py"),
    Path("evaluation/steps/room.py"),
    Path("signing/ca.py"),
    Path("storage/deployment_keys.py"),
    Path("settings.py"),
}
# Words that bidders write and the house reads, never says.
WORDS_OF_OTHERS = {
    Path("evaluation/precheck/capital.py"),
    Path("evaluation/precheck/traces.py"),
}
# The outermost loops: of a write, which hands every error to its caller; of a call over HTTP; of the server, its clock,
# its room and its outbox, none of which may end because one case or message is in trouble; of the child that reads one
# stranger's file.
OUTERMOST_LOOPS = {
    Path("storage/writer.py"),
    Path("web/errors.py"),
    Path("server.py"),
    Path("conduct/scheduler.py"),
    Path("conduct/rooms.py"),
    Path("conduct/posting.py"),
    Path("conduct/stamping.py"),
    Path("conduct/cosigning.py"),
    Path("conduct/precheck_worker.py"),
    Path("media/embedded/plane.py"),
    Path("media/embedded/port.py"),
}

Rule = Callable[[ast.Module], Iterator[int]]


def faults(rule: Rule, paths: list[Path]) -> list[str]:
    return [f"{path}:{line}" for path in paths for line in rule(ast.parse(text(path), filename=str(path)))]


def house_modules() -> list[Path]:
    return modules(*HOUSE, *(f"{name}.py" for name in LONE_MODULES))


def test_no_module_outgrows_the_stop() -> None:
    ours = [path for path in files() if path.suffix in {".py", ".js"} and path.parts[0] != "tests"]
    long = {
        str(path): lines
        for path in ours
        if not str(path).startswith(LISTS) and (lines := text(path).count("\n")) > MODULE_LINES
    }
    assert not long


def test_the_composition_root_stays_one_screen_of_wiring() -> None:
    assert all(text(path).count("\n") <= COMPOSITION_ROOT_LINES for path in modules("server.py"))


def test_every_module_says_what_it_owns() -> None:
    silent = [str(path) for path in modules() if not ast.get_docstring(ast.parse(text(path)))]
    assert not silent


def test_modules_and_classes_are_named_after_their_subject() -> None:
    vague = [str(path) for path in files() if VAGUE_NAMES & {part.lower() for part in (*path.parent.parts, path.stem)}]
    managers = [
        f"{path}:{node.lineno}"
        for path in modules(*HOUSE, *OUTSIDE)
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Utils"))
    ]
    assert not vague + managers


def test_every_task_has_an_owner() -> None:
    assert not faults(code.loose_tasks, modules(*HOUSE, *OUTSIDE, "server.py"))


def test_evaluation_knows_no_binary_fractions() -> None:
    assert not faults(code.floats, modules("evaluation"))


def test_chinese_is_written_in_catalogues_profiles_and_templates_only() -> None:
    free = WORDS_IN_SIGNED_BYTES | WORDS_OF_OTHERS
    bound = [path for path in house_modules() if "profiles" not in path.parts and path not in free]
    assert not faults(code.untranslated_chinese, bound)


def test_nothing_swallows_every_error_but_the_outermost_loop() -> None:
    assert not faults(code.swallowed, [path for path in house_modules() if path not in OUTERMOST_LOOPS])


def test_no_name_of_a_module_is_given_two_values() -> None:
    assert not faults(code.bound_twice, modules())


def test_every_test_can_fail() -> None:
    assert not faults(code.weak_tests, modules("tests"))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (code.loose_tasks, "asyncio.create_task(work())"),
        (code.loose_tasks, "asyncio.get_running_loop().create_task(work())"),
        (code.loose_tasks, "loop.create_task(work())"),
        (code.loose_tasks, "ensure_future(work())"),
        (code.floats, "x = float(price)"),
        (code.floats, "x = 0.5"),
        (code.untranslated_chinese, "title = '评标报告'"),
        (code.untranslated_chinese, "title = f'{name}评标报告'"),
        (code.untranslated_chinese, "name = '𠮷'"),
        (code.swallowed, "try:\n    act()\nexcept Exception:\n    pass"),
        (code.swallowed, "try:\n    act()\nexcept:\n    pass"),
        (code.swallowed, "try:\n    act()\nexcept (ValueError, BaseException):\n    pass"),
        (code.bound_twice, "SENT = 1\n\n\nSENT = 2"),
        (code.bound_twice, "SENT: int = 1\nSENT: int = 2"),
        (code.weak_tests, "pytest.skip('later')"),
        (code.weak_tests, "@pytest.mark.xfail\ndef test(): ..."),
        (code.weak_tests, "time.sleep(1)"),
        (code.weak_tests, "async def test():\n    await asyncio.sleep(0.1)"),
        (code.weak_tests, "assert True"),
    ],
)
def test_a_planted_fault_is_found(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source)))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (code.loose_tasks, "async with asyncio.TaskGroup() as tasks:\n    tasks.create_task(work())"),
        (code.floats, "x = Decimal('0.5')"),
        (code.untranslated_chinese, '"""评标报告 is the report."""\ntitle = _("评标报告")'),
        (code.untranslated_chinese, "raise ReportRefused('at most three candidates (实施条例 Art. 53)')"),
        (code.swallowed, "try:\n    act()\nexcept ValueError:\n    pass"),
        (code.swallowed, "try:\n    act()\nexcept BaseException:\n    undo()\n    raise"),
        (code.bound_twice, "SENT: int\nSENT = 1\n\n\ndef f():\n    SENT = 2"),
        (code.weak_tests, "async def test():\n    await asyncio.sleep(0)\n    assert seen"),
    ],
)
def test_what_is_allowed_is_left_alone(rule: Rule, source: str) -> None:
    assert not list(rule(ast.parse(source)))

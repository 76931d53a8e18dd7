"""What the house forbids in Python source beyond the reach of ruff; each rule is a function from a module to faults."""

import ast
import builtins
import re
from collections.abc import Iterator

TRANSLATED_BY = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
# The source of a rule, as in "实施条例 Art. 53": a citation is no sentence for a page.
CITATION = re.compile(r"[\u3400-\u9fff\d〔〕()]+ (?:Art|item)")
LOOPS = {"asyncio", "loop", "get_event_loop", "get_running_loop", "new_event_loop"}


def loose_tasks(module: ast.Module) -> Iterator[int]:
    """Lines that start a task which no TaskGroup owns."""
    for call in _calls(module):
        match call.func:
            case ast.Attribute(attr="create_task" | "ensure_future", value=owner) if _last_name(owner) in LOOPS:
                yield call.lineno
            case ast.Name(id="create_task" | "ensure_future"):
                yield call.lineno


def floats(module: ast.Module) -> Iterator[int]:
    """Lines that make a binary fraction: a literal or a call of `float`."""
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=float()) | ast.Call(func=ast.Name(id="float")):
                yield node.lineno


def untranslated_chinese(module: ast.Module) -> Iterator[int]:
    """Lines with a Chinese literal that is neither a docstring nor an argument of the catalogue's function."""
    exempt = {id(part) for docstring in _docstrings(module) for part in ast.walk(docstring)}
    for call in _calls(module):
        if _last_name(call.func) in TRANSLATED_BY:
            exempt.update(id(part) for part in ast.walk(call))
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=str(literal)) if HAN.search(CITATION.sub("", literal)) and id(node) not in exempt:
                yield node.lineno


def bound_twice(module: ast.Module) -> Iterator[int]:
    """Lines that give a module's name a second value: whoever read the first now reads the second."""
    bound: set[str] = set()
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                if name in bound:
                    yield node.lineno
                bound.add(name)


def swallowed(module: ast.Module) -> Iterator[int]:
    """Lines that catch everything and do not raise it again."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and not isinstance(node.body[-1], ast.Raise):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(each is None or _last_name(each) in {"Exception", "BaseException"} for each in caught):
                yield node.lineno


BUILT_IN = {name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, Exception)}


def exceptions_without_code(module: ast.Module) -> Iterator[int]:
    """Lines of public exception classes straight below a built-in one that set no `code`, on the class or in it."""
    for node in ast.walk(module):
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        if any(_last_name(base) in BUILT_IN for base in node.bases):
            targets = [
                target
                for part in ast.walk(node)
                if isinstance(part, ast.Assign | ast.AnnAssign)
                for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
            ]
            if "code" not in {_last_name(target) for target in targets}:
                yield node.lineno


def weak_tests(module: ast.Module) -> Iterator[int]:
    """Lines of a test that let it pass unseen: skips, expected failures, sleeps, `assert True`."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(attr="skip" | "skipif" | "xfail" | "importorskip"):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="sleep", value=owner), args=[pause, *_]):
                if _last_name(owner) in {"time", "asyncio"} and not _is_zero(pause):
                    yield node.lineno
            case ast.Assert(test=ast.Constant()):
                yield node.lineno


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _calls(module: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module) if isinstance(node, ast.Call))


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _last_name(function)
        case _:
            return ""


def _docstrings(module: ast.Module) -> Iterator[ast.Expr]:
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for first in node.body[:1]:
                if isinstance(first, ast.Expr):
                    yield first

"""Which way imports point, written as import-linter contracts for a given tree.

The contracts are made from the tree because two of them name what is *not* listed here: every other module of
`signing`, every package that is not of the standard library. A package that does not stand yet binds nobody.
"""

import ast
import configparser
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.house.tree import HOUSE, LONE_MODULES, OUTSIDE

LAYERS = (
    "(web) | (storage) | (gateways)",
    "(conduct)",
    "(archive)",
    "(evaluation) | (expert_pool) | (venues) | (witnessing) | (media)",
    "(identity)",
    "(draw)",
    "(signing)",
)
RULES = ("evaluation", "expert_pool", "venues", "witnessing", "identity", "draw")
PLAIN_SIGNING = tuple(
    f"signing.{name}"
    for name in ("canonical", "merkle", "note", "statement", "cosignature", "cosign_policy", "witness")
)
PAPERS = tuple(f"signing.{name}" for name in ("pdf", "pdf_fields", "pdf_file", "pdf_stamp"))
"""How a signed report is spelled: the stranger's program reads it, no rule does."""
STANDARD_LIBRARY_ONLY = (*PLAIN_SIGNING, *PAPERS, "draw", "evaluation.absent", "evaluation.tally", "archive.verifier")
FRAMEWORKS = ("aiohttp", "aiortc", "av", "sqlalchemy", "jinja2", "ffmpeg")
EFFECTS = (*FRAMEWORKS, "asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time")
# Engine → who may name it.
ENGINES = {
    "sqlalchemy": ("storage",),
    "aiohttp": ("web", "gateways", "server", "demo", "bench"),
    "aiortc": ("media", "demo", "bench"),
    "av": ("media", "demo", "bench"),
    "ffmpeg": ("media", "demo", "bench"),
}


def contracts(tree: Path) -> str:
    """The configuration of import-linter for the packages that stand in `tree`, one section a contract."""
    modules = _modules(tree)
    packages = [name for name in (*HOUSE, *OUTSIDE) if name in modules]
    plain = [name for name in modules if _within(name, PLAIN_SIGNING)]

    config = configparser.ConfigParser()
    config["importlinter"] = {"root_packages": _lines(packages), "include_external_packages": "True"}
    config["importlinter:contract:layers"] = {
        "name": "imports point downwards, neighbours are strangers",
        "type": "layers",
        "layers": _lines(LAYERS),
    }

    def forbid(name: str, sources: list[str], targets: list[str], *, direct_only: bool = False) -> None:
        if sources and targets:
            config[f"importlinter:contract:{name}"] = {
                "name": name,
                "type": "forbidden",
                "source_modules": _lines(sources),
                "forbidden_modules": _lines(targets),
                "allow_indirect_imports": str(direct_only),
            }

    def standing(names: tuple[str, ...]) -> list[str]:
        return [name for name in names if name in modules]

    forbid("nobody imports the composition root", packages, list(LONE_MODULES))
    forbid("demo and bench use the house from outside", standing(OUTSIDE), list(HOUSE))
    forbid("rule packages have no effects", standing(RULES), list(EFFECTS))
    forbid(
        "rule packages know only the plain parts of signing",
        standing(RULES),
        [name for name in modules if name.startswith("signing.") and name not in plain],
    )
    forbid(
        "what a stranger must trust uses the standard library only",
        standing(STANDARD_LIBRARY_ONLY),
        [
            *_dependencies(tree, packages),
            *(name for name in modules if _is_leaf(name, modules) and not _within(name, STANDARD_LIBRARY_ONLY)),
        ],
    )
    for engine, allowed in ENGINES.items():
        others = [name for name in packages if name not in allowed]
        forbid(f"{engine} is named only where it belongs", others, [engine], direct_only=True)
    return _written(config)


def _modules(tree: Path) -> list[str]:
    """Dotted names of every module in the packages of `tree`, packages included."""
    tops = [top for top in (*HOUSE, *OUTSIDE) if (tree / top / "__init__.py").is_file()]
    # A folder without `__init__.py` holds programs of their own (ADR 0700), not modules of the package above it.
    paths = (path for top in tops for path in (tree / top).rglob("*.py") if (path.parent / "__init__.py").is_file())
    found = (path.relative_to(tree).with_suffix("") for path in paths)
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in found)


def imported_tops(paths: Iterable[Path]) -> set[str]:
    """The top-level names that the Python files at `paths` import."""
    names: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
            match node:
                case ast.Import():
                    names.update(alias.name.partition(".")[0] for alias in node.names)
                case ast.ImportFrom(module=str(module), level=0):
                    names.add(module.partition(".")[0])
    return names


def _dependencies(tree: Path, packages: list[str]) -> list[str]:
    """What `packages` import that is neither of the house nor of the standard library."""
    paths = (path for package in packages for path in (tree / package).rglob("*.py"))
    return sorted(imported_tops(paths) - {*HOUSE, *OUTSIDE, *LONE_MODULES} - sys.stdlib_module_names)


def _within(name: str, parts: tuple[str, ...]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def _is_leaf(name: str, modules: list[str]) -> bool:
    return not any(other.startswith(f"{name}.") for other in modules)


def _lines(names: list[str] | tuple[str, ...]) -> str:
    return "\n".join(("", *names))


def _written(config: configparser.ConfigParser) -> str:
    sections = []
    for section in config.sections():
        options = "\n".join(
            f"{key} = {value.replace(chr(10), chr(10) + '    ')}" for key, value in config[section].items()
        )
        sections.append(f"[{section}]\n{options}\n")
    return "\n".join(sections)

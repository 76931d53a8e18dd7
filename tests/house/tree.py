"""The committed text of this project, as the house tests read it: what belongs to it and what is somebody else's."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

# The packages of the house, top first; docs/architecture.md says what each owns.
HOUSE = (
    "web",
    "storage",
    "gateways",
    "conduct",
    "archive",
    "evaluation",
    "expert_pool",
    "venues",
    "witnessing",
    "media",
    "identity",
    "draw",
    "signing",
)
OUTSIDE = ("demo", "bench", "keyservice")
LONE_MODULES = ("server", "house", "settings", "restamp")


# What the tools and the server leave in a checkout, and what others wrote.
NOT_OURS = {"node_modules", "var", "vendor", "__pycache__"}
OUR_DOT_FILES = {".ci", ".gitattributes", ".gitignore", ".npmrc", ".prettierignore", ".prettierrc"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to its root; needs no git, so a downloaded archive checks itself too."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_OURS or (path.name.startswith(".") and path.name not in OUR_DOT_FILES):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path.relative_to(ROOT)


def modules(*tops: str) -> list[Path]:
    """The Python files under the named top folders, or of the whole project when none is named."""
    return [path for path in files() if path.suffix == ".py" and (not tops or path.parts[0] in tops)]


def text(path: Path) -> str:
    """The content of a file named by `files`."""
    return (ROOT / path).read_text(encoding="utf-8")

"""The committed text of this project, as the house tests read it: what belongs to it and what is somebody else's."""

import subprocess
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
OUTSIDE = ("demo", "bench")
LONE_MODULES = ("server", "settings")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is committed or would be by `git add .`, without vendored ones, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (Path(line) for line in listing.stdout.splitlines())
    return tuple(sorted(path for path in set(paths) if "vendor" not in path.parts and (ROOT / path).is_file()))


def modules(*tops: str) -> list[Path]:
    """The Python files under the named top folders, or of the whole project when none is named."""
    return [path for path in files() if path.suffix == ".py" and (not tops or path.parts[0] in tops)]


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")

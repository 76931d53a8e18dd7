"""What members and leader wait for while they evaluate: a large tally, beside its scores merely added up."""

import asyncio
import sys
from pathlib import Path

from bench.figures import say

ROOT = Path(__file__).parent.parent
LARGE_TALLY = Path(__file__).parent / "launch" / "large_tally.py"
BIDDERS, MEMBERS, ITEMS = 60, 11, 80


async def tally(_: Path) -> None:
    """Sixty bidders, eleven members, eighty items, in a process of its own. Raises `RuntimeError`."""
    found = await _figures(LARGE_TALLY, BIDDERS, MEMBERS, ITEMS)
    say("evaluation.tally_floor_ms", found["floor"], "ms")
    for part in ("gather", "read", "compute", "write"):
        say(f"evaluation.tally_{part}_ms", found[part], "ms")
    say("evaluation.tally_ms", found["tally"], "ms")
    say("evaluation.tally_over_floor", found["tally"] / found["floor"], "ratio")


async def _figures(program: Path, *arguments: int) -> dict[str, float]:
    """What a program of `bench/launch` prints, one figure a line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), *(str(argument) for argument in arguments), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, words = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{program.name} ended with {process.returncode}: {words.decode()[-1000:]}")
    return {key: float(value) for key, value in (line.split() for line in said.decode().splitlines())}
